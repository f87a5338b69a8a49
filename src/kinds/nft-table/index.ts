import { defineKind } from '../../engine/define-kind.ts'
import { reference } from '../../engine/types.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { TABLE } from '../../model/identity.ts'
import { NFT, nftTable } from '../shared/probes.ts'

/** The table itself. `flagged`: somebody put it to sleep (`flags dormant`). */
export interface NftTableSpec {
  readonly flagged: boolean
}

/** Our one table. It is never deleted while something is declared: that would fail open, and reset the counters. */
export const nftTableKind = defineKind<Model, World, NftTableSpec>({
  name: 'nft-table',
  deletes: 'late',
  probes: () => [NFT],
  desired: (world) => (world.model.networks.length > 0 ? [resource(false)] : []),
  observe,
  same: (before, after) => before.flagged === after.flagged,
  steps,
})

function resource(flagged: boolean): Resource<NftTableSpec> {
  return { key: TABLE, spec: { flagged } }
}

function observe(replies: Replies): Observed<NftTableSpec> {
  const table = nftTable(replies)
  if (table === undefined) return { owned: [], foreign: [] }
  // Without the table its bridges stand open: it goes only when they are gone.
  const guarded = table.sets.find(({ name }) => name === 'bridges')?.elements ?? []
  const needs = guarded.map(({ key }) => reference('bridge', key))
  return { owned: [{ ...resource(table.flagged), needs }], foreign: [] }
}

function steps(change: Change<NftTableSpec>): readonly Step[] {
  // `add table` without flags also wakes a dormant table (nft 1.0.6, kernel 6.18).
  if (change.action === 'delete') return [{ tool: 'nft', rank: 'drop', statement: `delete table ${TABLE}` }]
  return [{ tool: 'nft', rank: 'table', statement: `add table ${TABLE}` }]
}
