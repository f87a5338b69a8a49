import { readdirSync, readFileSync } from 'node:fs'

/** A running haproxy: which file it was started with is in its arguments. */
export interface Haproxy {
  readonly pid: number
  readonly parent: number
  /** Clock ticks since boot; numbers of processes begin anew at pid_max. */
  readonly started: number
  readonly argv: readonly string[]
}

/** Every haproxy whose arguments name a file below the directory, masters and workers. */
export function findHaproxies(directory: string): readonly Haproxy[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readHaproxy(Number(name)) ?? [])
    .filter(({ argv }) => argv.some((word) => word.startsWith(`${directory}/`)))
}

function readHaproxy(pid: number): Haproxy | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // `pid (name) state parent ...`, and the time of its start as 22nd field; a zombie has no arguments left.
    const [, name, rest = ''] = /\((.*)\) (.*)/.exec(stat) ?? []
    if (name !== 'haproxy') return undefined
    const fields = rest.split(' ')
    const [parent, started] = [Number(fields[1]), Number(fields[19])]
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    return { pid, parent, started, argv }
  } catch {
    // It ended meanwhile.
    return undefined
  }
}

/**
 * Ends them, by their numbers, and waits (2 s at most) until they are gone: while one lives, so do its namespace and its
 * ports. Synchronous, so that it also serves a process that is about to end.
 */
export function endHaproxies(directory: string): void {
  const wait = new Int32Array(new SharedArrayBuffer(4))
  for (let round = 0; round < 100; round += 1) {
    const found = findHaproxies(directory)
    if (found.length === 0) return
    for (const { pid } of found) endProcess(pid)
    Atomics.wait(wait, 0, 0, 20)
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself: the worker of a master that was ended first.
  }
}
