import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { unknowns } from './observe.ts'
import { makePlan, unknownPlan } from './plan.ts'
import { problemOfError } from './problems.ts'
import type { Policy } from './policy.ts'
import { askedOnly, read, readRest, refresh } from './reading.ts'
import type { Reading, Since } from './reading.ts'
import { reference } from './types.ts'
import type { AppliedRecord, Kind, Places, Plan, Probe, Problem, Replies } from './types.ts'

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
