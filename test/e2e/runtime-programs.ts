import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../lab/process.ts'
import { writeScript } from '../lab/runtimes/rootfs.ts'
import type { Scene } from './runtime-fixtures.ts'

const FOLDERS = ['/usr/sbin', '/usr/bin']

/** A folder for `path` in which the program is a script that does nothing but these lines. */
export function instead({ lab, tool }: Scene, lines: string): string {
  const folder = emptyFolder(join(lab.directory, 'instead'))
  writeScript(join(folder, tool), `${lines}\n`)
  return folder
}

/** A folder that has every program of this machine but the one by which the runtime is asked. */
export function without({ lab, tool }: Scene): string {
  const folder = emptyFolder(join(lab.directory, 'without'))
  const programs = FOLDERS.flatMap((from) =>
    readdirSync(from).map((name) => [name, join(from, name)] as const),
  )
  for (const [name, path] of programs)
    if (name !== tool && !existsSync(join(folder, name))) symlinkSync(path, join(folder, name))
  symlinkSync(process.execPath, join(folder, 'node-of-tests'))
  return folder
}

/** A folder for `path` by which every call of the program is noted, and how to read the notes. */
export function noted(
  scene: Scene,
  program: string,
): { readonly folder: string; readonly calls: () => readonly string[] } {
  const folder = emptyFolder(join(scene.lab.directory, `noted-${program}`))
  const notes = join(folder, 'notes')
  writeScript(join(folder, program), `printf '%s\\n' "$1 $2 $3 $4 $5" >>'${notes}'\n${real(scene, program)}`)
  const calls = (): readonly string[] =>
    existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []
  return { folder, calls }
}

/**
 * A folder for `path` by which the first batch of changes waits (10 s at most) until `between` is done, once what is planned
 * has been read. Resolves with what `pass` comes to.
 */
export async function betweenPlanAndApply<T>(
  scene: Scene,
  between: () => Promise<void>,
  pass: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = emptyFolder(join(scene.lab.directory, 'between'))
  const [begun, over] = [join(folder, 'begun'), join(folder, 'over')]
  const waiting = `n=0; while [ ! -e '${over}' ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done`
  const isFirst = `[ "$last" != - ] && mkdir '${begun}' 2>/dev/null`
  const lines = `for last; do :; done\ncase " $* " in *' -batch '*) if ${isFirst}; then ${waiting}; fi ;; esac\n`
  writeScript(join(folder, 'ip'), `${lines}${real(scene, 'ip')}`)
  const passing = pass(folder)
  const meanwhile = async (): Promise<void> => {
    if (await eventually(() => existsSync(begun))) await between()
    writeFileSync(over, '')
  }
  const [result] = await Promise.all([passing, meanwhile()])
  if (!existsSync(begun)) throw new Error('the pass changed nothing')
  return result
}

function real({ folders = [] }: Scene, program: string): string {
  return `PATH='${[...folders, ...FOLDERS].join(':')}' exec ${program} "$@"\n`
}

function emptyFolder(folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}
