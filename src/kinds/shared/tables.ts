import { replyText } from '../../engine/observe.ts'
import type { Argv, Probe, Replies } from '../../engine/types.ts'
import { parsedOnce } from '../../formats/json.ts'
import { parseTable } from '../../formats/nft-table.ts'
import type { NftTable } from '../../formats/nft-table.ts'
import { FRAME_TABLE, OWNED, TABLE } from '../../model/identity.ts'
import type { TableName } from '../../model/identity.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'

// Scoped to our tables: nft 1.0.6 dies on other programs' newer sets when it lists everything (reliability, 2).
const TABLE_PROBES: Readonly<Record<TableName, Probe>> = {
  [TABLE]: tableProbe('nft', TABLE),
  [FRAME_TABLE]: tableProbe('nft frames', FRAME_TABLE),
}

/** Both are read whatever the file says: what left it must be found, too. */
export const NFT: readonly Probe[] = Object.values(TABLE_PROBES)

function tableProbe(id: string, table: TableName): Probe {
  const argv: Argv = ['nft', '-j', '-n', '-s', 'list', 'table', ...table.split(' ')]
  return { id, topics: ['firewall'], mayBeAbsent: true, argv }
}

/** Whether a table can have an owner and outlive it; nothing is made (`-c`). nft 1.0.6 calls it a syntax error. */
export const NFT_PERSIST: Probe = check('nft persist', `add table ${TABLE}-probe { flags ${OWNED}; }`)

/** Whether frames on a bridge can be looked at: some kernels cannot (CONFIG_NF_TABLES_BRIDGE). */
const NFT_FRAMES: Probe = check(
  'nft bridge',
  `add table ${FRAME_TABLE}-probe { set s { typeof iifname . @th,64,128; }; chain c { type filter hook prerouting priority -300; }; }`,
)

function check(id: string, statement: string): Probe {
  return { id, contained: true, mayFail: true, argv: ['nft', '-c', statement] }
}

/** What tells which tables there can be. No event tells of it: a table that is gone is made again without asking. */
export function featureProbes({ networks, firewall }: Model): readonly Probe[] {
  if (networks.length === 0) return []
  return firewall.antiSpoof ? [NFT_PERSIST, NFT_FRAMES] : [NFT_PERSIST]
}

export function canPersist(replies: Replies): boolean {
  return replyText(replies, NFT_PERSIST.id) !== undefined
}

/** Undefined: nothing was read that tells. */
export function canFilterFrames(replies: Replies): boolean | undefined {
  if (replyText(replies, TABLE_PROBES[FRAME_TABLE].id) !== undefined) return true
  const reply = replies.get(NFT_FRAMES.id)
  return reply && 'text' in reply
}

/** The tables that a file asks for, as far as this host can have them. */
export function tablesOf({ model, facts }: World): readonly TableName[] {
  if (model.networks.length === 0) return []
  return model.firewall.antiSpoof && facts.firewall.canFilterFrames ? [TABLE, FRAME_TABLE] : [TABLE]
}

/** One of our tables; undefined when there is none. */
export function nftTable(replies: Replies, name: TableName = TABLE): NftTable | undefined {
  const reply = replies.get(TABLE_PROBES[name].id)
  return reply && parsedOnce(reply, parseTable)
}

/** A table of ours that stands. */
export interface StandingTable {
  readonly name: TableName
  readonly table: NftTable
}

/** Those that the file asks for, and that stand; any other goes as a whole (kind nft-table). */
export function standingTables(replies: Replies, world: World): readonly StandingTable[] {
  return tablesOf(world).flatMap((name) => {
    const table = nftTable(replies, name)
    return table === undefined ? [] : [{ name, table }]
  })
}

/** What stands in a table that nft cannot print while it sleeps: it is woken first (kind nft-table). */
export const UNSEEN = { owned: [], foreign: [], unseen: true } as const

/** How a part of a table is named in plans: those of the frames' have its family before their name. */
export function partKey(table: TableName, name: string): string {
  return table === TABLE ? name : `bridge ${name}`
}
