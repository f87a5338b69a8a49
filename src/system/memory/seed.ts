import { HOST_NETWORK } from './haproxy/state.ts'
import { addAddress } from './addresses.ts'
import { addLink, newNetns, setLinkState } from './links.ts'
import { linkNamed } from './state.ts'
import { MemoryHost } from './host.ts'
import { newProxyWorld } from './haproxy/state.ts'
import { parseAddress, parsePrefix } from './inet.ts'
import { putRoute } from './routes.ts'
import type { ForeignListener } from './haproxy/state.ts'
import type { Link, World } from './state.ts'
import type { Places } from '../../engine/types.ts'

/** What a host has before anything of ours is there. */
export interface HostSeed {
  /** The upstream interface; it is up, with carrier. Default `eth0`. */
  readonly upstream?: string
  /** `ADDRESS/LENGTH` */
  readonly ipv4?: string
  readonly ipv6?: string
  readonly gateway4?: string
  readonly gateway6?: string
  /** The protocol of the IPv6 default route: 9 is "learned from router advertisements". Default 4, static. */
  readonly gateway6Protocol?: number
  /** Named namespaces, with loopback only. */
  readonly namespaces?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly now?: Date
  /** Where the program keeps its files. Default: where it does on a real host. */
  readonly places?: Places
  /** The version of haproxy that is installed, default 2.6.12; null: none. */
  readonly haproxy?: string | null
  /** Sockets that other programs listen on. */
  readonly listeners?: readonly ForeignListener[]
}

const PLACES: Places = { stateDir: '/var/lib/slash64', runDir: '/run/slash64', network: HOST_NETWORK }
/** Root's own user namespace, where every id is there. */
const IDENTITY = '         0          0 4294967295\n'
const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' +
    'haproxy:x:105:112::/var/lib/haproxy:/usr/sbin/nologin\n',
  '/proc/self/uid_map': IDENTITY,
  '/proc/self/gid_map': IDENTITY,
}

/** Makes a host: loopback and the upstream interface up, with the given addresses and default routes. */
export function memoryHost(seed: HostSeed = {}): MemoryHost {
  const world: World = {
    host: newNetns(undefined, ''),
    named: new Map(),
    processes: new Map(),
    containers: new Map(),
    places: seed.places ?? PLACES,
    files: new Map(Object.entries({ ...FILES, ...seed.files })),
    proxy: newProxyWorld(
      seed.haproxy === null ? undefined : (seed.haproxy ?? '2.6.12'),
      seed.listeners ?? [],
    ),
    locked: false,
    tables: new Map(),
    nextMac: 1,
    nextPid: 1001,
    nextInode: Number(HOST_NETWORK) + 1,
    now: seed.now ?? new Date('2026-01-01T00:00:00Z'),
  }
  for (const name of seed.namespaces ?? []) world.named.set(name, newNetns(world, name))
  const loopback = linkNamed(world.host, 'lo')
  if (loopback !== undefined) setLinkState(world, loopback, true)
  seedUpstream(world, seed)
  return new MemoryHost(world)
}

function seedUpstream(world: World, seed: HostSeed): void {
  const link = addLink(world, world.host, { name: seed.upstream ?? 'eth0', kind: 'ether' })
  setLinkState(world, link, true)
  for (const text of [seed.ipv4, seed.ipv6]) {
    const prefix = text === undefined ? undefined : parsePrefix(text)
    if (prefix === undefined) continue
    addAddress(
      link,
      { prefix, metric: undefined, nodad: false, noprefixroute: false, deprecated: false, scope: 0 },
      false,
    )
  }
  seedDefault(link, seed.gateway4, 4)
  seedDefault(link, seed.gateway6, seed.gateway6Protocol ?? 4)
}

function seedDefault(link: Link, gateway: string | undefined, protocol: number): void {
  const address = gateway === undefined ? undefined : parseAddress(gateway)
  if (address === undefined) return
  const prefix = { family: address.family, value: 0n, length: 0 }
  const nothing = { type: undefined, metric: undefined, scope: undefined, prefsrc: undefined }
  putRoute(link.netns, { ...nothing, prefix, gateway: address, link, protocol }, 'add')
}
