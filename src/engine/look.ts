import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { unknowns } from './observe.ts'
import { beside } from './beside.ts'
import type { Besides } from './beside.ts'
import { compareInTurns, compareKinds, makePlan, unknownPlan } from './plan.ts'
import type { Compared } from './plan.ts'
import { problemOfError } from './problems.ts'
import type { Policy } from './policy.ts'
import { questions, toRefresh } from './questions.ts'
import type { Questions } from './questions.ts'
import { askedOnly, read, readMore, unread, withNews } from './reading.ts'
import type { Reading, Since } from './reading.ts'
import { reference } from './types.ts'
import type {
  AppliedRecord,
  Kind,
  Places,
  Plan,
  PlannedChange,
  Probe,
  Problem,
  Replies,
  Topic,
} from './types.ts'

/**
 * How much a host allows to be planned: `firewall`: what guards is made or mended, and nothing is taken away; `held`: all
 * changes are held back.
 */
export type Extent = 'everything' | 'firewall' | 'held' | 'nothing'

/** What the host is like, apart from its firewall. */
export interface Standing<World> {
  readonly world: World
  readonly problems: readonly Problem[]
  readonly warnings?: readonly Problem[]
  /** What left the file stays until somebody says that it may go. */
  readonly holdsDeletes?: boolean
  /** However much is deleted, it was allowed. */
  readonly allowsDeletes?: boolean
  readonly plans: Extent
}

/** Everything that makes the engine about something: the kinds, and how facts about the host are read. */
export interface Catalogue<Model, World> {
  readonly kinds: readonly Kind<Model, World>[]
  readonly factProbes: (model: Model, known: Replies) => readonly Probe[]
  /** The facts, what is wrong with them, and what can be planned on them; of all that is read but the firewall. */
  readonly world: (model: Model, replies: Replies, places: Places) => Standing<World>
  /** The world of a host that could not be read. */
  readonly unobserved: (model: Model, places: Places) => World
  /** By what was compared with it: a look at nothing but the firewall finds the same. */
  readonly standings?: WeakMap<Compared, Standing<World>>
}

export interface Observation<World> extends Reading {
  readonly plan: Plan
  readonly world: World
  /** By kind: how it compared, for a later pass that compares less. */
  readonly compared: Compared
  /** Changes that are not made by what was read now: another pass looks closer. Only of a look that is confined. */
  readonly left: ReadonlySet<PlannedChange>
}

export interface ObserveOptions extends Besides {
  readonly record: AppliedRecord
  readonly policy: Policy
  /** Left out: everything is read. */
  readonly since?: Since
}

/**
 * Observe and diff. Reads only, so it can be given a System that refuses writes. With `since`, only what may have
 * changed is read; but a change is planned only of a kind that was read now: what is taken over from before can hide
 * drift until the next whole pass, never cause a change. Facts (which containers run) may be those of before. What
 * goes before the look is done while its reads go on, and what that has read is the newest. Rejects with `interrupted`.
 */
export async function observeAndPlan<Model, World>(
  model: Model,
  catalogue: Catalogue<Model, World>,
  options: ObserveOptions,
  system: System,
): Promise<Observation<World>> {
  const asked = questions(model, catalogue)
  let reading = await waitedFor(readFirst(asked, system, options.since), options)
  for (let turns = 0; ;) {
    const missing = unread(reading, asked.all(reading.replies))
    if (missing.length > 0) {
      reading = await waitedFor(readMore(reading, missing, system), options)
      continue
    }
    const probes = asked.all(reading.replies)
    reading = askedOnly(reading, probes)
    const about = { ...options, reading, probes, inTurns: options.aside !== undefined && turns < MOST_TURNS }
    const news: Reading[] = []
    const found = await beside(
      interpret(model, catalogue, about, system),
      about.inTurns ? options : {},
      (more) => void news.push(more),
    )
    if (news.length > 0) {
      // It was made out of what is not so any more.
      turns += 1
      reading = news.reduce(withNews, reading)
      continue
    }
    const changes = [...found.plan.changes, ...found.plan.heldBack]
    const { due, left } = toRefresh(reading, asked.under(changes, reading.replies), options.since)
    if (due.length === 0) return { ...reading, ...found, left }
    reading = await waitedFor(readMore(reading, due, system), options)
  }
}

/** So often what is compared may be overtaken by what goes before it; then that waits. */
const MOST_TURNS = 3

/** The reading, with what was read beside it meanwhile. */
async function waitedFor(reads: Promise<Reading>, options: ObserveOptions): Promise<Reading> {
  const news: Reading[] = []
  const reading = await beside(reads, options, (more) => void news.push(more))
  return news.reduce(withNews, reading)
}

