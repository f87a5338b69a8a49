import type { Argv } from '../engine/types.ts'
import type { SystemError } from './errors.ts'
import type { NetlinkSocket } from './netlink-sockets.ts'

/** What a long-running program tells while it lives. */
export interface Listener {
  /** One line of its standard output, without the newline. */
  readonly line: (text: string) => void
  /** It told of a loss (netlink overrun), or said anything on standard error. */
  readonly complaint: (text: string) => void
  /** It ended, or could not be started; called once, and not after `stop`. */
  readonly end: (error: SystemError) => void
}

export interface FollowOptions {
  /** It keeps its lines back while nobody watches at a terminal: it is made to write each at once, where that can be. */
  readonly lineWise?: true
}

/** A program that was started. */
export interface Following {
  /** Its group is told to end, and killed after a second. */
  stop(): void
  /** Its group is killed at once, also where it is stopped; nothing is told after that. */
  kill(): void
  /** What shows of it from outside; nothing once it has ended. */
  look(): Promise<Condition>
}

/** What /proc shows of a program, and of what it started. */
export interface Condition {
  /** By a signal (SIGSTOP), or by who traces it. */
  readonly isStopped: boolean
  readonly sockets: readonly NetlinkSocket[]
}

/**
 * What comes by itself from outside: the second door of this folder, for the controller only. Two implementations:
 * `node-feeds.ts` (real) and one with a clock of its own in the tests. Nothing is called back before the call returns.
 */
export interface Feeds {
  /** Starts a program that reports until it is stopped. It dies with this process, however that ends. */
  follow(argv: Argv, listener: Listener, options?: FollowOptions): Following
  /**
   * Runs a command that changes nothing, but makes the kernel tell something; its output. Rejects with `SystemError`, after
   * some seconds at the latest.
   */
  run(argv: Argv): Promise<string>
  /**
   * Tells the names, of those given, that became network namespaces, are none any more, or are others than before; within
   * half a second. What is there when it is called is not told.
   */
  networks(directory: string, names: readonly string[], changed: (name: string) => void): NetworksWatch
  /**
   * Calls `changed` whenever the file may have changed: written, replaced by a rename, made, removed; also where the
   * path is a symbolic link that is pointed elsewhere (as Kubernetes and Nix do). Its directory need not be there yet.
   */
  watch(path: string, changed: () => void): { close(): Promise<void> }
  /**
   * Answers requests of one line at a UNIX socket that only its owner may open; whoever asks is answered once. An answer
   * never rejects. A socket that is gone is made again within a second; why nobody can ask is told, and when that is over.
   */
  serve(
    path: string,
    answer: (request: string) => Promise<string>,
    serving: { readonly failed: (error: SystemError) => void; readonly served: () => void },
  ): { close(): Promise<void> }
  /** Calls once, after so many milliseconds of the monotonic clock. */
  after(milliseconds: number, call: () => void): { cancel(): void }
  /** A number from 0 (inclusive) to 1, for spreading retries. */
  chance(): number
}

export interface NetworksWatch {
  /** Looks now, and tells what it finds before it returns. */
  look(): void
  close(): void
}
