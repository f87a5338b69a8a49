import { defineKind } from '../../engine/define-kind.ts'
import { reference } from '../../engine/types.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { OWNED, PERSISTENT, TABLE } from '../../model/identity.ts'
import { NFT, NFT_PERSIST, nftTable } from '../shared/probes.ts'

/** The table itself, as all of us want it; the rest tells of one that stands. */
export interface NftTableSpec {
  /** Somebody put it to sleep (`flags dormant`). */
  readonly flagged: boolean
  /** It outlives its owner; a table that was made without that can never be given it (kernel 6.18). */
  readonly persistent?: true
  /** It has no owner, and this process could be it. */
  readonly ownerless?: true
}

/** Our one table. It is never deleted while something is declared: that would fail open, and reset the counters. */
export const nftTableKind = defineKind<Model, World, NftTableSpec>({
  name: 'nft-table',
  deletes: 'late',
  protects: true,
  probes: ({ networks }) => (networks.length > 0 ? [NFT, NFT_PERSIST] : [NFT]),
  desired: (world) => (world.model.networks.length > 0 ? [resource({ flagged: false })] : []),
  observe,
  same: (before, after) => before.flagged === after.flagged && before.ownerless === after.ownerless,
  steps,
  reason: ({ flagged, ownerless }) =>
    [flagged && 'flagged: true -> false', ownerless && `flags: ${PERSISTENT} -> ${OWNED}`]
      .filter((part) => part)
      .join('; '),
})

function resource(spec: NftTableSpec): Resource<NftTableSpec> {
  return { key: TABLE, spec }
}

function observe(replies: Replies, world: World): Observed<NftTableSpec> {
  const table = nftTable(replies)
  if (table === undefined) return { owned: [], foreign: [] }
  const { flagged, persistent } = table
  const ownerless = persistent === 'without owner' && flagsFor(world) === OWNED
  const spec = {
    flagged,
    ...(persistent !== undefined && { persistent: true as const }),
    ...(ownerless && { ownerless: true as const }),
  }
  // Without the table its bridges stand open: it goes only when they are gone.
  const guarded = table.sets.find(({ name }) => name === 'bridges')?.elements ?? []
  const needs = guarded.map(({ key }) => reference('bridge', key))
  return { owned: [{ ...resource(spec), needs }], foreign: [] }
}

/** With which flags a table is made, where kernel and nft can: `--once` makes one that a controller can own later. */
function flagsFor({ facts, places }: World): typeof OWNED | typeof PERSISTENT | undefined {
  if (!facts.firewall.canPersist) return undefined
  return places.holdsFirewall === true ? OWNED : PERSISTENT
}

function steps(change: Change<NftTableSpec>, world: World): readonly Step[] {
  if (change.action === 'delete') return [{ tool: 'nft', rank: 'drop', statement: `delete table ${TABLE}` }]
  // `add table` without flags also wakes a dormant table (nft 1.0.6, kernel 6.18); a persistent one must stay that.
  const flags = flagsAfter(change, world)
  const body = flags === undefined ? '' : ` { flags ${flags}; }`
  return [{ tool: 'nft', rank: 'table', statement: `add table ${TABLE}${body}` }]
}

function flagsAfter(change: Change<NftTableSpec>, world: World): string | undefined {
  if (change.action !== 'update') return flagsFor(world)
  return change.before.persistent === true ? (flagsFor(world) ?? PERSISTENT) : undefined
}
