import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { applyChanges } from './apply.ts'
import type { Drivers } from './apply.ts'
import { unknowns } from './observe.ts'
import { makePlan, unknownPlan } from './plan.ts'
import { problemOfError } from './problems.ts'
import type { Policy } from './policy.ts'
import { askedOnly, read, readRest, refresh } from './reading.ts'
import type { Reading, Since } from './reading.ts'
import { reference } from './types.ts'
import type { AppliedRecord, Kind, Places, Plan, PlannedChange, Probe, Problem, Replies } from './types.ts'

/** How much a host allows to be planned: `firewall`: what guards is made or mended, and nothing is taken away. */
export type Extent = 'everything' | 'firewall' | 'nothing'

/** Everything that makes the engine about something: the kinds, and how facts about the host are read. */
export interface Catalogue<Model, World> {
  readonly kinds: readonly Kind<Model, World>[]
  readonly factProbes: (model: Model, known: Replies) => readonly Probe[]
  /** The facts, what is wrong with them, and what can be planned on them. */
  readonly world: (
    model: Model,
    replies: Replies,
    places: Places,
  ) => { world: World; problems: readonly Problem[]; plans: Extent }
  /** The world of a host that could not be read. */
  readonly unobserved: (model: Model, places: Places) => World
}

export interface Observation<World> {
  readonly plan: Plan
  readonly world: World
  /** What was read, for a later pass that reads less. */
  readonly replies: Replies
}

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

export interface ObserveOptions {
  readonly record: AppliedRecord
  readonly policy: Policy
  /** Left out: everything is read. */
  readonly since?: Since
}

/**
 * Observe and diff. Reads only, so it can be given a System that refuses writes. With `since`, only what may have
 * changed is read; but a change is planned only of a kind that was read now: what is taken over from before can hide
 * drift until the next whole pass, never cause a change. Facts (which containers run) may be those of before.
 */
export async function observeAndPlan<Model, World>(
  model: Model,
  catalogue: Catalogue<Model, World>,
  options: ObserveOptions,
  system: System,
): Promise<Observation<World>> {
  const asked = questions(model, catalogue)
  const { since } = options
  let reading: Reading | undefined = await readAll(asked, system, since)
  let found: Observation<World>
  do {
    const { replies } = reading
    found = { ...interpret(model, catalogue, asked.all(replies), { ...options, replies }, system), replies }
    const changing = new Set([...found.plan.changes, ...found.plan.heldBack].map(({ kind }) => kind))
    reading = await refresh(reading, asked.of(changing, replies), system)
  } while (reading !== undefined)
  return found
}

/** What is to be read, as far as it is known from what was read. */
interface Questions {
  readonly all: (known: Replies) => readonly Probe[]
  readonly of: (kinds: ReadonlySet<string>, known: Replies) => readonly Probe[]
}

function questions<Model, World>(model: Model, catalogue: Catalogue<Model, World>): Questions {
  const of = (kinds: readonly Kind<Model, World>[], known: Replies): readonly Probe[] =>
    kinds.flatMap((kind) => kind.probes(model, known))
  return {
    all: (known) => [...catalogue.factProbes(model, known), ...of(catalogue.kinds, known)],
    of: (names, known) =>
      of(
        catalogue.kinds.filter(({ name }) => names.has(name)),
        known,
      ),
  }
}

/** Reads until the answers ask for nothing more: where a container's network is comes first, what stands in it then. */
async function readAll(asked: Questions, system: System, since: Since | undefined): Promise<Reading> {
  let known: Replies = since?.replies ?? new Map()
  const again = new Set(asked.of(since?.kinds ?? new Set(), known).map(({ id }) => id))
  let reading: Reading | undefined = await read(asked.all(known), system, since, again)
  let last = reading
  do {
    last = reading
    known = last.replies
    reading = await readRest(last, asked.all(known), system)
  } while (reading !== undefined)
  return askedOnly(last, asked.all(known))
}

function interpret<Model, World>(
  model: Model,
  catalogue: Catalogue<Model, World>,
  probes: readonly Probe[],
  { replies, ...options }: ObserveOptions & { readonly replies: Replies },
  { places }: System,
): { plan: Plan; world: World } {
  const unknown = unknowns(probes, replies)
  const nothing = (problems: readonly Problem[]) => ({
    plan: unknownPlan(problems),
    world: catalogue.unobserved(model, places),
  })
  if (unknown.fatal) return nothing(unknown.problems)
  try {
    const { world, problems, plans } = catalogue.world(model, replies, places)
    const found = [...unknown.problems, ...problems]
    if (plans === 'nothing') return { plan: unknownPlan(found), world }
    const plan = makePlan(catalogue.kinds, world, replies, { ...options, problems: found })
    return { plan: plans === 'firewall' ? onlyFirewall(plan, found) : plan, world }
  } catch (error) {
    // A reading that is not what the tool promises: unknown is not empty.
    if (error instanceof SystemError) return nothing([problemOfError(error, 'observe')])
    throw error
  }
}

/** What guards, where nothing else can be built: the rest of the plan is no drift that anybody could mend now. */
function onlyFirewall(plan: Plan, problems: readonly Problem[]): Plan {
  const guards = plan.changes.filter(
    ({ action, steps }) =>
      action !== 'delete' && steps.length > 0 && steps.every(({ tool }) => tool === 'nft'),
  )
  const others = plan.changes.filter((change) => !guards.includes(change))
  const blocked = [...plan.blocked, ...others.map(({ kind, key }) => reference(kind, key))]
  return { ...plan, changes: guards, heldBack: [], blocked, problems }
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
 * One pass: observe, plan, apply, observe again. What is left after apply is observed, never assumed: told to stop, it
 * ends without a second look, and what is left is not known.
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
  const changes = dueNow(before.plan, options)
  if (changes.length === 0 || isStopped(options))
    return { before, applied: [], failed: [], failedChanges: [], after: before, phases: { observe } }
  const planned = system.monotonic()
  const unprepared = await options.prepare(changes)
  const done = await applyChanges(changes, options.drivers, system, options.stop)
  const apply = seconds(planned)
  const failed = [...unprepared, ...done.failed]
  // Whoever ends us waits: what is left is seen by the next start.
  if (isStopped(options)) return { before, ...done, failed, after: before, phases: { observe, apply } }
  const applied = system.monotonic()
  const after = await observeAndPlan(model, catalogue, verification(options, before, changes), system)
  return { before, ...done, failed, after, phases: { observe, apply, verify: seconds(applied) } }
}

function isStopped({ stop }: PassOptions): boolean {
  return stop?.aborted === true
}

function dueNow(plan: Plan, { postponed }: PassOptions): readonly PlannedChange[] {
  const later = postponed?.(plan) ?? new Set()
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
  return { ...options, since: { replies: before.replies, topics: since.topics, kinds } }
}
