import { formatAddress, formatDestination, isLinkLocal } from './inet.ts'
import { hasCarrier, routesOf } from './state.ts'
import { localRoutes } from './local-routes.ts'
import type { Family } from './inet.ts'
import type { Link, LinkAddress, Netns, ProxyNeighbour, Route } from './state.ts'

/** What `-N` and `-d` change. */
export interface IpFormat {
  readonly numeric: boolean
  readonly details: boolean
}

type Json = Readonly<Record<string, unknown>>

const NAMES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  scope: { 0: 'global', 253: 'link', 254: 'host' },
  protocol: { 2: 'kernel', 3: 'boot', 4: 'static', 9: 'ra' },
  type: {
    1: 'unicast',
    2: 'local',
    3: 'broadcast',
    5: 'multicast',
    6: 'blackhole',
    7: 'unreachable',
    8: 'prohibit',
  },
  table: { 254: 'main', 255: 'local' },
  group: { 0: 'default' },
}

function named(kind: string, value: number, format: IpFormat): string {
  return (format.numeric ? undefined : NAMES[kind]?.[value]) ?? `${value}`
}

/** One entry of `ip -j link show`, with `addr_info` for `ip -j addr show` (iproute2 6.1). */
export function linkJson(netns: Netns, link: Link, format: IpFormat, addresses: boolean): Json {
  const loopback = link.kind === 'loopback'
  const linkType = loopback ? ['loopback', '[772]'] : ['ether', '[1]']
  return {
    ifindex: link.ifindex,
    ...peerJson(netns, link),
    ifname: link.name,
    flags: flagsOf(link),
    mtu: link.mtu,
    ...(link.master === undefined ? {} : { master: link.master.name }),
    operstate: operstate(link),
    group: named('group', link.group, format),
    link_type: linkType[format.numeric ? 1 : 0],
    address: link.mac,
    broadcast: loopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff',
    ...(format.details ? detailsOf(link) : {}),
    ...(link.alias === '' ? {} : { ifalias: link.alias }),
    ...(addresses ? { addr_info: addressList(link, format) } : {}),
  }
}

/** A peer in the same namespace is named, one in another is an index with the id of that namespace. */
function peerJson(netns: Netns, link: Link): Json {
  if (link.peer === undefined) return {}
  return link.peer.netns === netns ? { link: link.peer.name } : { link_index: link.peer.ifindex }
}

function flagsOf(link: Link): string[] {
  if (link.kind === 'loopback') return link.up ? ['LOOPBACK', 'UP', 'LOWER_UP'] : ['LOOPBACK']
  const down = link.up && !hasCarrier(link)
  return [
    ...(down ? ['NO-CARRIER'] : []),
    'BROADCAST',
    'MULTICAST',
    ...(link.up ? ['UP'] : []),
    ...(down && link.peer?.netns === link.netns ? ['M-DOWN'] : []),
    ...(link.up && !down ? ['LOWER_UP'] : []),
  ]
}

function operstate(link: Link): string {
  if (!link.up) return 'DOWN'
  if (link.kind === 'loopback') return 'UNKNOWN'
  if (hasCarrier(link)) return 'UP'
  // The kernel looks at the peer only inside one namespace.
  return link.peer?.netns === link.netns ? 'LOWERLAYERDOWN' : 'DOWN'
}

function detailsOf(link: Link): Json {
  const foreign = link.peer !== undefined && link.peer.netns !== link.netns ? { link_netnsid: 0 } : {}
  if (link.kind !== 'bridge' && link.kind !== 'veth') return foreign
  const { hairpin, isolated, master } = link
  const slave = { info_slave_kind: 'bridge', info_slave_data: { hairpin, isolated } }
  const own = link.kind === 'bridge' ? { info_data: { no_linklocal_learn: link.linkLocalLearn ? 0 : 1 } } : {}
  return { ...foreign, linkinfo: { info_kind: link.kind, ...own, ...(master === undefined ? {} : slave) } }
}

