import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { applyChanges } from './apply.ts'
import type { Drivers } from './apply.ts'
import { ask, unknowns } from './observe.ts'
import { makePlan, unknownPlan } from './plan.ts'
import { problemOfError } from './problems.ts'
import type { Policy } from './policy.ts'
import type { AppliedRecord, Kind, Places, Plan, PlannedChange, Probe, Problem, Replies } from './types.ts'

/** Everything that makes the engine about something: the kinds, and how facts about the host are read. */
export interface Catalogue<Model, World> {
  readonly kinds: readonly Kind<Model, World>[]
  readonly factProbes: (model: Model) => readonly Probe[]
  /** The facts, what is wrong with them, and whether that keeps everything from being planned. */
  readonly world: (
    model: Model,
    replies: Replies,
    places: Places,
  ) => { world: World; problems: readonly Problem[]; stop: boolean }
  /** The world of a host that could not be read. */
  readonly unobserved: (model: Model, places: Places) => World
}

export interface Observation<World> {
  readonly plan: Plan
  readonly world: World
}

export interface Pass<World> {
  /** What was found and planned first. */
  readonly before: Observation<World>
  readonly applied: readonly PlannedChange[]
  readonly failed: readonly Problem[]
  /** What was found after apply; the first finding itself when there was nothing to apply. */
  readonly after: Observation<World>
}

/** Observe and diff. Reads only, so it can be given a System that refuses writes. */
export async function observeAndPlan<Model, World>(
  model: Model,
  catalogue: Catalogue<Model, World>,
  options: { readonly record: AppliedRecord; readonly policy: Policy },
  system: System,
): Promise<Observation<World>> {
  const { kinds } = catalogue
  const probes = [...catalogue.factProbes(model), ...kinds.flatMap((kind) => kind.probes(model))]
  const replies = await ask(probes, system)
  const unknown = unknowns(probes, replies)
  const nothing = (problems: readonly Problem[]) => ({
    plan: unknownPlan(problems),
    world: catalogue.unobserved(model, system.places),
  })
  if (unknown.fatal) return nothing(unknown.problems)
  try {
    const { world, problems, stop } = catalogue.world(model, replies, system.places)
    const found = [...unknown.problems, ...problems]
    if (stop) return { plan: unknownPlan(found), world }
    return { plan: makePlan(kinds, world, replies, { ...options, problems: found }), world }
  } catch (error) {
    // A reading that is not what the tool promises: unknown is not empty.
    if (error instanceof SystemError) return nothing([problemOfError(error, 'observe')])
    throw error
  }
}

export interface PassOptions {
  readonly record: AppliedRecord
  readonly policy: Policy
  readonly drivers: Drivers
  /** Runs before the first effect; its problems are told, but do not keep the host from being healed. */
  readonly prepare: (changes: readonly PlannedChange[]) => Promise<readonly Problem[]>
}

/** One pass: observe, plan, apply, observe again. What is left after apply is observed, never assumed. */
export async function reconcileOnce<Model, World>(
  model: Model,
  catalogue: Catalogue<Model, World>,
  options: PassOptions,
  system: System,
): Promise<Pass<World>> {
  const before = await observeAndPlan(model, catalogue, options, system)
  if (before.plan.changes.length === 0) return { before, applied: [], failed: [], after: before }
  const unprepared = await options.prepare(before.plan.changes)
  const { applied, failed } = await applyChanges(before.plan.changes, options.drivers, system)
  const after = await observeAndPlan(model, catalogue, options, system)
  return { before, applied, failed: [...unprepared, ...failed], after }
}
