import type { Conflict, Observed, Replies, Resource } from '../../engine/types.ts'
import type { Link } from '../../formats/ip-links.ts'
import type { Container } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { innerLink, insideContainers, ourInnerLink, runningContainers } from '../shared/inside.ts'
import { vethName } from '../../model/identity.ts'
import { isOurs } from '../shared/is-ours.ts'
import { links } from '../shared/probes.ts'
import type { PeerSpec, VethSpec } from './spec.ts'

export function observeVeths(replies: Replies, world: World): Observed<VethSpec> {
  const containers = new Map(
    insideContainers(world.model).map((container) => [vethName(container.runtime), container]),
  )
  const names = new Set(containers.keys())
  const all = links(replies).filter(({ type }) => type === 'veth')
  const owned = all.filter((link) => isOurs(link, names) && !isUnknown(containers.get(link.name), world))
  return {
    owned: owned.map((link) => asResource(link, containers.get(link.name), replies)),
    foreign: all.filter((link) => !isOurs(link, names)).map(({ name }) => name),
    conflicts: runningContainers(world).flatMap((container) => inTheWay(container, replies)),
  }
}

/** Nothing is planned for a container whose inside could not be read. */
function isUnknown(container: Container | undefined, { facts }: World): boolean {
  return container !== undefined && facts.containers.get(container.name)?.state === 'unknown'
}

function asResource(link: Link, container: Container | undefined, replies: Replies): Resource<VethSpec> {
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
      peer: container && peerOf(container, replies),
    },
  }
}

function peerOf(container: Container, replies: Replies): PeerSpec | undefined {
  const link = ourInnerLink(replies, container)
  if (link === undefined) return undefined
  const { name, mac, mtu, up } = link
  return { netns: container.runtime.name, interface: name, mac, mtu, up }
}

function inTheWay(container: Container, replies: Replies): Conflict[] {
  const { runtime } = container
  const link = innerLink(replies, container)
  if (link === undefined || ourInnerLink(replies, container) !== undefined) return []
  return [
    {
      key: vethName(runtime),
      message: `container ${container.name} has an interface ${link.name} that slash64 did not make`,
      hint:
        `remove it (ip -n ${runtime.name} link delete dev ${link.name}); or name another interface in ` +
        `network.yaml (runtime: {type: netns, name: ${runtime.name}, interface: NAME}); or leave the inside alone (runtime: none)`,
    },
  ]
}
