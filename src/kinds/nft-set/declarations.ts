import type { NftSet } from '../../formats/nft-table.ts'
import type { Model } from '../../model/types.ts'

/** A set or map of our table. `datatype` and sorted `flags` as `nft -j` reports them. */
export interface SetDeclaration {
  readonly type: 'set' | 'map'
  readonly datatype: string
  readonly flags: readonly string[]
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

const KNOWN = { ...SETS, ...TRAFFIC_MAPS }
export type SetName = keyof typeof KNOWN

/** The sets and maps that this file asks for. */
export function setsOf({ metrics }: Model): Readonly<Record<string, SetDeclaration>> {
  return metrics.containers ? KNOWN : SETS
}

/** Named counters of our table: they survive every change of the rules. */
export const COUNTERS = ['dropped', 'spoofed', 'invalid'] as const
export type CounterName = (typeof COUNTERS)[number]

export function declarationOf(name: SetName): SetDeclaration {
  return KNOWN[name]
}

export function isSetName(name: string): name is SetName {
  return Object.hasOwn(KNOWN, name)
}

/** Whether an observed set has the type and flags that its rules rely on. */
export function isAsDeclared(observed: NftSet): boolean {
  if (!isSetName(observed.name)) return false
  const declared = declarationOf(observed.name)
  return (
    declared.type === observed.type &&
    declared.datatype === observed.datatype &&
    declared.flags.join() === observed.flags.join()
  )
}

function set(datatype: string, purpose: string, ...flags: readonly string[]): SetDeclaration {
  return { type: 'set', datatype, flags, purpose }
}

function map(key: string, data: string, purpose: string, ...flags: readonly string[]): SetDeclaration {
  return { type: 'map', datatype: `${key} : ${data}`, flags, purpose }
}
