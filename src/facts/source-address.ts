import type { Link, LinkAddress } from '../formats/ip-links.ts'
import type { RouteEntry } from '../formats/ip-routes.ts'
import { cidrContains } from '../net/address.ts'

/**
 * The IPv4 addresses of the uplink, first the one from which the host itself sends by its default route: what the route says
 * (`src`), else what the kernel picks for its next hop (inet_select_addr in net/ipv4/devinet.c). Never what is listed first.
 */
export function uplinkIpv4(
  link: Link | undefined,
  all: readonly Link[],
  routes: readonly RouteEntry[],
): readonly string[] {
  if (link === undefined) return []
  const own = link.addresses.filter(({ family, linkLocal }) => family === 4 && !linkLocal)
  const source = sourceOf(link.name, own, all, routes)
  const addresses = own.map(({ address }) => address)
  return source === undefined ? addresses : [...new Set([source, ...addresses])]
}

function sourceOf(
  name: string,
  own: readonly LinkAddress[],
  all: readonly Link[],
  routes: readonly RouteEntry[],
): string | undefined {
  const [route] = routes
    .filter(({ destination, unreachable }) => destination === 'default' && !unreachable)
    .filter(({ device, hops }) => device === name || hops?.some((hop) => hop.device === name))
    .toSorted((one, other) => one.metric - other.metric)
  const told = route?.source
  if (told !== undefined && all.some(({ addresses }) => addresses.some(({ address }) => address === told)))
    return told
  const primary = own.filter(({ secondary }) => secondary !== true)
  const gateway = route?.gateway ?? route?.hops?.find(({ device }) => device === name)?.gateway
  const near =
    gateway !== undefined &&
    primary.find((one) => cidrContains(`${one.peer ?? one.address}/${one.length}`, gateway))
  if (near) return near.address
  // Nothing leads out by here yet: an address that means something outside is the better guess.
  const best = route === undefined ? primary.find(({ address }) => !isPrivate(address)) : undefined
  return (best ?? primary[0])?.address
}

/** RFC 1918, and what carriers use inside (RFC 6598). */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']

function isPrivate(address: string): boolean {
  return PRIVATE.some((cidr) => cidrContains(cidr, address))
}
