import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { TABLE } from '../../model/identity.ts'
import type { TableName } from '../../model/identity.ts'
import { isTrafficCounter } from '../../model/traffic.ts'
import { NFT, partKey, standingTables, tablesOf, UNSEEN } from '../shared/tables.ts'
import type { StandingTable } from '../shared/tables.ts'
import { countersOf, setsOf } from './declarations.ts'

/** A set, map, counter, or whatever else somebody put into one of our tables. */
export interface NftSetSpec {
  readonly table: TableName
  readonly type: string
  readonly name: string
  readonly datatype?: string
  readonly flags?: readonly string[]
  /** How its type is written, where nft has no word for it. */
  readonly typeOf?: string
  /** The rules fill it. */
  readonly dynamic?: true
}

/** What the rules refer to: sets, maps, named counters. The whole of a table is ours, so everything undeclared goes. */
export const nftSet = defineKind<Model, World, NftSetSpec>({
  name: 'nft-set',
  deletes: 'early',
  protects: true,
  probes: () => NFT,
  desired,
  observe,
  same: (before, after) => before.datatype === after.datatype && before.flags?.join() === after.flags?.join(),
  steps,
})

function desired(world: World): readonly Resource<NftSetSpec>[] {
  const tables = tablesOf(world)
  const counters = countersOf(world.model).map(({ table, name }) => ({ table, type: 'counter', name }))
  const sets = Object.entries(setsOf(world.model)).map(
    ([name, { table, type, datatype, flags, typeOf, dynamic }]) => ({
      table,
      type,
      name,
      datatype,
      flags,
      ...(typeOf !== undefined && { typeOf }),
      ...(dynamic && { dynamic }),
    }),
  )
  return [...counters, ...sets].filter(({ table }) => tables.includes(table)).map(resource)
}

function observe(replies: Replies, world: World): Observed<NftSetSpec> {
  const tables = standingTables(replies, world)
  if (tables.some(({ table }) => !table.whole)) return UNSEEN
  return { owned: tables.flatMap(partsOf).map(resource), foreign: [] }
}

function partsOf({ name: table, table: { sets, others } }: StandingTable): readonly NftSetSpec[] {
  return [
    ...sets.map(({ type, name, datatype, flags }) => ({ table, type, name, datatype, flags })),
    // Those of containers have a kind of their own (kind traffic-counter).
    ...others
      .filter(({ type, name }) => table !== TABLE || type !== 'counter' || !isTrafficCounter(name))
      .map(({ type, name }) => ({ table, type, name })),
  ]
}

function resource(spec: NftSetSpec): Resource<NftSetSpec> {
  return { key: partKey(spec.table, `${spec.type} ${spec.name}`), spec }
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

function declare({ table, type, name, datatype, flags = [], typeOf, dynamic }: NftSetSpec): Step {
  if (datatype === undefined)
    return { tool: 'nft', rank: 'declare', statement: `add ${type} ${table} ${name}` }
  const typed = typeOf === undefined ? `type ${datatype}` : `typeof ${typeOf}`
  const all = dynamic ? [...flags, 'dynamic'] : flags
  const flagged = all.length > 0 ? ` flags ${all.join(', ')};` : ''
  return {
    tool: 'nft',
    rank: 'declare',
    statement: `add ${type} ${table} ${name} { ${typed};${flagged} }`,
  }
}

function remove({ table, type, name }: NftSetSpec): Step {
  return { tool: 'nft', rank: 'delete', statement: `delete ${type} ${table} ${name}` }
}
