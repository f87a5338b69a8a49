import type { Replies } from '../engine/types.ts'
import type { Link, LinkAddress } from '../formats/ip-links.ts'
import type { RouteEntry } from '../formats/ip-routes.ts'
import { attachmentOf } from '../kinds/shared/attachment.ts'
import { innerLink, insideContainers, insideFault, insideReply } from '../kinds/shared/inside.ts'
import { isOurs } from '../kinds/shared/is-ours.ts'
import { links, routes } from '../kinds/shared/probes.ts'
import { canFilterFrames, canPersist } from '../kinds/shared/tables.ts'
import { locate } from '../runtimes/locate.ts'
import { acceptRaOf } from './accept-ra.ts'
import { proxyFacts } from './proxy.ts'
import { sharing } from './sharing.ts'
import { uplinkIpv4 } from './source-address.ts'
import { vethName } from '../model/identity.ts'
import type { Container, Model } from '../model/types.ts'
import type { BridgePort, ContainerFacts, HostFacts, Places, UpstreamFacts } from '../model/world.ts'

/** Reads what the file leaves open: the upstream's addresses, which containers run, what stands elsewhere. */
export function readFacts(model: Model, replies: Replies, places: Places): HostFacts {
  const all = links(replies)
  const bridges = new Set(model.networks.map(({ name }) => name))
  return {
    upstream: {
      ...upstreamFacts(model.upstream.interface, all, routes(replies, 4)),
      ...acceptRa(model, replies),
    },
    containers: new Map(
      model.containers.map((container) => [
        container.name,
        containerFacts(container, model, replies, places),
      ]),
    ),
    proxy: proxyFacts(replies, places),
    firewall: { canPersist: canPersist(replies), canFilterFrames: canFilterFrames(replies) !== false },
    ports: bridgePorts(model, all),
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

function bridgePorts(model: Model, all: readonly Link[]): readonly BridgePort[] {
  const bridges = new Set(model.networks.map(({ name }) => name))
  const pairs = new Set(insideContainers(model).map(({ runtime }) => vethName(runtime)))
  return all.flatMap((link) => {
    const { name, master, type } = link
    if (master === undefined || !bridges.has(master)) return []
    return [{ name, bridge: master, ours: type === 'veth' && isOurs(link, pairs) }]
  })
}

function acceptRa(model: Model, replies: Replies): Pick<UpstreamFacts, 'acceptRa'> {
  const value = acceptRaOf(model, replies)
  return value === undefined ? {} : { acceptRa: value }
}

function upstreamFacts(name: string, all: readonly Link[], ways: readonly RouteEntry[]): UpstreamFacts {
  const link = all.find((candidate) => candidate.name === name)
  const addresses = link?.addresses.filter(({ linkLocal }) => !linkLocal) ?? []
  return {
    name,
    present: link !== undefined,
    up: link?.up ?? false,
    ipv4: uplinkIpv4(link, all, ways),
    ipv6: ofFamily(addresses, 6),
    publicIpv6: ofFamily(
      addresses.filter(({ lasting }) => lasting),
      6,
    ),
  }
}

const NOTHING = { ipv4: [], ipv6: [] }

function containerFacts(
  container: Container,
  model: Model,
  replies: Replies,
  places: Places,
): ContainerFacts {
  if (container.runtime.type === 'none') return { state: 'managed', ...NOTHING }
  const place = locate(container, model, replies)
  if (place?.state === 'absent') return { state: 'absent', ...NOTHING }
  if (place?.state !== 'running' || sharing(container, model, replies, places) !== undefined)
    return { state: 'unknown', ...NOTHING }
  const reply = insideReply(replies, container, model)
  if (reply === undefined || insideFault(replies, container, model)) return { state: 'unknown', ...NOTHING }
  // Its namespace is gone, or is another's by now.
  if ('error' in reply) return { state: reply.error.code === 'not-found' ? 'absent' : 'unknown', ...NOTHING }
  return runningFacts(container, model, replies, place.netns)
}

function runningFacts(container: Container, model: Model, replies: Replies, netns: string): ContainerFacts {
  const link = innerLink(replies, container, model)
  const attachment = attachmentOf(replies, container, model)
  if (link === undefined) return { state: 'running', ...NOTHING, netns, attachment }
  const addresses = link.addresses.filter(({ linkLocal }) => !linkLocal)
  return {
    state: 'running',
    ipv4: ofFamily(addresses, 4),
    ipv6: ofFamily(addresses, 6),
    interface: link.name,
    mac: link.mac,
    netns,
    attachment,
  }
}

function ofFamily(addresses: readonly LinkAddress[], family: 4 | 6): readonly string[] {
  return addresses.filter((entry) => entry.family === family).map(({ address }) => address)
}
