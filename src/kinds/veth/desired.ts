import { reference } from '../../engine/types.ts'
import type { Resource } from '../../engine/types.ts'
import type { Container } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { linkLocalOf } from '../../net/mac.ts'
import { isOurPair } from '../shared/attachment.ts'
import { runningContainers } from '../shared/inside.ts'
import { aliasOf, MARK_TEXT, vethName } from '../../model/identity.ts'
import type { PeerSpec, VethSpec } from './spec.ts'

export function desiredVeths(world: World): readonly Resource<VethSpec>[] {
  const ours = runningContainers(world).filter((container) => isOurPair(container, world))
  return ours.map((container) => ({
    key: vethName(container.runtime),
    spec: desiredVeth(container, world),
    needs: [reference('bridge', container.network)],
  }))
}

/** The reference by which what is inside a container needs its interface. */
export function interfaceReference(container: Container, { facts }: World): string {
  return facts.containers.get(container.name)?.attachment?.type === 'port'
    ? reference('container-port', portKey(container))
    : reference('veth', vethName(container.runtime))
}

/** The key of a pair that the runtime made: by the container's end, which keeps its name. */
export function portKey({ name, runtime }: Container): string {
  return `${name} dev ${runtime.interface}`
}

function desiredVeth(container: Container, world: World): VethSpec {
  const { model } = world
  const mtu = mtuOf(container, world)
  return {
    container: container.name,
    bridge: container.network,
    up: true,
    mtu,
    // A container that reaches itself by the public IPv4 leaves by the port it came from (br_netfilter on, T21).
    hairpin: true,
    isolated: model.firewall.eastWest === 'deny',
    alias: aliasOf(container.name),
    group: MARK_TEXT,
    peer: desiredPeer(container, mtu),
  }
}

/** The container's end of a pair, whoever made that. */
export function desiredPeer(container: Container, mtu: number): PeerSpec {
  const { name: netns, interface: device } = container.runtime
  return { netns, interface: device, mac: container.mac, ...wantedLinkLocal(container), mtu, up: true }
}

/** The link-local address that a container with IPv6 has: the one of its MAC. */
export function wantedLinkLocal({ ipv6, mac }: Container): { readonly linkLocal?: string } {
  return ipv6 === undefined ? {} : { linkLocal: linkLocalOf(mac) }
}

/** The MTU of the container's network. */
export function mtuOf({ network }: Container, { model }: World): number {
  return model.networks.find(({ name }) => name === network)?.mtu ?? 1500
}
