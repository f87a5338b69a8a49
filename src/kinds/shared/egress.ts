import type { EgressStep } from '../../engine/types.ts'
import type { World } from '../../model/world.ts'
import { publicIpv4 } from './public-ipv4.ts'
import { standingNetworks } from './standing.ts'

/**
 * Ends what is translated otherwise than this file says. None while no address is known: the connections would begin
 * anew without any translation, and show the private source outside.
 */
export function egressSteps(world: World): readonly EgressStep[] {
  const { upstream } = world.model
  const networks = standingNetworks(world).flatMap(({ name, ipv4 }) =>
    ipv4 ? [{ bridge: name, cidr: ipv4.cidr }] : [],
  )
  const to = answersGoTo(world)
  if (networks.length === 0 || to.length === 0) return []
  return [{ tool: 'conntrack', interface: upstream.interface, networks, to }]
}

/** Where answers from outside go to; of several addresses `masquerade` may choose any. */
function answersGoTo(world: World): readonly string[] | 'source' {
  switch (world.model.nat.source) {
    case 'snat':
      return publicIpv4(world).slice(0, 1)
    case 'masquerade':
      return world.facts.upstream.ipv4
    case 'none':
      return 'source'
  }
}
