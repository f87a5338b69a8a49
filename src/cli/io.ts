import type { Environment } from './color.ts'

export type SignalName = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGUSR2'

export interface OutputStream {
  /** Writes the text; a reader that went away is no error. */
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  readonly columns?: number
}

/** All that a command has of its process, so that a test can stand in for it. */
export interface Io {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly environment: Environment
  readonly version: string
  /** `20.20.2`, of Node.js. */
  readonly nodeVersion: string
  readonly processId: number
  /** The words that start this very program again: Node.js and the program's file, both by their real path. */
  readonly program: readonly string[]
  /** Absolute. Asked for only when a relative place must be resolved: it fails where the directory was removed. */
  readonly workingDirectory: () => string
  readonly readStdin: () => Promise<string>
  /** Calls whenever the signal comes, instead of what it does by itself. */
  readonly onSignal: (name: SignalName, call: () => void) => void
  /** Ends the process where it stands. */
  readonly exitNow: (code: number) => void
  /** Asks a question on the terminal; resolves to true only for yes. Undefined: nobody is there to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined
}
