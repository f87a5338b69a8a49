import type { Result } from '../controller/types.ts'
import type { PassReport, Plan, Problem } from '../engine/types.ts'

/** The newest thing that is known about the host: the plan after apply, else the one before. */
export function latestPlan(pass: PassReport): Plan {
  return pass.remaining ?? pass.plan
}

/** Whether the host was seen to be what the file says, after everything that was done. Unknown is not converged. */
export function isConverged(pass: PassReport): boolean {
  return pass.lockedBy === undefined && pass.failed.length === 0 && isInSync(latestPlan(pass))
}

/** Whether everything could be read, and nothing differs, is held back or in the way. */
export function isInSync(plan: Plan): boolean {
  return plan.known && plan.changes.length + plan.heldBack.length + plan.problems.length === 0
}

/** Everything that went wrong, each once; a lock held by somebody else is one of them. */
export function passProblems(pass: PassReport): readonly Problem[] {
  const { failed, warnings = [] } = pass
  const plan = latestPlan(pass)
  return distinct([...lockProblem(pass), ...failed, ...warnings, ...plan.problems, ...(plan.warnings ?? [])])
}

/** Each problem once, in the order of the first. */
export function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

/** Whether a pass that ended so failed in what it tried. */
export function isFailure(result: Result): boolean {
  return result === 'error' || result === 'rolled_back'
}

function lockProblem(pass: PassReport): readonly Problem[] {
  if (pass.lockedBy === undefined) return []
  const message = `another instance is at work on this host: ${pass.lockedBy}`
  const hint =
    'wait until it has ended, then run the command again; a controller (systemctl status slash64.service) makes the passes itself, and ends when it is stopped'
  return [{ code: 'S64-L001', message, hint }]
}
