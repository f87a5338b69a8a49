import type { SystemError } from './errors.ts'
import type { Argv, Asked, Endpoint, Places, Setting } from '../engine/types.ts'

/**
 * The only door to the outside world. Every rejection is a `SystemError`. Three implementations: `node.ts` (real),
 * `read-only.ts` (refuses every write) and `memory/` (a strict host in memory).
 */
export interface System {
  /** Where this instance keeps its files. */
  readonly places: Places
  /** Runs a command that only reads, without a shell, under LC_ALL=C and a deadline; resolves to its stdout. */
  query(argv: Argv, asked?: Asked): Promise<string>
  /**
   * Runs a command that changes the host. `script` is written whole to a file of its own, which becomes the last
   * argument: a writer killed half-way over a pipe would leave half a line that ip or nft runs. `settings` of the
   * namespace that the command enters (`ip -n`) are written first, by the same process.
   */
  run(argv: Argv, script?: string, settings?: readonly Setting[]): Promise<string>
  /** The value without its final newline. `name` is a path below /proc/sys. */
  readSysctl(name: string): Promise<string>
  writeSysctl(name: string, value: string): Promise<void>
  readFile(path: string): Promise<string>
  /** Where a symbolic link points to; of `/proc/PID/ns/net`: `net:[INODE]`. */
  readLink(path: string): Promise<string>
  /** Replaces the file atomically (new file, fsync, rename), making its directory if need be. */
  writeFile(path: string, content: string): Promise<void>
  removeFile(path: string): Promise<void>
  /** Removes the directory with everything in it; fine if there is none. */
  removeTree(path: string): Promise<void>
  /** Makes the directory, and those above it, unless it is there. */
  makeDirectory(path: string, mode: number): Promise<void>
  /**
   * Connects to a UNIX socket (a path) or over TCP, sends the request, and resolves to all that comes
   * back until the other side closes. `not-found`: nobody listens there (ENOENT, ECONNREFUSED); `timeout`: 5 s,
   * unless told (milliseconds).
   */
  exchange(to: string | Endpoint, request: string, deadline?: number): Promise<string>
  /**
   * Takes the lock of this network namespace, or rejects with `busy` and who holds it in `detail`. How long it is waited for
   * is a setting of the System; `stop` ends that.
   */
  lock(stop?: AbortSignal): Promise<{ release(): Promise<void> }>
  /** Why the run directory takes no script, so that `run` puts it elsewhere; tried now. Undefined when it does. */
  scriptFault(): Promise<SystemError | undefined>
  /** The time of day, for people. */
  now(): Date
  /** Milliseconds from some beginning, which no change of the clock moves: for durations. */
  monotonic(): number
  /** Waits. */
  pause(milliseconds: number): Promise<void>
}
