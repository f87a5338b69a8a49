import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { TABLE } from '../../model/identity.ts'
import { isTrafficCounter } from '../../model/traffic.ts'
import { NFT, nftTable, UNSEEN } from '../shared/probes.ts'
import { COUNTERS, setsOf } from './declarations.ts'

/** A set, map, counter, or whatever else somebody put into our table. */
export interface NftSetSpec {
  readonly type: string
  readonly name: string
  readonly datatype?: string
  readonly flags?: readonly string[]
}

/** What the rules refer to: sets, maps, named counters. The whole table is ours, so everything undeclared goes. */
export const nftSet = defineKind<Model, World, NftSetSpec>({
  name: 'nft-set',
  deletes: 'early',
  protects: true,
  probes: () => [NFT],
  desired,
  observe,
  same: (before, after) => before.datatype === after.datatype && before.flags?.join() === after.flags?.join(),
  steps,
})

function desired(world: World): readonly Resource<NftSetSpec>[] {
  if (world.model.networks.length === 0) return []
  const sets = Object.entries(setsOf(world.model)).map(([name, { type, datatype, flags }]) => ({
    type,
    name,
    datatype,
    flags,
  }))
  return [...COUNTERS.map((name) => ({ type: 'counter', name })), ...sets].map(resource)
}

function observe(replies: Replies, world: World): Observed<NftSetSpec> {
  const table = nftTable(replies)
  // Without networks the table goes as a whole (kind nft-table).
  if (table === undefined || world.model.networks.length === 0) return { owned: [], foreign: [] }
  if (!table.whole) return UNSEEN
  const sets = table.sets.map(({ type, name, datatype, flags }) => ({ type, name, datatype, flags }))
  // Those of containers have a kind of their own (kind traffic-counter).
  const others = table.others.filter(({ type, name }) => type !== 'counter' || !isTrafficCounter(name))
  return { owned: [...sets, ...others].map(resource), foreign: [] }
}

function resource(spec: NftSetSpec): Resource<NftSetSpec> {
  return { key: `${spec.type} ${spec.name}`, spec }
}

function steps(change: Change<NftSetSpec>): readonly Step[] {
  switch (change.action) {
    case 'create':
      return [declare(change.after)]
    case 'update':
      // The rules that refer to it are flushed in the same transaction (kind nft-chain sees them as stale).
      return [remove(change.before), declare(change.after)]
    case 'delete':
      return [remove(change.before)]
  }
}

function declare({ type, name, datatype, flags }: NftSetSpec): Step {
  if (datatype === undefined)
    return { tool: 'nft', rank: 'declare', statement: `add ${type} ${TABLE} ${name}` }
  const flagged = flags && flags.length > 0 ? ` flags ${flags.join(', ')};` : ''
  return {
    tool: 'nft',
    rank: 'declare',
    statement: `add ${type} ${TABLE} ${name} { type ${datatype};${flagged} }`,
  }
}

function remove({ type, name }: NftSetSpec): Step {
  return { tool: 'nft', rank: 'delete', statement: `delete ${type} ${TABLE} ${name}` }
}
