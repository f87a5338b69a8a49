import type { Address, Family, Prefix } from './inet.ts'
import type { Places } from '../../engine/types.ts'
import type { ProxyWorld } from './haproxy/state.ts'
import type { Tables } from './nft-state.ts'

/*
 * The kernel's part of the world as plain data. It is changed in place, as the kernel's is: the one place in the
 * tree where data is not readonly.
 */

export type LinkKind = 'loopback' | 'ether' | 'bridge' | 'veth'

export interface Link {
  ifindex: number
  readonly name: string
  readonly kind: LinkKind
  netns: Netns
  mac: string
  /** A bridge without a MAC of its own takes the lowest of its ports. */
  macIsOwn: boolean
  mtu: number
  group: number
  alias: string
  up: boolean
  /** It was up with carrier since it was last set up: then IPv6 has made its link-local address. */
  ready: boolean
  master: Link | undefined
  hairpin: boolean
  isolated: boolean
  /** Of a bridge (no_linklocal_learn, turned round). */
  linkLocalLearn: boolean
  peer: Link | undefined
  addresses: LinkAddress[]
}

export interface LinkAddress {
  readonly prefix: Prefix
  metric: number | undefined
  readonly scope: 0 | 253 | 254
  nodad: boolean
  /** A further IPv4 address of the same subnet: it has no connected route, and goes with the first one. */
  readonly secondary: boolean
  readonly noprefixroute: boolean
  deprecated: boolean
}

/** Numbers as in rtnetlink: type 1 unicast, 7 unreachable; scope 253 link; protocol 2 kernel, 3 boot. */
export interface Route {
  readonly type: number
  readonly prefix: Prefix
  readonly gateway: Address | undefined
  readonly link: Link | undefined
  readonly protocol: number
  /** IPv4: 0 is "none given". */
  readonly metric: number
  readonly scope: number
  readonly prefsrc: Address | undefined
}

export interface ProxyNeighbour {
  readonly address: Address
  readonly link: Link
  protocol: number | undefined
}

export interface Netns {
  /** Empty for the host's own. */
  readonly name: string
  readonly links: Map<number, Link>
  routes: Route[]
  proxies: ProxyNeighbour[]
  readonly sysctls: Map<string, string>
  nextIndex: number
  /** Of its file in nsfs. */
  readonly inode: string
}

export type ContainerRuntime = 'docker' | 'incus' | 'lxc' | 'nspawn' | 'podman'

/** A container as its runtime knows it. */
export interface MemoryContainer {
  readonly type: ContainerRuntime
  readonly name: string
  /** What its `eth0` is plugged into when it starts; undefined: it has none. */
  readonly bridge: string | undefined
  readonly id: string
  /** Its first process; 0 while it does not run. */
  pid: number
  frozen: boolean
}

export interface World {
  readonly places: Places
  readonly host: Netns
  readonly named: Map<string, Netns>
  /** Containers of runtimes that run: each one's first process, and its network. */
  readonly processes: Map<number, Netns>
  /** By `TYPE NAME`. */
  readonly containers: Map<string, MemoryContainer>
  readonly files: Map<string, string>
  locked: boolean
  /** nft tables of the host's own namespace. */
  tables: Tables
  readonly proxy: ProxyWorld
  /** Random MACs are a plain count, so that two worlds built alike are alike. */
  nextMac: number
  nextPid: number
  /** No namespace has the number of one that is gone. */
  nextInode: number
  now: Date
}

export function linkNamed(netns: Netns, name: string): Link | undefined {
  for (const link of netns.links.values()) if (link.name === name) return link
  return undefined
}

/** What `NAME` and `@PID/INODE` (engine/steps.ts, Netns) stand for. */
export function namespaceOf(world: World, word: string): Netns | undefined {
  const [, pid, inode] = /^@(\d+)\/(\d+)$/.exec(word) ?? []
  if (pid === undefined) return world.named.get(word)
  const netns = world.processes.get(Number(pid))
  return netns?.inode === inode ? netns : undefined
}

export function everyNetns(world: World): Netns[] {
  return [...new Set([world.host, ...world.named.values(), ...world.processes.values()])]
}

export function portsOf(bridge: Link): Link[] {
  return [...bridge.netns.links.values()].filter((link) => link.master === bridge)
}

/** Whether frames can pass: veth when both ends are up, a bridge when one of its ports can. */
export function hasCarrier(link: Link): boolean {
  if (!link.up) return false
  if (link.kind === 'bridge') return portsOf(link).some(hasCarrier)
  return link.kind !== 'veth' || link.peer?.up === true
}

export function routesOf(netns: Netns, family: Family): Route[] {
  return netns.routes.filter((route) => route.prefix.family === family)
}
