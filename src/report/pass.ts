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
  const all = [...lockProblem(pass), ...pass.failed, ...latestPlan(pass).problems]
  return [...new Map(all.map((problem) => [JSON.stringify(problem), problem])).values()]
}

function lockProblem(pass: PassReport): readonly Problem[] {
  if (pass.lockedBy === undefined) return []
  const message = `another instance is at work on this host: ${pass.lockedBy}`
  return [{ code: 'S64-L001', message, hint: 'wait until it has ended, then run the command again' }]
}
