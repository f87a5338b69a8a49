import { defineKind } from '../../engine/define-kind.ts'
import { reference } from '../../engine/types.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { FRAME_TABLE, OWNED, PERSISTENT, TABLE } from '../../model/identity.ts'
import type { TableName } from '../../model/identity.ts'
import { featureProbes, NFT, nftTable, tablesOf } from '../shared/tables.ts'

/** A table itself, as all of us want it; the rest tells of one that stands. */
export interface NftTableSpec {
  /** Somebody put it to sleep (`flags dormant`). */
  readonly flagged: boolean
  /** It outlives its owner; a table that was made without that can never be given it (kernel 6.18). */
  readonly persistent?: true
  /** It has no owner, and this process could be it. */
  readonly ownerless?: true
}

/** Our tables. None is ever deleted to be made again: that would fail open, and reset the counters. */
export const nftTableKind = defineKind<Model, World, NftTableSpec>({
  name: 'nft-table',
  deletes: 'late',
  protects: true,
  probes: (model) => [...NFT, ...featureProbes(model)],
  desired: (world) => tablesOf(world).map((name) => resource(name, { flagged: false })),
  observe,
  same: (before, after) => before.flagged === after.flagged && before.ownerless === after.ownerless,
  steps,
  withdrawal: (_, world) => (tablesOf(world).length > 0 ? 'withdrawn: firewall.antiSpoof is off' : undefined),
  reason: ({ flagged, ownerless }) =>
    [flagged && 'flagged: true -> false', ownerless && `flags: ${PERSISTENT} -> ${OWNED}`]
      .filter((part) => part)
      .join('; '),
})

function resource(name: TableName, spec: NftTableSpec): Resource<NftTableSpec> {
  return { key: name, spec }
}

function observe(replies: Replies, world: World): Observed<NftTableSpec> {
  // Without them the bridges stand open: they go only when those are gone.
  const guarded = nftTable(replies)?.sets.find(({ name }) => name === 'bridges')?.elements ?? []
  const needs = tablesOf(world).length > 0 ? [] : guarded.map(({ key }) => reference('bridge', key))
  const owned = ([TABLE, FRAME_TABLE] as const).flatMap((name) => observed(name, replies, world))
  return { owned: owned.map((one) => ({ ...one, needs })), foreign: [] }
}

function observed(name: TableName, replies: Replies, world: World): readonly Resource<NftTableSpec>[] {
  const table = nftTable(replies, name)
  if (table === undefined) return []
  const { flagged, persistent } = table
  const ownerless = persistent === 'without owner' && flagsFor(world) === OWNED
  const spec = {
    flagged,
    ...(persistent !== undefined && { persistent: true as const }),
    ...(ownerless && { ownerless: true as const }),
  }
  return [resource(name, spec)]
}

/** With which flags our tables are made, where kernel and nft can: `--once` makes one that a controller can own later. */
function flagsFor({ facts, places }: World): typeof OWNED | typeof PERSISTENT | undefined {
  if (!facts.firewall.canPersist) return undefined
  return places.holdsFirewall === true ? OWNED : PERSISTENT
}

function steps(change: Change<NftTableSpec>, world: World): readonly Step[] {
  const { key } = change
  if (change.action === 'delete') return [{ tool: 'nft', rank: 'drop', statement: `delete table ${key}` }]
  // `add table` without flags also wakes a dormant table (nft 1.0.6, kernel 6.18); a persistent one must stay that.
  const flags = flagsAfter(change, world)
  const body = flags === undefined ? '' : ` { flags ${flags}; }`
  return [{ tool: 'nft', rank: 'table', statement: `add table ${key}${body}` }]
}

function flagsAfter(change: Change<NftTableSpec>, world: World): string | undefined {
  if (change.action !== 'update') return flagsFor(world)
  return change.before.persistent === true ? (flagsFor(world) ?? PERSISTENT) : undefined
}
