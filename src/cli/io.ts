import type { Environment } from './color.ts'

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
  readonly processId: number
  /** Absolute. Asked for only when a relative place must be resolved: it fails where the directory was removed. */
  readonly workingDirectory: () => string
  readonly readStdin: () => Promise<string>
  /** Asks a question on the terminal; resolves to true only for yes. Undefined: nobody is there to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined
}
