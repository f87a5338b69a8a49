import type { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { inBatches } from './batches.ts'
import type { Batch, Task } from './batches.ts'
import { folded, problemOfChange, skippedProblem } from './problems.ts'
import { reference } from './types.ts'
import type { PlannedChange, Problem, Step } from './types.ts'

/** How far a driver came: `done` steps succeeded; with `error`, the step after them is the one that failed. */
export interface Progress {
  readonly done: number
  readonly error?: SystemError
}

/** Turns the steps of one batch (one tool, one namespace) into effects. Rejects only by a defect. */
export type Driver = (steps: readonly Step[], system: System) => Promise<Progress>
export type Drivers = Readonly<Record<Step['tool'], Driver>>

/** Tools of which one call does everything, or nothing. */
const TRANSACTIONS: ReadonlySet<Step['tool']> = new Set(['nft', 'haproxy'])

export interface Applied {
  readonly applied: readonly PlannedChange[]
  readonly failed: readonly Problem[]
}

/**
 * Runs the changes in order, one process for a batch. A change whose step fails is over; what needs it is skipped;
 * the rest goes on. When the firewall's transaction fails, everything stops: nothing may be reachable before it is
 * guarded.
 */
export async function applyChanges(
  changes: readonly PlannedChange[],
  drivers: Drivers,
  system: System,
): Promise<Applied> {
  const failures = new Map<PlannedChange, Problem>()
  const run = async (batch: Batch) => runBatch(batch, drivers, system, failures)
  for (const batches of inBatches(changes)) {
    await Promise.all(batches.map(run))
    const firewallFailed = batches.some(
      (batch) => batch.tool === 'nft' && batch.tasks.some((t) => failures.has(t.change)),
    )
    if (firewallFailed) {
      skipTheRest(changes, failures, batches)
      break
    }
  }
  return {
    applied: changes.filter((change) => !failures.has(change)),
    failed: folded(changes.flatMap((change) => failures.get(change) ?? [])),
  }
}

async function runBatch(
  batch: Batch,
  drivers: Drivers,
  system: System,
  failures: Map<PlannedChange, Problem>,
): Promise<void> {
  let tasks: readonly Task[] = batch.tasks
  while (tasks.length > 0) {
    tasks = tasks.filter((task) => !isOver(task.change, failures))
    const { done, error } = await drivers[batch.tool](
      tasks.map(({ step }) => step),
      system,
    )
    const failing = tasks[done]
    if (error === undefined || failing === undefined) return
    // A transaction fails as a whole; elsewhere the steps behind the failing one go on in a new batch.
    const isWhole = TRANSACTIONS.has(batch.tool)
    for (const { change } of isWhole ? tasks : [failing]) failures.set(change, problemOfChange(change, error))
    tasks = isWhole ? [] : tasks.slice(done + 1)
  }
}

const references = new WeakMap<object, { size: number; lost: Set<string> }>()

/** The references of all that failed; made anew only when more has failed since. */
function lostReferences(failures: Map<PlannedChange, Problem>): ReadonlySet<string> {
  const known = references.get(failures)
  if (known?.size === failures.size) return known.lost
  const lost = new Set([...failures.keys()].map(({ kind, key }) => reference(kind, key)))
  references.set(failures, { size: failures.size, lost })
  return lost
}

/** Whether a change has failed already, or needs one that did (then it is marked as skipped). */
function isOver(change: PlannedChange, failures: Map<PlannedChange, Problem>): boolean {
  if (failures.has(change)) return true
  if (failures.size === 0) return false
  if (change.needs.length === 0) return false
  const lost = lostReferences(failures)
  const blocker = change.needs.find((need) => lost.has(need))
  if (blocker === undefined) return false
  failures.set(change, skippedProblem(change, blocker))
  return true
}

function skipTheRest(
  changes: readonly PlannedChange[],
  failures: Map<PlannedChange, Problem>,
  batches: readonly Batch[],
): void {
  const last = Math.max(
    ...batches.flatMap((batch) => batch.tasks.map(({ change }) => changes.indexOf(change))),
  )
  for (const change of changes.slice(last + 1)) {
    if (!failures.has(change)) failures.set(change, skippedProblem(change, 'the firewall'))
  }
}
