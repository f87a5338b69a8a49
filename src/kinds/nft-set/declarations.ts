import type { NftSet } from '../../formats/nft-table.ts'

/** A set or map of our table. `datatype` and sorted `flags` as `nft -j` reports them. */
export interface SetDeclaration {
  readonly type: 'set' | 'map'
  readonly datatype: string
  readonly flags: readonly string[]
  readonly purpose: string
}

/** All sets and maps, by name. They hold everything that a container can change; the rules only refer to them. */
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

export type SetName = keyof typeof SETS

/** Named counters of our table: they survive every change of the rules. */
export const COUNTERS = ['dropped', 'spoofed', 'invalid'] as const
export type CounterName = (typeof COUNTERS)[number]

export function declarationOf(name: SetName): SetDeclaration {
  return SETS[name]
}

export function isSetName(name: string): name is SetName {
  return Object.hasOwn(SETS, name)
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
