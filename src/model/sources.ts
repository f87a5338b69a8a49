import { cidrOf, covers, formatCidr, parseIpv4 } from '../net/address.ts'
import type { Cidr } from '../net/address.ts'
import { parseFamily } from './scope.ts'

/** An IPv4 CIDR, or one address as /32; undefined for anything else. Host bits may be set. */
export function parseSource(text: string): Cidr | undefined {
  const address = parseIpv4(text)
  return address === undefined ? parseFamily(text, 4) : cidrOf(4, address, 32)
}

/**
 * Canonical CIDRs in order of their addresses, none inside another: nft refuses intervals that overlap. The whole
 * IPv4 space is everybody, which the empty list means.
 */
export function normaliseSources(texts: readonly string[]): readonly string[] {
  const cidrs = texts
    .flatMap((text) => parseSource(text) ?? [])
    .toSorted((one, other) =>
      one.first === other.first ? one.length - other.length : one.first < other.first ? -1 : 1,
    )
  const kept: Cidr[] = []
  for (const cidr of cidrs) {
    const before = kept.at(-1)
    if (before === undefined || !covers(before, cidr)) kept.push(cidr)
  }
  return kept[0]?.length === 0 ? [] : kept.map(formatCidr)
}
