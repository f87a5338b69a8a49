import type { Replies } from '../engine/types.ts'
import type { Link, LinkAddress } from '../formats/ip-links.ts'
import { innerLink, inside, insideFault, insideProbe } from '../kinds/shared/inside.ts'
import { isOurs } from '../kinds/shared/is-ours.ts'
import { canPersist, links } from '../kinds/shared/probes.ts'
import { proxyFacts } from './proxy.ts'
import type { Container, Model } from '../model/types.ts'
import type { ContainerFacts, HostFacts, Places, UpstreamFacts } from '../model/world.ts'

/** Reads what the file leaves open: the upstream's addresses, which containers run, what stands elsewhere. */
export function readFacts(model: Model, replies: Replies, places: Places): HostFacts {
  const all = links(replies)
  const bridges = new Set(model.networks.map(({ name }) => name))
  return {
    upstream: upstreamFacts(model.upstream.interface, all),
    containers: new Map(
      model.containers.map((container) => [container.name, containerFacts(container, replies)]),
    ),
    proxy: proxyFacts(replies, places),
    firewall: { canPersist: canPersist(replies) },
    takenNetworks: new Set(
      all
        .filter((link) => bridges.has(link.name) && !(link.type === 'bridge' && isOurs(link, bridges)))
        .map(({ name }) => name),
    ),
    foreignAddresses: new Map(
      all
        .filter((link) => !isOurs(link, bridges) && !bridges.has(link.name))
        .flatMap((link) => link.addresses.map(({ address }): [string, string] => [address, link.name])),
    ),
  }
}

function upstreamFacts(name: string, all: readonly Link[]): UpstreamFacts {
  const link = all.find((candidate) => candidate.name === name)
  const addresses = link?.addresses.filter(({ linkLocal }) => !linkLocal) ?? []
  return {
    name,
    present: link !== undefined,
    up: link?.up ?? false,
    ipv4: ofFamily(addresses, 4),
    ipv6: ofFamily(addresses, 6),
    publicIpv6: ofFamily(
      addresses.filter(({ lasting }) => lasting),
      6,
    ),
  }
}

function containerFacts(container: Container, replies: Replies): ContainerFacts {
  const nothing = { ipv4: [], ipv6: [] }
  if (container.runtime.type === 'none') return { state: 'managed', ...nothing }
  const reply = replies.get(insideProbe(container).id)
  if (reply === undefined) return { state: 'unknown', ...nothing }
  if ('error' in reply) return { state: reply.error.code === 'not-found' ? 'absent' : 'unknown', ...nothing }
  if (insideFault(replies, container)) return { state: 'unknown', ...nothing }
  const link = inside(replies, container) && innerLink(replies, container)
  if (link === undefined) return { state: 'running', ...nothing }
  const addresses = link.addresses.filter(({ linkLocal }) => !linkLocal)
  return {
    state: 'running',
    ipv4: ofFamily(addresses, 4),
    ipv6: ofFamily(addresses, 6),
    interface: link.name,
    mac: link.mac,
  }
}

function ofFamily(addresses: readonly LinkAddress[], family: 4 | 6): readonly string[] {
  return addresses.filter((entry) => entry.family === family).map(({ address }) => address)
}
