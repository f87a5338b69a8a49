import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import { eventually, inNamespace, mustRun, runCommand, type Result, type RunOptions } from '../process.ts'

const ROOM = join(process.cwd(), 'test/lab/runtimes/room.sh')

/** Where a lab's containers are started: the network of its host, files below its directory, a cgroup for all. */
export interface Room {
  readonly lab: Lab
  /** For files of the runtimes. */
  readonly directory: string
  /** The cgroup of everything, by its path below the root of the hierarchy. */
  readonly cgroup: string
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<Result>
  /** The same, but a failure is an error. */
  readonly must: (argv: readonly string[], options?: RunOptions) => Promise<string>
  /** Ends every process that was started in here; safe to call twice. It also happens when the tests' process ends. */
  readonly end: () => Promise<void>
}

/** Takes a root that may mount and make cgroups: the error says what was in the way. To be ended before its lab is. */
export async function openRoom(lab: Lab): Promise<Room> {
  const directory = join(lab.directory, 'runtimes')
  mkdirSync(directory, { recursive: true })
  const holder = startHolder(lab, directory)
  if (!(await eventually(() => holder.pid() > 0 || holder.isOver())) || holder.isOver())
    throw new Error(`containers cannot be started here (docker: --privileged): ${holder.said()}`)
  const cgroup = `slash64-${lab.id}-room`
  const joinGroup = `echo $$ >/sys/fs/cgroup/${cgroup}/callers/cgroup.procs; exec "$@"`
  const enter = [
    'nsenter',
    `--target=${holder.pid()}`,
    '--mount',
    '--net',
    '--wd=/',
    'sh',
    '-c',
    joinGroup,
    'sh',
  ]
  return {
    lab,
    directory,
    cgroup,
    run: async (argv, options) => runCommand([...enter, ...argv], options),
    must: async (argv, options) => mustRun([...enter, ...argv], options),
    end: holder.end,
  }
}

interface Holder {
  /** 0 until it is known. */
  readonly pid: () => number
  readonly said: () => string
  readonly isOver: () => boolean
  readonly end: () => Promise<void>
}

function startHolder(lab: Lab, directory: string): Holder {
  const words = ['unshare', '--mount', '--propagation', 'private', 'sh', ROOM, lab.id, directory]
  const [command = '', ...args] = inNamespace(lab.namespace('host'), words)
  // In a session of its own: it outlives whatever ends the tests, just to clean up.
  const child = spawn(command, args, { stdio: 'pipe', detached: true })
  let [said, isOver] = ['', false]
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stdin.on('error', () => undefined)
  const closed = whenClosed(child)
  void closed.then(() => (isOver = true))
  return {
    pid: () => Number(/^room (\d+)$/m.exec(said)?.[1] ?? 0),
    said: () => said,
    isOver: () => isOver,
    end: async () => {
      child.stdin.end()
      if ((await closed) !== 0) throw new Error(`room.sh failed: ${said}`)
    },
  }
}

async function whenClosed(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on('error', () => resolve(1)).on('close', (code) => resolve(code ?? 1))
  })
}
