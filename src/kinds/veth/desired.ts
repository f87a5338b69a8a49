import { reference } from '../../engine/types.ts'
import type { Resource } from '../../engine/types.ts'
import type { Container } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { runningContainers } from '../shared/inside.ts'
import { aliasOf, MARK_TEXT, vethName } from '../../model/identity.ts'
import type { VethSpec } from './spec.ts'

export function desiredVeths(world: World): readonly Resource<VethSpec>[] {
  return runningContainers(world).map((container) => ({
    key: vethName(container.runtime),
    spec: desiredVeth(container, world),
    needs: [reference('bridge', container.network)],
  }))
}

/** The reference by which what is inside a container needs its interface. */
export function vethReference(container: Container): string {
  return reference('veth', vethName(container.runtime))
}

function desiredVeth(container: Container, { model }: World): VethSpec {
  const mtu = model.networks.find(({ name }) => name === container.network)?.mtu ?? 1500
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
    peer: {
      netns: container.runtime.name,
      interface: container.runtime.interface,
      mac: container.mac,
      mtu,
      up: true,
    },
  }
}
