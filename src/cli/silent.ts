import { ANSWER_DEADLINE } from '../app/control-words.ts'
import type { Problem } from '../engine/types.ts'

/** A controller that listens, and does not answer; `more` ends the hint. */
export function silent(more = ''): Problem {
  return {
    code: 'S64-T006',
    message: `the controller did not answer within ${ANSWER_DEADLINE / 1000} s`,
    hint: `see what it does (journalctl -u slash64), and restart it if it hangs${more}`,
  }
}
