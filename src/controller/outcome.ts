import type { PassOfMany } from '../app/types.ts'
import { isRefusal, ROLLED_BACK } from '../engine/problems.ts'
import type { Plan, PlannedChange } from '../engine/types.ts'
import type { Result } from './types.ts'

/** What was left for later in a pass, and why. */
export interface Postponed {
  /** It failed a moment ago. */
  readonly failing: readonly PlannedChange[]
  /** Somebody else changes it as often as we do. */
  readonly contended: readonly PlannedChange[]
}

/** The newest thing that is known about the host. */
export function newest({ plan, remaining }: PassOfMany): Plan {
  return remaining ?? plan
}

/** How a pass ended, in one word. */
export function resultOf(pass: PassOfMany, postponed: Postponed, stopped: boolean): Result {
  const { known, problems, heldBack } = newest(pass)
  const faults = problems.filter((problem) => !isRefusal(problem))
  // What was not looked at now is gone on with by who looks at it.
  const changes = newest(pass).changes.filter((change) => !pass.left.has(change))
  // Who is told to end does not look whether what was applied holds.
  if (stopped && pass.plan.changes.length > 0 && pass.remaining === undefined) return 'stopped'
  if (pass.failed.length > 0 && pass.failed.every(({ code }) => code === ROLLED_BACK)) return 'rolled_back'
  if (pass.failed.length > 0 || !known || faults.length > 0 || postponed.failing.length > 0) return 'error'
  const contended = postponed.contended.length
  if (heldBack.length + problems.length > 0 || contended > 0) return 'refused'
  if (changes.length > 0) return 'drifted'
  return pass.applied.length > 0 ? 'success' : 'noop'
}

export function hasFailed(result: Result): boolean {
  return result === 'error' || result === 'rolled_back'
}

export function hasConverged(result: Result): boolean {
  return result === 'noop' || result === 'success'
}
