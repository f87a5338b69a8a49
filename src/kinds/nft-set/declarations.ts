import type { NftSet } from '../../formats/nft-table.ts'
import { FRAME_TABLE, TABLE } from '../../model/identity.ts'
import type { TableName } from '../../model/identity.ts'
import type { Model } from '../../model/types.ts'

/** A set or map of one of our tables. `datatype` and sorted `flags` as `nft -j` reports them. */
export interface SetDeclaration {
  readonly table: TableName
  readonly type: 'set' | 'map'
  readonly datatype: string
  readonly flags: readonly string[]
  /** How the type is written where nft has no word for it. */
  readonly typeOf?: string
  /** The rules fill it; nft 1.0.6 does not list that flag. */
  readonly dynamic?: true
  readonly purpose: string
}

/** The sets and maps of every file. They hold all that a container can change; the rules only refer to them. */
export const SETS = {
  bridges: set('ifname', 'our bridges: what the firewall guards'),
  public4: set('ipv4_addr', 'the public IPv4: what port forwards listen on'),
  source4: map('ifname', 'ipv4_addr', 'source address (SNAT) by outgoing interface'),
  networks4: set('ipv4_addr', 'the private IPv4 subnets', 'interval'),
  senders4: set('ifname . ipv4_addr', 'who may send what: bridge and IPv4'),
  senders6: set('ifname . ipv6_addr', 'who may send what: bridge and IPv6'),
  exposed6: set('ipv6_addr . inet_proto . inet_service', 'what the internet reaches', 'interval'),
  open6: set('ipv6_addr', 'containers with every port open'),
  forwards4: map('inet_proto . inet_service', 'ipv4_addr . inet_service', 'port forwards to another port'),
  ranges4: map('inet_proto . inet_service', 'ipv4_addr', 'port forwards that keep the port', 'interval'),
  limited4: set('inet_proto . inet_service', 'forwarded ports with `from`', 'interval'),
  direct6: map(
    'ipv6_addr . inet_service',
    'ipv6_addr . inet_service',
    "ports 80 and 443 of containers' own IPv6 that lead elsewhere",
  ),
  allowed4: set('ipv4_addr . inet_proto . inet_service', 'the sources that `from` lets in', 'interval'),
} as const satisfies Readonly<Record<string, SetDeclaration>>

/** The maps of a file that has each container's traffic counted: from a container's address to its counter. */
const TRAFFIC_MAPS = {
  receive4: map('ipv4_addr', 'counter', 'what counts the packets to a container: IPv4'),
  receive6: map('ipv6_addr', 'counter', 'what counts the packets to a container: IPv6'),
  transmit4: map('ipv4_addr', 'counter', 'what counts the packets of a container: IPv4'),
  transmit6: map('ipv6_addr', 'counter', 'what counts the packets of a container: IPv6'),
} as const satisfies Readonly<Record<string, SetDeclaration>>

/** Filled by the rules themselves, which count the connections of each address in them. */
export const LIMIT_SETS = {
  begun4: counted('ipv4_addr', 'connections that a container begins: IPv4'),
  begun6: counted('ipv6_addr', 'connections that a container begins: IPv6'),
  taken4: counted('ipv4_addr', 'connections that a container takes: IPv4'),
  taken6: counted('ipv6_addr', 'connections that a container takes: IPv6'),
} as const satisfies Readonly<Record<string, SetDeclaration>>

/** Bytes 8 to 23 behind the IPv6 header's end: the target of Neighbour Discovery (RFC 4861, 4.3); nft 1.0.6 has no word. */
export const ND_TARGET = '@th,64,128'
/** The source of an IPv6 packet, of the same type as the target. */
export const IPV6_SOURCE = '@nh,64,128'

/** The sets of the frames' table: who is behind which port of a bridge. */
const FRAME_SETS = {
  ports: frames('ifname', 'the ports of our bridges'),
  guests: frames('ifname', 'ports behind which only containers are that somebody else configures'),
  macs: frames('ether_addr', 'the MACs that are somebody’s'),
  portmacs: frames('ifname . ether_addr', 'who may send what: port and MAC'),
  ports4: frames('ifname . ipv4_addr', 'who may send what: port and IPv4'),
  ports6: {
    ...frames('ifname . integer', 'who may send what: port and IPv6, in hexadecimal'),
    typeOf: `iifname . ${ND_TARGET}`,
  },
} as const satisfies Readonly<Record<string, SetDeclaration>>

const KNOWN = { ...SETS, ...TRAFFIC_MAPS, ...LIMIT_SETS, ...FRAME_SETS }
export type SetName = keyof typeof KNOWN

/** The sets and maps that this file asks for. */
export function setsOf({ metrics, confine }: Model): Readonly<Record<string, SetDeclaration>> {
  return {
    ...SETS,
    ...(metrics.containers ? TRAFFIC_MAPS : {}),
    ...(confine.connections > 0 ? LIMIT_SETS : {}),
    ...FRAME_SETS,
  }
}

/** Named counters of our tables: they survive every change of the rules. */
export const COUNTERS = [
  { table: TABLE, name: 'dropped' },
  { table: TABLE, name: 'spoofed' },
  { table: TABLE, name: 'invalid' },
  { table: TABLE, name: 'metadata' },
  { table: TABLE, name: 'tohost' },
  { table: TABLE, name: 'limited' },
  { table: FRAME_TABLE, name: 'spoofed' },
  { table: FRAME_TABLE, name: 'forbidden' },
  { table: FRAME_TABLE, name: 'stray' },
] as const
export type CounterName = (typeof COUNTERS)[number]['name']

/** Those that this file's rules name. */
export function countersOf({ confine }: Model): readonly (typeof COUNTERS)[number][] {
  return COUNTERS.filter(
    ({ name }) =>
      (name !== 'metadata' || confine.metadata === 'deny') &&
      (name !== 'tohost' || confine.toHost !== 'all') &&
      (name !== 'limited' || confine.connections > 0),
  )
}

/** What there is of it, whether or not this file asks for it. */
export function declarationOf(name: SetName): SetDeclaration {
  return KNOWN[name]
}

export function isSetName(name: string): name is SetName {
  return Object.hasOwn(KNOWN, name)
}

/** Whether an observed set has the type and flags that its rules rely on. */
export function isAsDeclared(table: TableName, observed: NftSet): boolean {
  if (!isSetName(observed.name)) return false
  const declared = declarationOf(observed.name)
  return (
    declared.table === table &&
    declared.type === observed.type &&
    declared.datatype === observed.datatype &&
    declared.flags.join() === observed.flags.join()
  )
}

function set(datatype: string, purpose: string, ...flags: readonly string[]): SetDeclaration {
  return { table: TABLE, type: 'set', datatype, flags, purpose }
}

function counted(datatype: string, purpose: string): SetDeclaration {
  return { table: TABLE, type: 'set', datatype, flags: [], dynamic: true, purpose }
}

function frames(datatype: string, purpose: string): SetDeclaration {
  return { table: FRAME_TABLE, type: 'set', datatype, flags: [], purpose }
}

function map(key: string, data: string, purpose: string, ...flags: readonly string[]): SetDeclaration {
  return { table: TABLE, type: 'map', datatype: `${key} : ${data}`, flags, purpose }
}