/** Where a container's network is comes first; what stands in it is asked when that is known. */
async function readFirst(asked: Questions, system: System, since: Since | undefined): Promise<Reading> {
  const known: Replies = since?.replies ?? new Map()
  const tried = [...asked.under(since?.tried ?? [], known).values()].flat()
  return read(asked.all(known), system, since, new Set(tried.map(({ id }) => id)))
}

interface Interpreting extends ObserveOptions {
  readonly reading: Reading
  readonly probes: readonly Probe[]
  /** What goes before this look may be done between two kinds. */
  readonly inTurns: boolean
}

async function interpret<Model, World>(
  model: Model,
  catalogue: Catalogue<Model, World>,
  { reading, probes, since, inTurns, ...options }: Interpreting,
  system: System,
): Promise<Pick<Observation<World>, 'plan' | 'world' | 'compared'>> {
  const { replies } = reading
  const { places } = system
  const unknown = unknowns(probes, replies)
  const nothing = (problems: readonly Problem[]) => ({
    plan: unknownPlan(problems),
    world: catalogue.unobserved(model, places),
    compared: new Map(),
  })
  if (unknown.fatal) return nothing(unknown.problems)
  try {
    const before = standingBefore(catalogue, probes, reading, since)
    const standing = before ?? catalogue.world(model, replies, places)
    const { world, problems, plans } = standing
    const found = [...unknown.problems, ...problems]
    if (plans === 'nothing') return { plan: unknownPlan(found), world, compared: new Map() }
    const known = comparedBefore(model, catalogue, reading, since)
    const seen = { world, replies, record: options.record, ...(before !== undefined && { again: true }) }
    const compared = inTurns
      ? await compareInTurns(catalogue.kinds, seen, known, turnsOf(system))
      : compareKinds(catalogue.kinds, seen, known)
    catalogue.standings?.set(compared, standing)
    const policy = policyOf(standing, options.policy)
    const whole = makePlan(compared, { policy, problems: found })
    const plan = standing.warnings?.length ? { ...whole, warnings: standing.warnings } : whole
    return { plan: limited(plan, plans, found), world, compared }
  } catch (error) {
    // A reading that is not what the tool promises: unknown is not empty.
    if (error instanceof SystemError) return nothing([problemOfError(error, 'observe')])
    throw error
  }
}

function policyOf({ holdsDeletes, allowsDeletes }: Standing<unknown>, policy: Policy): Policy {
  if (holdsDeletes) return { prune: 'never' }
  return allowsDeletes ? { prune: policy.prune } : policy
}

/** So long (ms) others wait at most, but for what one kind takes. */
const TURN = 10

/** Lets others have their turn, where they have waited for it. */
function turnsOf(system: System): () => Promise<void> {
  let last = system.monotonic()
  return async () => {
    if (system.monotonic() - last < TURN) return
    await system.pause(0)
    last = system.monotonic()
  }
}

/** A firewall's event changes nothing that other kinds are compared by. */
function comparedBefore<Model, World>(
  model: Model,
  { kinds }: Catalogue<Model, World>,
  { replies, fresh }: Reading,
  since: Since | undefined,
): Compared | undefined {
  if (since?.compared === undefined || !isFirewallAlone(since.topics)) return undefined
  const untouched = kinds.filter((kind) => !kind.probes(model, replies).some(({ id }) => fresh.has(id)))
  return new Map(
    untouched.flatMap(({ name }) => {
      const known = since.compared?.get(name)
      return known === undefined ? [] : [[name, known]]
    }),
  )
}

/** What it was like before, where nothing but the firewall was read now. */
function standingBefore<Model, World>(
  { standings }: Catalogue<Model, World>,
  probes: readonly Probe[],
  { fresh }: Reading,
  since: Since | undefined,
): Standing<World> | undefined {
  const known = since?.compared && standings?.get(since.compared)
  const isFirewalls = ({ topics }: Probe): boolean => topics?.includes('firewall') === true
  return probes.every((probe) => !fresh.has(probe.id) || isFirewalls(probe)) ? known : undefined
}

/** Whether these events are of the firewall and of nothing else. */
export function isFirewallAlone(topics: ReadonlySet<Topic>): boolean {
  return topics.size === 1 && topics.has('firewall')
}

function limited(plan: Plan, plans: Extent, problems: readonly Problem[]): Plan {
  if (plans === 'firewall') return onlyFirewall(plan, problems)
  if (plans === 'held') return { ...plan, changes: [], heldBack: [...plan.changes, ...plan.heldBack] }
  return plan
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
