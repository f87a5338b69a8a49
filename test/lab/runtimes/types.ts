import type { Result } from '../process.ts'

/** A container of a real runtime, made and not started. Every method but `exec` and `pid` fails if the runtime does. */
export interface RealContainer {
  readonly name: string
  /** Resolves when the runtime says that it runs. */
  readonly start: () => Promise<void>
  /** Asks its first process to end. */
  readonly stop: () => Promise<void>
  /** SIGKILL to its first process, behind the runtime's back; resolves when the runtime knows. */
  readonly kill: () => Promise<void>
  /** Ends and starts it by the runtime's own command: another process, another network namespace. */
  readonly restart: () => Promise<void>
  /** Takes it from the runtime, running or not. */
  readonly remove: () => Promise<void>
  /** Its first process, as the runtime tells; undefined while it does not run. */
  readonly pid: () => Promise<number | undefined>
  /** Runs a command of BusyBox inside, by the runtime's own command. */
  readonly exec: (argv: readonly string[]) => Promise<Result>
}

export interface ContainerOptions {
  /** Lines of shell that run inside before anything else does, each time that it starts. */
  readonly boot?: string
}

/** What runs inside of it: `boot`, then nothing, until it is asked to end. */
export function mainScript({ boot = '' }: ContainerOptions): string {
  return `${boot}\ntrap 'exit 0' TERM\nsleep 86400 &\nwait\n`
}
