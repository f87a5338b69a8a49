import { covers, isLinkLocal, samePrefix } from './inet.ts'
import { kernelError, netlinkError } from './fail.ts'
import type { Address, Prefix } from './inet.ts'
import type { Link, Netns, Route } from './state.ts'

/** What a command says about a route; what is undefined was left out. */
export interface RouteRequest {
  readonly type: number | undefined
  readonly prefix: Prefix
  readonly gateway: Address | undefined
  readonly link: Link | undefined
  readonly protocol: number | undefined
  readonly metric: number | undefined
  readonly scope: number | undefined
  readonly prefsrc: Address | undefined
}

export type RouteVerb = 'add' | 'replace' | 'change' | 'append'

/** Adds or replaces a route; one destination and metric holds one route, whatever its other fields. */
export function putRoute(netns: Netns, request: RouteRequest, verb: RouteVerb): void {
  const route = complete(netns, request)
  const at = netns.routes.findIndex(
    (known) => known.metric === route.metric && samePrefix(known.prefix, route.prefix),
  )
  if (at < 0 && verb === 'change') throw netlinkError('No such file or directory')
  if (at < 0) netns.routes.push(route)
  else if (verb === 'replace' || verb === 'change') netns.routes[at] = route
  else throw netlinkError('File exists')
}

/** Deletes the first route that fits all that the command says. */
export function deleteRoute(netns: Netns, request: RouteRequest): void {
  const at = netns.routes.findIndex((route) => fits(route, request))
  if (at < 0) throw netlinkError('No such process')
  netns.routes.splice(at, 1)
}

function fits(route: Route, request: RouteRequest): boolean {
  if (!samePrefix(route.prefix, request.prefix)) return false
  // The kernel compares the type of IPv4 routes only (ip6_route_del does not look at it).
  if (request.prefix.family === 4 && request.type !== undefined && request.type !== route.type) return false
  if (request.link !== undefined && request.link !== route.link) return false
  if (request.gateway !== undefined && request.gateway.value !== route.gateway?.value) return false
  if (request.protocol !== undefined && request.protocol !== route.protocol) return false
  return request.metric === undefined || request.metric === route.metric
}

function complete(netns: Netns, request: RouteRequest): Route {
  const type = request.type ?? 1
  const { prefix, gateway } = request
  const metric = request.metric ?? (prefix.family === 6 ? 1024 : 0)
  const link = type === 1 ? nexthop(netns, request) : unreachableLink(netns, prefix)
  const ownScope = prefix.family === 6 || gateway !== undefined || type !== 1 ? 0 : 253
  const scope = request.scope ?? ownScope
  return {
    type,
    prefix,
    gateway,
    link,
    protocol: request.protocol ?? 3,
    metric,
    scope,
    prefsrc: request.prefsrc,
  }
}

/** IPv6 hangs unreachable routes on `lo`, IPv4 on no device. */
function unreachableLink(netns: Netns, prefix: Prefix): Link | undefined {
  return prefix.family === 6 ? [...netns.links.values()].find((link) => link.kind === 'loopback') : undefined
}

function nexthop(netns: Netns, request: RouteRequest): Link {
  return request.prefix.family === 4 ? nexthop4(netns, request) : nexthop6(netns, request)
}

function nexthop4(netns: Netns, { gateway, link, prefsrc }: RouteRequest): Link {
  const owned = prefsrc === undefined || ownAddress(netns, prefsrc)
  if (!owned) throw kernelError('Error: Invalid prefsrc address.')
  if (gateway === undefined) return upLink(link, 'Error: Device for nexthop is not up.')
  const found = onLinkRoute(netns, gateway, link)?.link
  if (found === undefined) throw kernelError('Error: Nexthop has invalid gateway.')
  return found
}

function nexthop6(netns: Netns, { gateway, link }: RouteRequest): Link {
  if (link !== undefined) upLink(link, 'Error: Nexthop device is not up.')
  if (gateway === undefined) return upLink(link, '')
  if (ownAddress(netns, gateway)) throw kernelError('Error: Gateway can not be a local address.')
  if (isLinkLocal(gateway)) {
    if (link === undefined) throw kernelError('Error: Egress device not specified.')
    return link
  }
  const found = onLinkRoute(netns, gateway, link)?.link
  if (found === undefined) throw netlinkError('No route to host')
  return found
}

function upLink(link: Link | undefined, whenDown: string): Link {
  if (link === undefined) throw netlinkError('No such device')
  if (!link.up) throw kernelError(whenDown)
  return link
}

function onLinkRoute(netns: Netns, gateway: Address, link: Link | undefined): Route | undefined {
  const candidates = netns.routes.filter(
    (route) => covers(route.prefix, gateway) && (link === undefined || route.link === link),
  )
  const [best] = candidates.toSorted((a, b) => b.prefix.length - a.prefix.length || a.metric - b.metric)
  return best?.gateway === undefined && best?.type === 1 ? best : undefined
}

function ownAddress(netns: Netns, address: Address): boolean {
  return [...netns.links.values()].some((link) =>
    link.addresses.some(({ prefix }) => prefix.family === address.family && prefix.value === address.value),
  )
}
