import type { Catalogue, Standing } from '../engine/look.ts'
import type { Probe, Replies } from '../engine/types.ts'
import { containerAddress } from '../kinds/container-address/index.ts'
import { containerRoute } from '../kinds/container-route/index.ts'
import { KINDS } from '../kinds/index.ts'
import { insideProbes } from '../kinds/shared/inside.ts'
import { LINKS, ROUTES4 } from '../kinds/shared/probes.ts'
import type { Model } from '../model/types.ts'
import { acceptRaProbes } from './accept-ra.ts'
import type { HostFacts, Places, World } from '../model/world.ts'
import { ACCEPTED_BEFORE, acceptedModel } from './accepted.ts'
import { readFacts } from './facts.ts'
import { deletesRefused, emptyRefused, isTooMuch, removalsOf } from './removals.ts'
import { enforced, guarded, guardProbes } from './lockouts/guard.ts'
import { lookupProblems } from './lookups.ts'
import { NO_PROXY } from './proxy.ts'
import { preconditions } from './preconditions.ts'
import { upstreamProbe } from './upstream.ts'

/** What a guard refuses, unless it is allowed. */
export type Permission = 'lockout' | 'empty' | 'deletes'

/** What the engine works with: the kinds, and how the facts about the host are read. */
export const CATALOGUE = makeCatalogue(new Set())

/** The same, where some of what guards refuse is allowed. */
export function catalogueAllowing(allowed?: ReadonlySet<Permission>): Catalogue<Model, World> {
  return allowed === undefined || allowed.size === 0 ? CATALOGUE : makeCatalogue(allowed)
}

function makeCatalogue(allowed: ReadonlySet<Permission>): Catalogue<Model, World> {
  return {
    kinds: KINDS,
    factProbes: (model, known) => [...factProbes(model, known), ...heldProbes(model, known, allowed)],
    world: (model, replies, places) => guardedWorld(model, replies, places, allowed),
    unobserved: (model, places) => ({ model, facts: unobservedFacts(model), places }),
    standings: new WeakMap(),
  }
}

/** What tells of the host, as far as the file wants to know. */
export function factProbes(model: Model, known: Replies): readonly Probe[] {
  return [
    LINKS,
    ROUTES4,
    ...upstreamProbe(model),
    ...acceptRaProbes(model),
    ...insideProbes(model, known),
    ...guardProbes(model, known),
    ACCEPTED_BEFORE,
  ]
}

/** What stands in for a part of the file that is held back is looked at as the rest is. */
function heldProbes(file: Model, known: Replies, allowed: ReadonlySet<Permission>): readonly Probe[] {
  const emptied = emptiedFrom(file, known, allowed)
  const model = emptied ?? enforced(file, known, allowed.has('lockout'))
  if (model === file) return []
  return [...factProbes(model, known), ...KINDS.flatMap((kind) => kind.probes(model, known))]
}

/** The world of what is enforced, which is the file but for what is refused. */
function guardedWorld(
  file: Model,
  replies: Replies,
  places: Places,
  allowed: ReadonlySet<Permission>,
): Standing<World> {
  const removals = removalsOf(file, replies)
  const isEmptied = removals.empties && !allowed.has('empty')
  const emptied = emptiedFrom(file, replies, allowed)
  const judged = guarded(emptied ?? file, replies, allowed.has('lockout'))
  const { model, warnings } = judged
  const lost = judged.lost || (isEmptied && emptied === undefined)
  const holdsDeletes =
    !isEmptied && !allowed.has('deletes') && !allowed.has('empty') && isTooMuch(removals, file)
  const refusals = [
    ...(isEmptied ? [emptyRefused()] : []),
    ...(holdsDeletes ? [deletesRefused(removals)] : []),
    ...judged.refusals,
  ]
  const facts = readFacts(model, replies, places)
  const world = {
    model,
    facts: model === file ? facts : withContainersOf(file, facts, replies, places),
    places,
  }
  const { problems, plans } = preconditions(world, replies)
  const extent = lost && plans === 'everything' ? 'held' : plans
  return {
    world,
    problems: [...refusals, ...problems],
    warnings,
    plans: extent,
    ...(holdsDeletes && { holdsDeletes }),
    ...(allowed.has('deletes') && { allowsDeletes: true }),
  }
}

/** What was accepted before, where the file has no container left and nobody has said that they are to go. */
function emptiedFrom(file: Model, replies: Replies, allowed: ReadonlySet<Permission>): Model | undefined {
  if (file.containers.length > 0 || allowed.has('empty')) return undefined
  const before = acceptedModel(replies, ACCEPTED_BEFORE.id)
  return before !== undefined && before.containers.length > 0 ? before : undefined
}

/** What the file names is told of, too, where nothing of it is enforced. */
function withContainersOf(file: Model, facts: HostFacts, replies: Replies, places: Places): HostFacts {
  const { containers } = readFacts(file, replies, places)
  return { ...facts, containers: new Map([...containers, ...facts.containers]) }
}

/** The same of what is inside containers alone, whatever the host is like. */
export const INSIDES: Catalogue<Model, World> = {
  ...CATALOGUE,
  standings: new WeakMap(),
  kinds: [containerAddress, containerRoute],
  factProbes: (model, known) => [LINKS, ...insideProbes(model, known)],
  world: (model, replies, places) => {
    const world = { model, facts: readFacts(model, replies, places), places }
    return { world, problems: lookupProblems(world, replies), plans: 'everything' }
  },
}

function unobservedFacts(model: Model): HostFacts {
  const unknown = { state: 'unknown' as const, ipv4: [], ipv6: [] }
  return {
    upstream: {
      name: model.upstream.interface,
      present: undefined,
      up: undefined,
      ipv4: [],
      ipv6: [],
      publicIpv6: [],
    },
    containers: new Map(model.containers.map(({ name }) => [name, unknown])),
    foreignAddresses: new Map(),
    proxy: NO_PROXY,
    firewall: { canPersist: false, canFilterFrames: true },
    ports: [],
    takenNetworks: new Set(),
  }
}
