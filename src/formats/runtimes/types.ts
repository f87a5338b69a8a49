import type { SystemError } from '../../system/errors.ts'

/** Whether a container runs, as its runtime tells. A paused one runs: its network stands. */
export type Found =
  | {
      readonly state: 'running'
      /** Its first process, by its number on the host. */
      readonly pid: number
    }
  | {
      readonly state: 'absent'
      /** For people: `does not exist`, or the runtime's own word. */
      readonly why: string
    }
  | { readonly state: 'unknown'; readonly error: SystemError }

/** What a runtime says of a container that it does not know. */
export const UNKNOWN_TO_IT = 'does not exist'

/** A running container's first process; what has none does not run, whatever it is called. */
export function foundBy(pid: number, word: string): Found {
  return pid > 0 ? { state: 'running', pid } : { state: 'absent', why: word }
}
