import type { Catalogue } from '../engine/look.ts'
import { containerAddress } from '../kinds/container-address/index.ts'
import { containerRoute } from '../kinds/container-route/index.ts'
import { KINDS } from '../kinds/index.ts'
import { insideProbes } from '../kinds/shared/inside.ts'
import { LINKS } from '../kinds/shared/probes.ts'
import type { Model } from '../model/types.ts'
import type { HostFacts, World } from '../model/world.ts'
import { acceptRaProbes } from './accept-ra.ts'
import { readFacts } from './facts.ts'
import { lookupProblems } from './lookups.ts'
import { NO_PROXY } from './proxy.ts'
import { preconditions } from './preconditions.ts'
import { upstreamProbe } from './upstream.ts'

/** What the engine works with: the kinds, and how the facts about the host are read. */
export const CATALOGUE: Catalogue<Model, World> = {
  kinds: KINDS,
  factProbes: (model, known) => [
    LINKS,
    ...upstreamProbe(model),
    ...acceptRaProbes(model),
    ...insideProbes(model, known),
  ],
  world: (model, replies, places) => {
    const world = { model, facts: readFacts(model, replies, places), places }
    return { world, ...preconditions(world, replies) }
  },
  unobserved: (model, places) => ({ model, facts: unobservedFacts(model), places }),
  standings: new WeakMap(),
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
