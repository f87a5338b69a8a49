import type { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { inBatches } from './batches.ts'
import type { Batch, Task } from './batches.ts'
import { folded, problemOfChange, skippedProblem } from './problems.ts'
import { reference } from './types.ts'
import type { PlannedChange, Problem, Step } from './types.ts'

/**
 * How far a driver came: `done` steps succeeded; with `error`, the step after them is the one that failed; without,
 * it was told to stop, and the steps after them were not begun.
 */
export interface Progress {
  readonly done: number
  readonly error?: SystemError
  /** With `error`: the tool itself does not work, so nothing behind was tried. */
  readonly broken?: true
}

/**
 * Turns the steps of one batch (one tool, one namespace) into effects. Rejects only by a defect. Once `stop` is
 * aborted, the program that runs is waited for, and no other is started.
 */
export type Driver = (steps: readonly Step[], system: System, stop?: AbortSignal) => Promise<Progress>
export type Drivers = Readonly<Record<Step['tool'], Driver>>

/** Tools of which one call does everything, or nothing. */
const TRANSACTIONS: ReadonlySet<Step['tool']> = new Set(['nft', 'haproxy'])

export interface Applied {
  readonly applied: readonly PlannedChange[]
  readonly failed: readonly Problem[]
  readonly failedChanges: readonly PlannedChange[]
  /** The same, each with its problem. */
  readonly failures: readonly Failure[]
}

/** A change that was tried in vain, or skipped because of another. */
export interface Failure {
  readonly change: PlannedChange
  readonly problem: Problem
  /** What it was to be made in or of was not there: it may have gone since it was planned. */
  readonly isGone: boolean
}

/** Batches that run at once: each is a process, and those that have not begun can still be left out. */
const AT_ONCE = 16

/** Waits for effects, and lets what goes before them be done meanwhile. */
export type Meanwhile = (effects: Promise<unknown>) => Promise<unknown>

/** One run, as its batches see it. */
interface Run {
  readonly drivers: Drivers
  readonly system: System
  readonly stop: AbortSignal | undefined
  readonly failures: Map<PlannedChange, Failure>
  /** Changes of which steps were left out because we were told to stop. */
  readonly unbegun: Set<PlannedChange>
}

/**
 * Runs the changes in order, one process for a batch. A change whose step fails is over; what needs it is skipped;
 * the rest goes on. When the firewall's transaction fails, everything stops: nothing may be reachable before it is
 * guarded. Once `stop` is aborted, what runs is finished and nothing more is begun. `meanwhile` waits for stages of which
 * none that follows touches the firewall: then somebody else may.
 */
export async function applyChanges(
  changes: readonly PlannedChange[],
  drivers: Drivers,
  system: System,
  stop?: AbortSignal,
  meanwhile: Meanwhile = async (effects) => effects,
): Promise<Applied> {
  const failures = new Map<PlannedChange, Failure>()
  const unbegun = new Set<PlannedChange>()
  const stages = inBatches(changes)
  const guarded = stages.findLastIndex((batches) => batches.some(({ tool }) => tool === 'nft'))
  for (const [index, batches] of stages.entries()) {
    const stage = runStage(batches, { drivers, system, stop, failures, unbegun })
    await (index > guarded ? meanwhile(stage) : stage)
    const firewallFailed = batches.some(
      (batch) => batch.tool === 'nft' && batch.tasks.some((t) => failures.has(t.change)),
    )
    if (!firewallFailed) continue
    skipTheRest(changes, failures, batches)
    break
  }
  const ordered = changes.flatMap((change) => failures.get(change) ?? [])
  return {
    applied: changes.filter((change) => !failures.has(change) && !unbegun.has(change)),
    failed: folded(ordered.map(({ problem }) => problem)),
    failedChanges: ordered.map(({ change }) => change),
    failures: ordered,
  }
}

async function runStage(batches: readonly Batch[], run: Run): Promise<void> {
  const waiting = [...batches]
  const worker = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) await runBatch(batch, run)
  }
  await Promise.all(batches.slice(0, AT_ONCE).map(worker))
}

async function runBatch(batch: Batch, run: Run): Promise<void> {
  const { drivers, system, stop, failures, unbegun } = run
  let tasks: readonly Task[] = batch.tasks
  while (tasks.length > 0 && !isStopped(run)) {
    tasks = tasks.filter((task) => !isOver(task.change, failures))
    const steps = tasks.map(({ step }) => step)
    const { done, error, broken } = await drivers[batch.tool](steps, system, stop)
    tasks = tasks.slice(done)
    if (error === undefined) break
    // A transaction fails as a whole; elsewhere the steps behind the failing one go on in a new batch.
    const lost = TRANSACTIONS.has(batch.tool) || broken ? tasks : tasks.slice(0, 1)
    const isGone = error.code === 'not-found'
    for (const { change } of lost)
      failures.set(change, { change, problem: problemOfChange(change, error), isGone })
    tasks = tasks.slice(lost.length)
  }
  for (const { change } of tasks) unbegun.add(change)
}

function isStopped({ stop }: Run): boolean {
  return stop?.aborted === true
}

const references = new WeakMap<object, { size: number; lost: ReadonlyMap<string, Failure> }>()

/** The references of all that failed; made anew only when more has failed since. */
function lostReferences(failures: Map<PlannedChange, Failure>): ReadonlyMap<string, Failure> {
  const known = references.get(failures)
  if (known?.size === failures.size) return known.lost
  const lost = new Map(
    [...failures.values()].map((failure) => [reference(failure.change.kind, failure.change.key), failure]),
  )
  references.set(failures, { size: failures.size, lost })
  return lost
}

/** Whether a change has failed already, or needs one that did (then it is marked as skipped). */
function isOver(change: PlannedChange, failures: Map<PlannedChange, Failure>): boolean {
  if (failures.has(change)) return true
  if (failures.size === 0) return false
  if (change.needs.length === 0) return false
  const lost = lostReferences(failures)
  const blocker = change.needs.find((need) => lost.has(need))
  if (blocker === undefined) return false
  const isGone = lost.get(blocker)?.isGone === true
  failures.set(change, { change, problem: skippedProblem(change, blocker), isGone })
  return true
}

function skipTheRest(
  changes: readonly PlannedChange[],
  failures: Map<PlannedChange, Failure>,
  batches: readonly Batch[],
): void {
  const last = Math.max(
    ...batches.flatMap((batch) => batch.tasks.map(({ change }) => changes.indexOf(change))),
  )
  for (const change of changes.slice(last + 1)) {
    if (failures.has(change)) continue
    failures.set(change, { change, problem: skippedProblem(change, 'the firewall'), isGone: false })
  }
}
