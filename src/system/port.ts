import type { Argv } from '../engine/types.ts'

/**
 * The only door to the outside world. Every rejection is a `SystemError`. Three implementations: `node.ts` (real),
 * `read-only.ts` (refuses every write) and `memory/` (a strict host in memory).
 */
export interface System {
  /** Runs a command that only reads, without a shell, under LC_ALL=C and a deadline; resolves to its stdout. */
  query(argv: Argv, stdin?: string): Promise<string>
  /**
   * Runs a command that changes the host. `script` is written whole to a file of its own, which becomes the last
   * argument: a writer killed half-way over a pipe would leave half a line that ip or nft runs.
   */
  run(argv: Argv, script?: string): Promise<string>
  /** The value without its final newline. `name` is a path below /proc/sys. */
  readSysctl(name: string): Promise<string>
  writeSysctl(name: string, value: string): Promise<void>
  readFile(path: string): Promise<string>
  /** Replaces the file atomically (new file, fsync, rename), making its directory if need be. */
  writeFile(path: string, content: string): Promise<void>
  removeFile(path: string): Promise<void>
  /** Takes the lock of this network namespace, or rejects with `busy` and who holds it in `detail`. */
  lock(name: string): Promise<{ release(): Promise<void> }>
  now(): Date
}