function addressList(link: Link, format: IpFormat): Json[] {
  const four = link.addresses.filter((address) => address.prefix.family === 4)
  const six = link.addresses.filter((address) => address.prefix.family === 6)
  // The kernel lists IPv6 addresses of one scope newest first.
  const newest = six.toReversed().toSorted((a, b) => scopeRank(a) - scopeRank(b))
  return [...four, ...newest].map((address) => addressJson(link, address, format))
}

function scopeRank(address: LinkAddress): number {
  return isLinkLocal(address.prefix) ? 1 : 0
}

function addressJson(link: Link, address: LinkAddress, format: IpFormat): Json {
  const { prefix, metric, scope } = address
  return {
    family: prefix.family === 4 ? 'inet' : 'inet6',
    local: formatAddress(prefix),
    prefixlen: prefix.length,
    ...(metric === undefined ? {} : { metric }),
    scope: named('scope', scope, format),
    ...(address.secondary ? { secondary: true } : {}),
    ...(address.nodad ? { nodad: true } : {}),
    ...(address.deprecated ? { deprecated: true } : {}),
    ...(address.noprefixroute ? { noprefixroute: true } : {}),
    ...(prefix.family === 4 ? { label: link.name } : {}),
    valid_life_time: 4294967295,
    preferred_life_time: address.deprecated ? 0 : 4294967295,
  }
}

/** `ip -j route show table main` of one family; `all`: both families and the local table, as `table all` prints. */
export function routeList(netns: Netns, families: readonly Family[], format: IpFormat, all: boolean): Json[] {
  return families.flatMap((family) => {
    const main = sorted(routesOf(netns, family)).map((route) =>
      routeJson(route, format, all ? 254 : undefined),
    )
    const local = all ? localRoutes(netns, family).map((route) => routeJson(route, format, 255)) : []
    return [...main, ...local]
  })
}

function sorted(routes: readonly Route[]): Route[] {
  return routes.toSorted(
    (a, b) =>
      defaultRank(a) - defaultRank(b) ||
      compare(a.prefix.value, b.prefix.value) ||
      lengthRank(a) - lengthRank(b) ||
      a.metric - b.metric,
  )
}

/** IPv6 prints its default route last, IPv4 first. */
function defaultRank({ prefix }: Route): number {
  return prefix.family === 6 && prefix.length === 0 ? 1 : 0
}

/** Of prefixes that start alike IPv6 prints the shorter one first, IPv4 the longer one (but `default`). */
function lengthRank({ prefix }: Route): number {
  return prefix.family === 6 || prefix.length === 0 ? prefix.length : 33 - prefix.length
}

function compare(one: bigint, other: bigint): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

export function routeJson(route: Route, format: IpFormat, table: number | undefined): Json {
  const { prefix, gateway, link, prefsrc } = route
  const six = prefix.family === 6
  const linkdown = link !== undefined && link.up && !hasCarrier(link)
  return {
    ...(route.type !== 1 || format.details ? { type: named('type', route.type, format) } : {}),
    dst: formatDestination(prefix),
    ...(gateway === undefined ? {} : { gateway: formatAddress(gateway) }),
    ...(link === undefined ? {} : { dev: link.name }),
    ...(table !== undefined && (format.details || table !== 254)
      ? { table: named('table', table, format) }
      : {}),
    ...(route.protocol !== 3 || format.details
      ? { protocol: named('protocol', route.protocol, format) }
      : {}),
    ...(route.scope !== 0 || format.details ? { scope: named('scope', route.scope, format) } : {}),
    ...(prefsrc === undefined ? {} : { prefsrc: formatAddress(prefsrc) }),
    ...(six || route.metric !== 0 ? { metric: route.metric } : {}),
    flags: linkdown ? ['linkdown'] : [],
    ...(six ? { pref: 'medium' } : {}),
  }
}

export function proxyJson({ address, link, protocol }: ProxyNeighbour, format: IpFormat): Json {
  const mark = protocol === undefined ? {} : { protocol: named('protocol', protocol, format) }
  return { dst: formatAddress(address), dev: link.name, proxy: null, ...mark }
}
