import type { PortRange } from './port.ts'

/** Sorted by protocol and port; ranges that overlap become one: nft refuses intervals that overlap. */
export function mergePortRanges(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: PortRange[] = []
  for (const range of ranges.toSorted(comparePortRanges)) {
    const before = merged.at(-1)
    if (before === undefined || before.protocol !== range.protocol || range.first > before.last)
      merged.push(range)
    else merged[merged.length - 1] = { ...before, last: Math.max(before.last, range.last) }
  }
  return merged
}

/** Order by protocol, first and last port. */
export function comparePortRanges(one: PortRange, other: PortRange): number {
  if (one.protocol !== other.protocol) return one.protocol < other.protocol ? -1 : 1
  return one.first - other.first || one.last - other.last
}
