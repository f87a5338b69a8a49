import type { Conflict, Observed, Replies, Resource } from '../../engine/types.ts'
import type { Link } from '../../formats/ip-links.ts'
import type { Container, Model, Runtime } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { RUNTIMES } from '../../runtimes/index.ts'
import { insideContainers, ourInnerLink, runningContainers } from '../shared/inside.ts'
import { vethName } from '../../model/identity.ts'
import { isOurs } from '../shared/is-ours.ts'
import { links } from '../shared/probes.ts'
import { wantedLinkLocal } from './desired.ts'
import type { PeerSpec, VethSpec } from './spec.ts'

export function observeVeths(replies: Replies, world: World): Observed<VethSpec> {
  const containers = new Map(
    insideContainers(world.model).map((container) => [vethName(container.runtime), container]),
  )
  const names = new Set(containers.keys())
  const all = links(replies).filter(({ type }) => type === 'veth')
  const owned = all.filter((link) => isOurs(link, names) && !isUnknown(containers.get(link.name), world))
  return {
    owned: owned.map((link) => asResource(link, containers.get(link.name), replies, world.model)),
    foreign: all.filter((link) => !isOurs(link, names)).map(({ name }) => name),
    conflicts: runningContainers(world).flatMap((container) => inTheWay(container, world)),
  }
}

/** Nothing is planned for a container whose inside could not be read. */
function isUnknown(container: Container | undefined, { facts }: World): boolean {
  return container !== undefined && facts.containers.get(container.name)?.state === 'unknown'
}

function asResource(
  link: Link,
  container: Container | undefined,
  replies: Replies,
  model: Model,
): Resource<VethSpec> {
  return {
    key: link.name,
    spec: {
      container: link.alias.slice(link.alias.indexOf(':') + 1),
      bridge: link.master ?? '',
      up: link.up,
      mtu: link.mtu,
      hairpin: link.hairpin,
      isolated: link.isolated,
      alias: link.alias,
      group: link.group,
      peer: container && peerOf(container, replies, model),
    },
  }
}

function peerOf(container: Container, replies: Replies, model: Model): PeerSpec | undefined {
  const link = ourInnerLink(replies, container, model)
  return link && observedPeer(link, container)
}

/** The container's end as it is. It may have other link-local addresses beside the one of its MAC. */
export function observedPeer({ name, mac, mtu, up, addresses }: Link, container: Container): PeerSpec {
  const { linkLocal: wanted } = wantedLinkLocal(container)
  const own = addresses.filter((entry) => entry.linkLocal && entry.family === 6).map(({ address }) => address)
  const linkLocal = own.find((address) => address === wanted) ?? own[0] ?? ''
  const more = wanted === undefined ? {} : { linkLocal }
  return { netns: container.runtime.name, interface: name, mac, ...more, mtu, up }
}

function inTheWay({ name, network, runtime }: Container, { facts }: World): Conflict[] {
  const attachment = facts.containers.get(name)?.attachment
  if (attachment?.type !== 'elsewhere') return []
  return [
    {
      key: vethName(runtime),
      message: `container ${name} has ${attachment.what}`,
      hint:
        `${wayOut(runtime, network)}; or name another interface in ` +
        `network.yaml (runtime: {type: ${runtime.type}, name: ${runtime.name}, interface: NAME}); or leave the inside alone (runtime: none)`,
    },
  ]
}

function wayOut(runtime: Runtime, bridge: string): string {
  const remove = `remove it (ip -n ${runtime.name} link delete dev ${runtime.interface})`
  return RUNTIMES[runtime.type]?.wayOut(bridge) ?? remove
}
