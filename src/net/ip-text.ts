import { Address4, Address6 } from 'ip-address'

/** IPv4-mapped addresses, ::ffff:0:0/96 (RFC 4291 2.5.5.2): the kernel accepts them on a link, nobody means them. */
const MAPPED = 0xffffn
const IPV6_SHAPE = /^[0-9A-Fa-f:]{2,39}$/
const IPV4_SHAPE = /^[0-9.]{7,15}$/

/** The value of an IPv6 address; undefined for anything else, also for zones, prefixes and mapped or dotted forms. */
export function parseIpv6(text: string): bigint | undefined {
  if (!IPV6_SHAPE.test(text)) return undefined
  try {
    const value = new Address6(text).bigInt()
    return value >> 32n === MAPPED ? undefined : value
  } catch {
    return undefined
  }
}

/** The value of a dotted quad without leading zeros; undefined for anything else. */
export function parseIpv4(text: string): bigint | undefined {
  if (!IPV4_SHAPE.test(text)) return undefined
  try {
    return new Address4(text).bigInt()
  } catch {
    return undefined
  }
}

/** RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`. `value` must be below 2^128. */
export function formatIpv6(value: bigint): string {
  return Address6.fromBigInt(value).correctForm()
}

/** The dotted quad. `value` must be below 2^32. */
export function formatIpv4(value: bigint): string {
  return Address4.fromBigInt(value).correctForm()
}
