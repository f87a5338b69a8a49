import { reference } from '../../engine/types.ts'
import type { Resource } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import { MARK } from '../../model/identity.ts'
import { routeKey } from '../shared/routes.ts'
import type { RouteSpec } from '../shared/routes.ts'

/** Above 256, the metric of a connected prefix, so that it never hides the upstream's own /64 (T22). */
const UNREACHABLE_METRIC = 4096

/**
 * A /128 for each container, and "unreachable" for the rest of the slice: an unused address is answered at once,
 * instead of filling the neighbour table (on-link) or going round in circles with the router (routed, T22).
 */
export function desiredRoutes(model: Model): readonly Resource<RouteSpec>[] {
  const bridges = new Set(model.networks.filter(({ ipv6 }) => ipv6).map(({ name }) => name))
  const hosts = model.containers.flatMap(({ ipv6, network }) =>
    ipv6 !== undefined && bridges.has(network) ? [{ destination: ipv6, device: network, metric: MARK }] : [],
  )
  return [
    ...unreachable(model).map((destination) => resource({ destination, metric: UNREACHABLE_METRIC }, [])),
    ...hosts.map((spec) => resource(spec, [reference('bridge', spec.device)])),
  ]
}

function unreachable({ prefix, networks }: Model): readonly string[] {
  const slices = networks.flatMap(({ ipv6 }) => (ipv6 ? [ipv6.cidr] : []))
  if (slices.length === 0) return []
  return prefix.delivery === 'on-link' ? slices : [prefix.cidr]
}

function resource(spec: RouteSpec, needs: readonly string[]): Resource<RouteSpec> {
  return { key: routeKey(spec), spec, needs }
}

/** The reference by which others need a container's route. */
export function routeReference(destination: string, device: string): string {
  return reference('route', routeKey({ destination, device, metric: MARK }))
}
