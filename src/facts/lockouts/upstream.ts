import type { Replies } from '../../engine/types.ts'
import { linkNamed, links, proxies, routes } from '../../kinds/shared/probes.ts'
import { MARK_TEXT } from '../../model/identity.ts'
import type { Model } from '../../model/types.ts'
import { addressBits, cidrContains, overlaps, parseCidr } from '../../net/address.ts'
import { allRoutes } from './probes.ts'
import { ourBridges } from './standing.ts'

/** Whether the file works with a public IPv4 that is on no interface of this host. */
export function isIpv4Missing({ upstream, networks, nat, routes: led }: Model, replies: Replies): boolean {
  const { ipv4 } = upstream
  const isUsed =
    (networks.some((network) => network.ipv4) && nat.source === 'snat') ||
    nat.forwards.length > 0 ||
    led.length > 0
  if (ipv4 === undefined || !isUsed || linkNamed(replies, upstream.interface) === undefined) return false
  return !links(replies).some(({ addresses }) => addresses.some(({ address }) => address === ipv4))
}

/** Whether containers that have their IPv6 would lose it for a prefix of which nothing is on the uplink. */
export function isPrefixStrange(model: Model, replies: Replies): boolean {
  const { prefix, upstream } = model
  const link = linkNamed(replies, upstream.interface)
  if (prefix.delivery !== 'on-link' || link === undefined) return false
  const bridges = new Set(ourBridges(model, replies).map(({ name }) => name))
  const isLost = routes(replies, 6).some(
    ({ protocol, device, destination }) =>
      protocol === MARK_TEXT && bridges.has(device ?? '') && !cidrContains(prefix.cidr, destination),
  )
  return isLost && !isOnUplink(prefix.cidr, upstream.interface, replies)
}

/** By an address, or by a route that leads there without a next hop. */
function isOnUplink(prefix: string, name: string, replies: Replies): boolean {
  const addresses = linkNamed(replies, name)?.addresses.filter(({ linkLocal }) => !linkLocal) ?? []
  if (addresses.some(({ address }) => cidrContains(prefix, address))) return true
  const cidr = parseCidr(prefix)
  return routes(replies, 6).some(({ device, gateway, hops, protocol, destination }) => {
    const isDirect = device === name && gateway === undefined && hops === undefined
    if (!isDirect || protocol === MARK_TEXT || destination === 'default') return false
    const other = parseCidr(destination.includes('/') ? destination : `${destination}/${addressBits(6)}`)
    return cidr !== undefined && other !== undefined && overlaps(cidr, other)
  })
}

/** The interface on which our containers are served now, where it leads out and the one that the file names does not. */
export function leftUplink(model: Model, replies: Replies): string | undefined {
  const { interface: name } = model.upstream
  const served = new Set(
    proxies(replies)
      .filter(({ protocol, device }) => protocol === MARK_TEXT && device !== name)
      .map(({ device }) => device),
  )
  if (served.size === 0) return undefined
  const leadsOut = (device: string): boolean =>
    allRoutes(replies).some((route) => route.destination === 'default' && isBy(route, device))
  return leadsOut(name) ? undefined : [...served].find(leadsOut)
}

function isBy(
  {
    device,
    hops = [],
  }: { readonly device?: string | undefined; readonly hops?: readonly { readonly device?: string }[] },
  name: string,
): boolean {
  return device === name || hops.some((hop) => hop.device === name)
}

/** Whether proxy neighbours of ours stand on another interface than the file's. */
export function isServedElsewhere({ upstream }: Model, replies: Replies): boolean {
  return proxies(replies).some(
    ({ protocol, device }) => protocol === MARK_TEXT && device !== upstream.interface,
  )
}
