import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { NftChain, NftTable } from '../../formats/nft-table.ts'
import type { TableName } from '../../model/identity.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { isAsDeclared, LIMIT_SETS } from '../nft-set/declarations.ts'
import { egressSteps } from '../shared/egress.ts'
import { NFT, partKey, standingTables, tablesOf, UNSEEN } from '../shared/tables.ts'
import { chainsOf } from './rules.ts'
import type { Chain } from './rule.ts'

/** A chain as it is compared: its hook, and the marks of its rules in order. `texts` only where we wrote them. */
export interface NftChainSpec {
  readonly table: TableName
  readonly name: string
  readonly hook: string
  readonly rules: readonly string[]
  readonly texts?: readonly string[]
}

/** Chains with their rules; a chain is the unit of change: flushed and refilled inside one transaction. */
export const nftChain = defineKind<Model, World, NftChainSpec>({
  name: 'nft-chain',
  deletes: 'early',
  protects: true,
  probes: () => NFT,
  desired: (world) => {
    const tables = tablesOf(world)
    return chainsOf(world.model)
      .filter(({ table }) => tables.includes(table))
      .map(desiredChain)
  },
  observe,
  same: (before, after) => before.hook === after.hook && before.rules.join('\n') === after.rules.join('\n'),
  steps: (change, world) => [...steps(change), ...aftermath(change, world)],
  reason,
})

function desiredChain({ table, name, hook, rules }: Chain): Resource<NftChainSpec> {
  const texts = rules.map(({ text, comment }) => `${text} comment "${comment}"`.trimStart())
  return {
    key: partKey(table, name),
    spec: {
      table,
      name,
      hook,
      rules: rules.map(({ comment, outline }) => `${comment} ${outline}`),
      texts,
    },
  }
}

function observe(replies: Replies, world: World): Observed<NftChainSpec> {
  const tables = standingTables(replies, world)
  if (tables.some(({ table }) => !table.whole)) return UNSEEN
  const owned = tables.flatMap(({ name, table }) => {
    const stale = staleSets(name, table)
    return table.chains.map((chain) => observedChain(name, chain, stale))
  })
  return { owned, foreign: [] }
}

/** Names of sets that will be made anew, because their type is not the declared one: no rule may hold on to them. */
function staleSets(name: TableName, table: NftTable): ReadonlySet<string> {
  return new Set(table.sets.filter((set) => !isAsDeclared(name, set)).map((set) => `@${set.name}`))
}

function observedChain(
  table: TableName,
  { name, hook, rules }: NftChain,
  stale: ReadonlySet<string>,
): Resource<NftChainSpec> {
  const marks = rules.map(({ comment, outline }) => {
    const holdsOn = outline.split(' ').some((word) => stale.has(word))
    return holdsOn ? `stale ${outline}` : `${comment} ${outline}`
  })
  return { key: partKey(table, name), spec: { table, name, hook, rules: marks } }
}

function steps(change: Change<NftChainSpec>): readonly Step[] {
  const { table, name } = change.action === 'delete' ? change.before : change.after
  const chain = `${table} ${name}`
  const flush: Step = { tool: 'nft', rank: 'flush', statement: `flush chain ${chain}` }
  const remove: Step = { tool: 'nft', rank: 'delete', statement: `delete chain ${chain}` }
  if (change.action === 'delete') return [flush, remove]
  const refill = (change.after.texts ?? []).map((text): Step => ({
    tool: 'nft',
    rank: 'rule',
    statement: `add rule ${chain} ${text}`,
  }))
  if (change.action === 'create') return [declare(chain, change.after), ...refill]
  const renewed = limitsEdited(change.before, change.after) ? LIMIT_FLUSHES : []
  if (change.before.hook === change.after.hook) return [flush, ...renewed, ...refill]
  return [flush, ...renewed, remove, declare(chain, change.after), ...refill]
}

/** An address that is counted keeps the limit with which it came into the set, until it is out of it. */
const LIMIT_FLUSHES = Object.entries(LIMIT_SETS).map(([name, { table }]): Step => ({
  tool: 'nft',
  rank: 'flush',
  statement: `flush set ${table} ${name}`,
}))

function limitsEdited(before: NftChainSpec, after: NftChainSpec): boolean {
  const [old, wanted] = [before, after].map(
    ({ rules }) => new Set(rules.flatMap((mark) => mark.match(/count:\S+/g) ?? [])),
  )
  return (
    wanted !== undefined &&
    wanted.size > 0 &&
    old !== undefined &&
    [...old].some((limit) => !wanted.has(limit))
  )
}

/** What began while the chain was not there, or said something else, is not translated as the file says. */
function aftermath(change: Change<NftChainSpec>, world: World): readonly Step[] {
  if (change.action === 'delete' || change.after.name !== 'nat-postrouting') return []
  return world.model.nat.source !== 'none' || translated(change) ? egressSteps(world) : []
}

/** Whether the chain translated in a way that it does no longer. */
function translated(change: Change<NftChainSpec>): boolean {
  if (change.action !== 'update') return false
  const { before, after } = change
  return before.rules.some((mark) => !after.rules.includes(mark) && /\b(?:snat|masquerade)\b/.test(mark))
}

function declare(chain: string, { hook }: NftChainSpec): Step {
  const [type, point, priority, policy] = hook.split(' ')
  const body = hook === '' ? '' : ` { type ${type} hook ${point} priority ${priority}; policy ${policy}; }`
  return { tool: 'nft', rank: 'declare', statement: `add chain ${chain}${body}` }
}

function reason(before: NftChainSpec, after: NftChainSpec): string {
  if (before.hook !== after.hook) return `hook: ${before.hook || 'none'} -> ${after.hook || 'none'}`
  const missing = after.rules.filter((mark) => !before.rules.includes(mark)).length
  const strange = before.rules.filter((mark) => !after.rules.includes(mark)).length
  if (missing === 0 && strange === 0) return 'rules are in another order, or stand twice'
  return [missing > 0 && `${missing} of its rules missing`, strange > 0 && `${strange} that are not its own`]
    .filter((part) => part)
    .join(', ')
}
