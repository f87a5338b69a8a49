import { kernelError } from './fail.ts'
import { masked, samePrefix } from './inet.ts'
import type { Prefix } from './inet.ts'
import type { Link, LinkAddress, Route } from './state.ts'

export interface NewAddress {
  readonly prefix: Prefix
  readonly metric: number | undefined
  readonly nodad: boolean
  readonly noprefixroute: boolean
  readonly scope: LinkAddress['scope']
  /** `preferred_lft 0`. */
  readonly deprecated: boolean
}

/** Gives a link an address; `replace` changes the metric of one that is there instead of failing. */
export function addAddress(link: Link, wanted: NewAddress, replace: boolean): void {
  const { family } = wanted.prefix
  if (family === 6 && link.netns.sysctls.get(`net/ipv6/conf/${link.name}/disable_ipv6`) === '1') {
    throw kernelError('Error: ipv6: IPv6 is disabled on this device.')
  }
  const known = link.addresses.find((address) => clashes(address.prefix, wanted.prefix))
  if (known === undefined) return insert(link, wanted)
  if (!replace) throw kernelError(`Error: ipv${family}: ${family === 4 ? 'A' : 'a'}ddress already assigned.`)
  removeConnectedRoute(link, known)
  known.metric = wanted.metric
  known.nodad = wanted.nodad && family === 6
  known.deprecated = wanted.deprecated
  addConnectedRoute(link, known)
}

/** IPv4 tells addresses apart by address and length, IPv6 by the address alone. */
function clashes(one: Prefix, other: Prefix): boolean {
  if (one.family !== other.family || one.value !== other.value) return false
  return one.family === 6 || one.length === other.length
}

function insert(link: Link, wanted: NewAddress): void {
  const secondary =
    wanted.prefix.family === 4 &&
    link.addresses.some(
      (known) => !known.secondary && samePrefix(masked(known.prefix), masked(wanted.prefix)),
    )
  const address: LinkAddress = { ...wanted, nodad: wanted.nodad && wanted.prefix.family === 6, secondary }
  link.addresses.push(address)
  if (link.up) addConnectedRoute(link, address)
}

/** Takes an address away, with its connected route, an IPv4 one's secondaries and all that had it as source. */
export function removeAddress(link: Link, prefix: Prefix): void {
  const address = link.addresses.find((known) => samePrefix(known.prefix, prefix))
  if (address === undefined) {
    throw kernelError(`Error: ipv${prefix.family}: ${prefix.family === 4 ? 'A' : 'a'}ddress not found.`)
  }
  const gone = link.addresses.filter((known) => known === address || goesWith(known, address))
  link.addresses = link.addresses.filter((known) => !gone.includes(known))
  for (const one of gone) removeConnectedRoute(link, one)
  if (prefix.family === 4) forgetSource(link, gone)
}

/** `promote_secondaries` is 0 by default: the secondaries of a subnet go with its first address. */
function goesWith(known: LinkAddress, first: LinkAddress): boolean {
  return known.secondary && !first.secondary && samePrefix(masked(known.prefix), masked(first.prefix))
}

/** The kernel drops routes whose source address is gone, and with a link's last IPv4 address all its IPv4 routes. */
function forgetSource(link: Link, gone: readonly LinkAddress[]): void {
  const last = !link.addresses.some((known) => known.prefix.family === 4)
  link.netns.routes = link.netns.routes.filter((route) => {
    if (route.prefix.family !== 4) return true
    if (last && route.link === link) return false
    return !gone.some((address) => route.prefsrc?.value === address.prefix.value)
  })
}

/** Adds the connected route (protocol kernel) that an address of an up link brings. */
export function addConnectedRoute(link: Link, address: LinkAddress): void {
  const route = connectedRoute(link, address)
  if (route === undefined || address.noprefixroute || !link.up) return
  if (!link.netns.routes.some((known) => sameRoute(known, route))) link.netns.routes.push(route)
}

function removeConnectedRoute(link: Link, address: LinkAddress): void {
  const route = connectedRoute(link, address)
  if (route === undefined) return
  const still = link.addresses.some((other) => other !== address && needs(link, other, route))
  if (still) return
  link.netns.routes = link.netns.routes.filter((known) => known.protocol !== 2 || !sameRoute(known, route))
}

function needs(link: Link, address: LinkAddress, route: Route): boolean {
  const own = connectedRoute(link, address)
  return own !== undefined && sameRoute(own, route)
}

function sameRoute(one: Route, other: Route): boolean {
  return one.link === other.link && one.metric === other.metric && samePrefix(one.prefix, other.prefix)
}

function connectedRoute(link: Link, address: LinkAddress): Route | undefined {
  const { prefix } = address
  if (link.kind === 'loopback' || address.secondary || (prefix.family === 4 && prefix.length === 32))
    return undefined
  const common = { type: 1, prefix: masked(prefix), gateway: undefined, link, protocol: 2 }
  if (prefix.family === 6) return { ...common, metric: address.metric ?? 256, scope: 0, prefsrc: undefined }
  return { ...common, metric: address.metric ?? 0, scope: 253, prefsrc: { family: 4, value: prefix.value } }
}
