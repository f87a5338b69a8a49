import type { World } from '../../model/world.ts'
import type { Change, Step } from '../../engine/types.ts'
import { egressSteps } from '../shared/egress.ts'
import { publicIpv4 } from '../shared/public-ipv4.ts'
import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'
import { standingNetworks } from '../shared/standing.ts'

/** The addresses that NAT works with: the public one, the source for the way out, the private subnets. */
export const natAddress = defineElementKind({
  name: 'nat-address',
  sets: ['public4', 'source4', 'networks4'],
  deletes: 'early',
  followsHost: true,
  desired,
  aftermath,
})

/** Connections keep the translation that they began with, until their tracking entries are deleted. */
function aftermath(change: Change<ElementSpec>, world: World): readonly Step[] {
  if (change.action === 'delete' || change.after.set === 'public4' || world.model.nat.source === 'none')
    return []
  return egressSteps(world)
}

function desired(world: World): readonly ElementSpec[] {
  const { model } = world
  const addresses = model.networks.length > 0 ? publicIpv4(world) : []
  const subnets = standingNetworks(world).flatMap(({ ipv4 }) => (ipv4 ? [ipv4.cidr] : []))
  const source = model.nat.source === 'snat' && subnets.length > 0 ? addresses.slice(0, 1) : []
  return [
    ...addresses.map((element) => ({ set: 'public4' as const, element })),
    ...source.map((data) => ({ set: 'source4' as const, element: model.upstream.interface, data })),
    ...subnets.map((element) => ({ set: 'networks4' as const, element })),
  ]
}
