import { HOST_NETWORK } from './haproxy/state.ts'
import { defaultsFor, dropInterface } from './sysctl.ts'
import { netlinkError } from './fail.ts'
import { addConnectedRoute } from './addresses.ts'
import { everyNetns, hasCarrier, linkNamed, portsOf } from './state.ts'
import { parseAddress, parsePrefix } from './inet.ts'
import type { Link, LinkAddress, LinkKind, Netns, World } from './state.ts'

export interface NewLink {
  readonly name: string
  readonly kind: LinkKind
  readonly mac?: string | undefined
  readonly mtu?: number | undefined
  readonly group?: number | undefined
  readonly linkLocalLearn?: boolean
}

/** A namespace as the kernel makes it: a loopback link, down, and default sysctls. */
export function newNetns(world: World | undefined, name: string): Netns {
  const inode = world === undefined ? HOST_NETWORK : `${world.nextInode++}`
  const netns: Netns = {
    name,
    inode,
    links: new Map(),
    routes: [],
    proxies: [],
    sysctls: new Map(),
    nextIndex: 1,
  }
  defaultsFor(netns, ['all', 'default'])
  addLink(world, netns, { name: 'lo', kind: 'loopback', mac: '00:00:00:00:00:00', mtu: 65536 })
  return netns
}

/** Makes a link, down; fails with "File exists" where the name is taken. */
export function addLink(world: World | undefined, netns: Netns, wanted: NewLink): Link {
  if (linkNamed(netns, wanted.name) !== undefined) throw netlinkError('File exists')
  const link: Link = {
    ifindex: netns.nextIndex++,
    name: wanted.name,
    kind: wanted.kind,
    netns,
    mac: wanted.mac ?? freshMac(world),
    macIsOwn: wanted.mac !== undefined,
    mtu: wanted.mtu ?? 1500,
    group: wanted.group ?? 0,
    alias: '',
    up: false,
    ready: false,
    master: undefined,
    hairpin: false,
    isolated: false,
    linkLocalLearn: wanted.linkLocalLearn ?? true,
    peer: undefined,
    addresses: [],
  }
  netns.links.set(link.ifindex, link)
  defaultsFor(netns, [link.name])
  return link
}

function freshMac(world: World | undefined): string {
  const count = world === undefined ? 0 : world.nextMac++
  const hex = count.toString(16).padStart(8, '0')
  return ['0a', '00', ...(hex.match(/../g) ?? [])].join(':')
}

/** Removes a link with its peer, addresses, routes, proxy neighbours and sysctls; a bridge's ports are released. */
export function removeLink(world: World, link: Link): void {
  const { netns, peer } = link
  if (!netns.links.has(link.ifindex)) return
  for (const port of portsOf(link)) release(port)
  takeDown(link)
  link.addresses = []
  netns.links.delete(link.ifindex)
  dropInterface(netns, link.name)
  if (peer !== undefined) removeLink(world, peer)
  settle(world)
}

/** Sets a link up or down, with all that the kernel does along with it. */
export function setLinkState(world: World, link: Link, up: boolean): void {
  if (link.up === up) return
  if (up) bringUp(link)
  else takeDown(link)
  settle(world)
}

function bringUp(link: Link): void {
  link.up = true
  if (link.kind === 'loopback') addLoopbackAddresses(link)
  for (const address of link.addresses) addConnectedRoute(link, address)
}

function addLoopbackAddresses(link: Link): void {
  for (const text of ['127.0.0.1/8', '::1/128']) {
    const prefix = parsePrefix(text)
    if (prefix === undefined || link.addresses.some((known) => known.prefix.family === prefix.family))
      continue
    link.addresses.push(plainAddress(prefix, 254))
  }
}

/** As measured: IPv4 addresses stay; IPv6 addresses, all routes and proxy neighbours of the link are gone. */
function takeDown(link: Link): void {
  const { netns } = link
  const keeps = netns.sysctls.get(`net/ipv6/conf/${link.name}/keep_addr_on_down`) === '1'
  link.up = false
  link.ready = false
  netns.routes = netns.routes.filter((route) => route.link !== link)
  netns.proxies = netns.proxies.filter((proxy) => proxy.link !== link)
  link.addresses = link.addresses.filter(({ prefix, scope }) => prefix.family === 4 || (keeps && scope === 0))
}

/** Puts a port on a bridge, or takes it off. */
export function setMaster(world: World, link: Link, master: Link | undefined): void {
  if (link.master === master) return
  release(link)
  link.master = master
  settle(world)
}

function release(port: Link): void {
  port.master = undefined
  port.hairpin = false
  port.isolated = false
}

/** Deletes a namespace with its links, and so the other ends of its veth pairs. */
export function removeNetns(world: World, netns: Netns): void {
  for (const link of netns.links.values()) removeLink(world, link)
  world.named.delete(netns.name)
}

/** Moves a link into another namespace: there it is down, bare, and no port; its index stays where it is free. */
export function moveLink(world: World, link: Link, netns: Netns): void {
  if (link.netns === netns) return
  if (linkNamed(netns, link.name) !== undefined) throw netlinkError('File exists')
  takeDown(link)
  release(link)
  link.addresses = []
  link.group = 0
  link.netns.links.delete(link.ifindex)
  dropInterface(link.netns, link.name)
  if (netns.links.has(link.ifindex)) link.ifindex = netns.nextIndex++
  netns.nextIndex = Math.max(netns.nextIndex, link.ifindex + 1)
  netns.links.set(link.ifindex, link)
  link.netns = netns
  defaultsFor(netns, [link.name])
  settle(world)
}

/** What follows by itself: bridges take a port's MAC, links that got carrier make their link-local address. */
export function settle(world: World): void {
  for (const netns of everyNetns(world)) {
    for (const link of netns.links.values()) {
      if (link.kind === 'bridge' && !link.macIsOwn) followPorts(link)
      if (!link.ready && link.kind !== 'loopback' && hasCarrier(link)) makeReady(link)
    }
  }
}

function followPorts(bridge: Link): void {
  const [lowest] = portsOf(bridge)
    .map((port) => port.mac)
    .toSorted()
  if (lowest !== undefined) bridge.mac = lowest
}

function makeReady(link: Link): void {
  link.ready = true
  if (link.netns.sysctls.get(`net/ipv6/conf/${link.name}/disable_ipv6`) === '1') return
  const local = parseAddress(linkLocal(link.mac))
  if (local === undefined || link.addresses.some((known) => known.prefix.value === local.value)) return
  const address = plainAddress({ ...local, length: 64 }, 253)
  link.addresses.push(address)
  addConnectedRoute(link, address)
}

/** The EUI-64 address (RFC 4291, appendix A) of a MAC. */
function linkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((octet) => Number.parseInt(octet, 16))
  return `fe80::${pair(a ^ 2, b)}:${pair(c, 0xff)}:${pair(0xfe, d)}:${pair(e, f)}`
}

function pair(high: number, low: number): string {
  return ((high << 8) | low).toString(16)
}

export function plainAddress(prefix: LinkAddress['prefix'], scope: LinkAddress['scope']): LinkAddress {
  return {
    prefix,
    scope,
    metric: undefined,
    nodad: false,
    secondary: false,
    noprefixroute: false,
    deprecated: false,
  }
}
