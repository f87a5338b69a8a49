import { isRefusal, ROLLED_BACK } from '../engine/problems.ts'
import type { PassReport } from '../engine/types.ts'
import type { Plan } from '../engine/types.ts'
import { isConverged, latestPlan } from '../report/pass.ts'

/** The exit codes, the same for every command. */
export const EXIT = {
  fine: 0,
  failed: 1,
  changes: 2,
  rolledBack: 3,
  refused: 4,
  usage: 64,
  config: 78,
} as const

/** The last two: 128 and the number of the signal that ended a run (SIGINT, SIGTERM). */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT] | SignalCode
export type SignalCode = 130 | 143

/** Of a plan that is only shown: something failed before there are changes; what is held back alone is fine. */
export function planExit(plan: Plan, detailed: boolean): ExitCode {
  if (!plan.known || hasFaults(plan)) return EXIT.failed
  if (plan.problems.length > 0) return EXIT.refused
  return detailed && plan.changes.length > 0 ? EXIT.changes : EXIT.fine
}

/** Whether something is wrong that no guard refused. */
function hasFaults({ problems }: Plan): boolean {
  return problems.some((problem) => !isRefusal(problem))
}

/** Of the host's state: like a plan, but what is held back is drift as well. */
export function statusExit(plan: Plan, detailed: boolean): ExitCode {
  if (!plan.known || plan.problems.length > 0) return EXIT.failed
  return detailed && plan.changes.length + plan.heldBack.length > 0 ? EXIT.changes : EXIT.fine
}

/** Of a pass that may have changed the host: failed, then refused by a guard, then changed. */
export function passExit(pass: PassReport, detailed: boolean): ExitCode {
  if (pass.lockedBy !== undefined) return EXIT.refused
  const { heldBack, problems } = latestPlan(pass)
  const refused = heldBack.length + problems.filter(isRefusal).length > 0
  if (isRolledBack(pass)) return EXIT.rolledBack
  const rest = { ...latestPlan(pass), heldBack: [], problems: problems.filter((one) => !isRefusal(one)) }
  if (!isConverged({ ...pass, remaining: rest })) return EXIT.failed
  if (refused) return EXIT.refused
  return detailed && pass.applied.length > 0 ? EXIT.changes : EXIT.fine
}

/** All that failed was undone whole, on a host on which nothing else was wrong. */
function isRolledBack({ plan, failed }: PassReport): boolean {
  const isUndone = failed.length > 0 && failed.every(({ code }) => code === ROLLED_BACK)
  return isUndone && plan.problems.length === 0
}
