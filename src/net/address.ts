import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-text.ts'

export { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-text.ts'

export type Family = 4 | 6

/** A block of addresses. `address` is the one that was written; it differs from `first` when host bits are set. */
export interface Cidr {
  readonly family: Family
  readonly address: bigint
  readonly first: bigint
  readonly last: bigint
  readonly length: number
}

const CIDR = /^([0-9A-Fa-f:.]{2,39})\/(0|[1-9][0-9]{0,2})$/

/** RFC 5952 spelling of an IPv6 address; undefined for anything else (see `parseIpv6`). */
export function canonicalIpv6(text: string): string | undefined {
  const value = parseIpv6(text)
  return value === undefined ? undefined : formatIpv6(value)
}

/** The dotted quad, which has one spelling only; undefined for anything else. */
export function canonicalIpv4(text: string): string | undefined {
  const value = parseIpv4(text)
  return value === undefined ? undefined : formatIpv4(value)
}

/** The canonical spelling of an address of either family; undefined for anything else. */
export function canonicalAddress(text: string): string | undefined {
  return text.includes(':') ? canonicalIpv6(text) : canonicalIpv4(text)
}

/** Bits of an address of the family. */
export function addressBits(family: Family): number {
  return family === 4 ? 32 : 128
}

/** Reads `10.64.0.0/24` or `2001:db8::/64`; host bits may be set. Undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const [, addressText, lengthText] = CIDR.exec(text) ?? []
  if (addressText === undefined || lengthText === undefined) return undefined
  const family: Family = addressText.includes(':') ? 6 : 4
  const address = family === 6 ? parseIpv6(addressText) : parseIpv4(addressText)
  const length = Number(lengthText)
  if (address === undefined || length > addressBits(family)) return undefined
  return cidrOf(family, address, length)
}

/** The block of `length` leading bits around an address. */
export function cidrOf(family: Family, address: bigint, length: number): Cidr {
  const hostBits = BigInt(addressBits(family) - length)
  const first = (address >> hostBits) << hostBits
  return { family, address, first, last: first + (1n << hostBits) - 1n, length }
}

/** The canonical spelling, host bits zero: `10.64.0.0/24`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.family, cidr.first)}/${cidr.length}`
}

/** Canonical spelling of an address of the family. */
export function formatAddress(family: Family, value: bigint): string {
  return family === 4 ? formatIpv4(value) : formatIpv6(value)
}

/** Whether the block holds the address of the same family. */
export function holds(cidr: Cidr, address: bigint): boolean {
  return cidr.first <= address && address <= cidr.last
}

/** Whether the first block holds the whole second one. */
export function covers(outer: Cidr, inner: Cidr): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

/** Whether two blocks share an address. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last
}

/** Whether the address lies in the CIDR; both as text. False when one is malformed or the families differ. */
export function cidrContains(cidr: string, address: string): boolean {
  const block = parseCidr(cidr)
  const value = block?.family === 6 ? parseIpv6(address) : parseIpv4(address)
  return block !== undefined && value !== undefined && holds(block, value)
}

/** The first address after the block's own: what the host takes as gateway. */
export function firstAddress(cidr: Cidr): bigint {
  return cidr.first + 1n
}

/** Lays a suffix into the prefix: a value whose leading bits, as many as the prefix is long, are all zero. */
export function layIntoPrefix(prefix: Cidr, value: bigint): bigint {
  const isSuffix = value >> BigInt(addressBits(prefix.family) - prefix.length) === 0n
  return isSuffix ? prefix.first | value : value
}

/** Order of addresses as numbers, IPv4 before IPv6; text that is no address goes last, by code units. */
export function compareAddresses(one: string, other: string): number {
  const [first, second] = [rank(one), rank(other)]
  if (first.group !== second.group) return first.group - second.group
  if (first.value !== second.value) return first.value < second.value ? -1 : 1
  return one < other ? -1 : one > other ? 1 : 0
}

function rank(text: string): { readonly group: number; readonly value: bigint } {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== undefined) return { group: 4, value: ipv4 }
  const ipv6 = parseIpv6(text)
  return ipv6 === undefined ? { group: 7, value: 0n } : { group: 6, value: ipv6 }
}
