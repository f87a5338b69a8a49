import { isIPv4, isIPv6 } from 'node:net'

export type Family = 4 | 6

/** An address as a number. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

export interface Prefix extends Address {
  readonly length: number
}

export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 }

/** Reads an IPv4 or IPv6 address; undefined for anything else, zone ids and names included. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: value4(text) }
  if (isIPv6(text) && !text.includes('%')) return { family: 6, value: value6(text) }
  return undefined
}

/** Reads `ADDRESS[/LENGTH]`; the length defaults to the whole address. Host bits are kept. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  if (slash < 0) return { ...address, length: BITS[address.family] }
  const length = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(length) || Number(length) > BITS[address.family]) return undefined
  return { ...address, length: Number(length) }
}

function value4(text: string): bigint {
  return text.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n)
}

function value6(text: string): bigint {
  const [head = '', tail] = text.split('::')
  const left = groups(head)
  const right = groups(tail ?? '')
  const middle = tail === undefined ? [] : Array<bigint>(8 - left.length - right.length).fill(0n)
  return [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) | group, 0n)
}

function groups(text: string): bigint[] {
  if (text === '') return []
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [BigInt(`0x${part}`)]
    const value = value4(part)
    return [value >> 16n, value & 0xffffn]
  })
}

/** Dotted quad, or RFC 5952 with `::ffff:a.b.c.d` as inet_ntop prints it. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
  if (value >> 32n === 0xffffn) return `::ffff:${formatAddress({ family: 4, value: value & 0xffffffffn })}`
  return compress(Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn))
}

function compress(parts: readonly bigint[]): string {
  const run = longestZeros(parts)
  if (run.length < 2) return hex(parts)
  return `${hex(parts.slice(0, run.start))}::${hex(parts.slice(run.start + run.length))}`
}

function hex(list: readonly bigint[]): string {
  return list.map((part) => part.toString(16)).join(':')
}

function longestZeros(parts: readonly bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [index, part] of parts.entries()) {
    length = part === 0n ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  }
  return best
}

/** The prefix with its host bits cleared. */
export function masked(prefix: Prefix): Prefix {
  const host = BigInt(BITS[prefix.family] - prefix.length)
  return { ...prefix, value: (prefix.value >> host) << host }
}

/** As ip prints destinations: `default`, a bare address for a host route, else `ADDRESS/LENGTH`. */
export function formatDestination(prefix: Prefix): string {
  if (prefix.length === 0) return 'default'
  const address = formatAddress(prefix)
  return prefix.length === BITS[prefix.family] ? address : `${address}/${prefix.length}`
}

export function covers(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false
  const host = BigInt(BITS[prefix.family] - prefix.length)
  return prefix.value >> host === address.value >> host
}

export function samePrefix(one: Prefix, other: Prefix): boolean {
  return one.family === other.family && one.length === other.length && one.value === other.value
}

export function isLinkLocal(address: Address): boolean {
  return address.family === 6 && address.value >> 118n === 0x3fan
}
