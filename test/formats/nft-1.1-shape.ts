/**
 * Rewrites a listing of nft 1.0.6 into the shape that nft 1.1.3 prints (field notes, differences of the JSON): chains
 * come before sets, and the type of a map's data is a list where it has several parts.
 */
export function inShapeOf11(listing: string): string {
  const { nftables } = JSON.parse(listing) as { nftables: readonly Entry[] }
  const rank = (entry: Entry): number => ORDER.findIndex((type) => type in entry)
  const ordered = nftables.toSorted((one, other) => rank(one) - rank(other)).map(withListType)
  return `${JSON.stringify({ nftables: ordered })}\n`
}

type Entry = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const ORDER = ['metainfo', 'table', 'chain', 'counter', 'quota', 'set', 'map', 'rule']

function withListType(entry: Entry): Entry {
  const { metainfo, map } = entry
  if (metainfo !== undefined) return { metainfo: { ...metainfo, version: '1.1.3' } }
  if (typeof map?.['map'] !== 'string' || !map['map'].includes(' . ')) return entry
  return { map: { ...map, map: map['map'].split(' . ') } }
}
