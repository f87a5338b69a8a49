import type { Argv } from '../engine/types.ts'
import type { SystemError } from './errors.ts'

/** What a long-running program tells while it lives. */
export interface Listener {
  /** One line of its standard output, without the newline. */
  readonly line: (text: string) => void
  /** It told of a loss (netlink overrun), or said anything on standard error. */
  readonly complaint: (text: string) => void
  /** It ended, or could not be started; called once, and not after `stop`. */
  readonly end: (error: SystemError) => void
}

/**
 * What comes by itself from outside: the second door of this folder, for the controller only. Two implementations:
 * `node-feeds.ts` (real) and one with a clock of its own in the tests. Nothing is called back before the call returns.
 */
export interface Feeds {
  /** Starts a program that reports until it is stopped. It dies with this process, however that ends. */
  follow(argv: Argv, listener: Listener): { stop(): void }
  /**
   * Calls `changed` whenever the file may have changed: written, replaced by a rename, made, removed; also where the
   * path is a symbolic link that is pointed elsewhere (as Kubernetes and Nix do). Its directory need not be there yet.
   */
  watch(path: string, changed: () => void): { close(): Promise<void> }
  /**
   * Answers requests of one line at a UNIX socket that only its owner may open; whoever asks is answered once. An answer
   * never rejects. Why nobody can ask is told to `failed`.
   */
  serve(
    path: string,
    answer: (request: string) => Promise<string>,
    failed: (error: SystemError) => void,
  ): { close(): Promise<void> }
  /** Calls once, after so many milliseconds of the monotonic clock. */
  after(milliseconds: number, call: () => void): { cancel(): void }
  /** A number from 0 (inclusive) to 1, for spreading retries. */
  chance(): number
}
