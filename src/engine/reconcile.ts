import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { applyChanges } from './apply.ts'
import type { Applied, Drivers } from './apply.ts'
import { beside } from './beside.ts'
import type { Aside } from './beside.ts'
import { observeAndPlan } from './look.ts'
import type { Catalogue, Observation, ObserveOptions } from './look.ts'
import { overtaken, together, withoutMoot } from './overtaken.ts'
import { withNews } from './reading.ts'
import type { Reading } from './reading.ts'
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

/** What one look knows, for others that read less. */
export type Known = Pick<Observation<unknown>, 'plan' | 'replies' | 'compared'>

export interface PassOptions extends ObserveOptions {
  readonly drivers: Drivers
  /** Runs before the first effect; its problems are told, but do not keep the host from being healed. */
  readonly prepare: (changes: readonly PlannedChange[]) => Promise<readonly Problem[]>
  /** Is told what is known before anything is made by it. */
  readonly observed?: (seen: Known) => void
  /** Changes of the plan that are left for a later pass, and with them what needs their resources. */
  readonly postponed?: (plan: Plan) => ReadonlySet<PlannedChange>
  /** Once aborted, the step that runs is finished and no other begun. */
  readonly stop?: AbortSignal
  /** What goes before effects that are none of the firewall's, and touches nothing but that. */
  readonly guard?: Aside
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
  const before = await observeAndPlan(model, catalogue, options, system)
  const observe = secondsSince(began, system)
  options.observed?.(before)
  const changes = dueNow(before, options)
  if (changes.length === 0 || isStopped(options))
    return { before, applied: [], failed: [], failedChanges: [], after: before, phases: { observe } }
  const planned = system.monotonic()
  const first = await make(changes, options, system)
  const phases = { observe, apply: secondsSince(planned, system) }
  const applied = system.monotonic()
  const look = async (tried: readonly PlannedChange[], { news }: Made) => {
    const known = { ...before, ...news.reduce<Reading>(withNews, before) }
    return observeAndPlan(model, catalogue, verification(options, known, tried), system).catch(
      undefinedIfInterrupted,
    )
  }
  // Whoever ends us waits: what is left is seen by the next start.
  const seen = isStopped(options) ? undefined : await look(changes, first)
  if (seen === undefined) return ended({ before, after: before }, first, phases)
  let [done, after] = [first, seen]
  const left = overtaken(first, seen.plan)
  const again =
    left.changes.length === 0 || isStopped(options) ? [] : dueNow({ plan: left, left: seen.left }, options)
  if (again.length > 0) {
    const second = await make(again, options, system)
    done = { ...second, ...together(first, second), unprepared: [...first.unprepared, ...second.unprepared] }
    if (!isStopped(options)) after = (await look([...changes, ...again], second)) ?? before
  }
  const verify = secondsSince(applied, system)
  return ended({ before, after }, { ...done, ...withoutMoot(done, after.plan) }, { ...phases, verify })
}

/** What was applied, what could not be kept before it, and what was read meanwhile by who goes before it. */
interface Made extends Applied {
  readonly unprepared: readonly Problem[]
  readonly news: readonly Reading[]
}

async function make(
  changes: readonly PlannedChange[],
  { prepare, drivers, stop, guard }: PassOptions,
  system: System,
): Promise<Made> {
  const unprepared = await prepare(changes)
  const news: Reading[] = []
  const done = await applyChanges(changes, drivers, system, stop, async (effects) =>
    beside(effects, { aside: guard }, (read) => void news.push(read)),
  )
  return { ...done, unprepared, news }
}

function secondsSince(from: number, system: System): number {
  return (system.monotonic() - from) / 1000
}

function ended<World>(
  seen: Pick<Pass<World>, 'before' | 'after'>,
  { applied, failed, failedChanges, unprepared }: Made,
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
  { plan, left }: Pick<Observation<unknown>, 'plan' | 'left'>,
  { postponed }: PassOptions,
): readonly PlannedChange[] {
  const later = new Set([...(postponed?.(plan) ?? []), ...left])
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
  const { replies, compared } = before
  return { ...options, since: { ...since, replies, compared, tried: changes } }
}
