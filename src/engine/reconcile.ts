import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { applyChanges } from './apply.ts'
import type { Applied, Drivers } from './apply.ts'
import { observeAndPlan } from './look.ts'
import type { Catalogue, Observation, ObserveOptions } from './look.ts'
import { overtaken, together, withoutMoot } from './overtaken.ts'
import { reference } from './types.ts'
import type { Plan, PlannedChange, Problem } from './types.ts'

/** The parts of a pass. */
export type Phase = 'observe' | 'apply' | 'verify'

export interface Pass<World> {
  /** What was found and planned first. */
  readonly before: Observation<World>
  readonly applied: readonly PlannedChange[]
  readonly failed: readonly Problem[]
  readonly failedChanges: readonly PlannedChange[]
  /** What was found after apply; the first finding itself when nothing was applied, or we were told to stop. */
  readonly after: Observation<World>
  /** Durations in seconds, of what ran. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>
}

export interface PassOptions extends ObserveOptions {
  readonly drivers: Drivers
  /** Runs before the first effect; its problems are told, but do not keep the host from being healed. */
  readonly prepare: (changes: readonly PlannedChange[]) => Promise<readonly Problem[]>
  /** Changes of the plan that are left for a later pass, and with them what needs their resources. */
  readonly postponed?: (plan: Plan) => ReadonlySet<PlannedChange>
  /** Once aborted, the step that runs is finished and no other begun. */
  readonly stop?: AbortSignal
}

/**
 * One pass: observe, plan, apply, observe again. What is left after apply is observed, never assumed: told to stop, or
 * interrupted, it ends without a second look, and what is left is not known. What was overtaken meanwhile is made once more.
 * Rejects with `interrupted` when it did nothing.
 */
export async function reconcileOnce<Model, World>(
  model: Model,
  catalogue: Catalogue<Model, World>,
  options: PassOptions,
  system: System,
): Promise<Pass<World>> {
  const began = system.monotonic()
  const seconds = (from: number): number => (system.monotonic() - from) / 1000
  const before = await observeAndPlan(model, catalogue, options, system)
  const observe = seconds(began)
  const changes = dueNow(before, options)
  if (changes.length === 0 || isStopped(options))
    return { before, applied: [], failed: [], failedChanges: [], after: before, phases: { observe } }
  const planned = system.monotonic()
  const unprepared = [...(await options.prepare(changes))]
  const first = await applyChanges(changes, options.drivers, system, options.stop)
  const apply = seconds(planned)
  // Whoever ends us waits: what is left is seen by the next start.
  if (isStopped(options)) return ended({ before, after: before }, first, unprepared, { observe, apply })
  const applied = system.monotonic()
  const look = async (tried: readonly PlannedChange[]) =>
    observeAndPlan(model, catalogue, verification(options, before, tried), system).catch(
      undefinedIfInterrupted,
    )
  const seen = await look(changes)
  if (seen === undefined) return ended({ before, after: before }, first, unprepared, { observe, apply })
  let [done, after] = [first, seen]
  const left = overtaken(first, after.plan)
  const again =
    left.changes.length === 0 || isStopped(options) ? [] : dueNow({ plan: left, stale: seen.stale }, options)
  if (again.length > 0) {
    unprepared.push(...(await options.prepare(again)))
    done = together(first, await applyChanges(again, options.drivers, system, options.stop))
    if (!isStopped(options)) after = (await look([...changes, ...again])) ?? before
  }
  const phases = { observe, apply, verify: seconds(applied) }
  return ended({ before, after }, withoutMoot(done, after.plan), unprepared, phases)
}

function ended<World>(
  seen: Pick<Pass<World>, 'before' | 'after'>,
  { applied, failed, failedChanges }: Applied,
  unprepared: readonly Problem[],
  phases: Pass<World>['phases'],
): Pass<World> {
  return { ...seen, applied, failed: [...unprepared, ...failed], failedChanges, phases }
}

function undefinedIfInterrupted(error: unknown): undefined {
  if (!(error instanceof SystemError) || error.code !== 'interrupted') throw error
}

function isStopped({ stop }: PassOptions): boolean {
  return stop?.aborted === true
}

/** What may be made now: not what is left for later, nor what was not looked at now, nor what needs those. */
function dueNow(
  { plan, stale }: Pick<Observation<unknown>, 'plan' | 'stale'>,
  { postponed }: PassOptions,
): readonly PlannedChange[] {
  const later = new Set([...(postponed?.(plan) ?? []), ...plan.changes.filter(({ kind }) => stale.has(kind))])
  const waiting = new Set([...later].map(({ kind, key }) => reference(kind, key)))
  // Deletes too: what guards an object is taken away when that is gone, not before.
  return plan.changes.filter((change) => {
    const isDue = !later.has(change) && !change.needs.some((need) => waiting.has(need))
    if (!isDue) waiting.add(reference(change.kind, change.key))
    return isDue
  })
}

/** After a pass that read everything, everything; else what it read and what it changed. */
function verification<World>(
  { since, ...options }: PassOptions,
  before: Observation<World>,
  changes: readonly PlannedChange[],
): ObserveOptions {
  if (since === undefined) return options
  const kinds = new Set(changes.map(({ kind }) => kind))
  return { ...options, since: { ...since, replies: before.replies, compared: before.compared, kinds } }
}
