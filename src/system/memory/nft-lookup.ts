import { nftError, nftKernelError } from './nft-words.ts'
import type { Chain, NftSet, Table, Tables } from './nft-state.ts'
import type { Tokens } from './nft-words.ts'

const FAMILIES = new Set(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'])

/** The family may be left out: then it is `ip`. */
export function readFamily(tokens: Tokens): string {
  return FAMILIES.has(tokens.peek() ?? '') ? tokens.next().text : 'ip'
}

/** The table of that family and name; ENOENT from the kernel. */
export function tableOf(tables: Tables, family: string, name: string): Table {
  const table = tables.get(`${family} ${name}`)
  if (table === undefined) throw nftKernelError('No such file or directory')
  return table
}

/** The chain of that name; ENOENT from the kernel. */
export function requireChain(table: Table, name: string): Chain {
  const chain = table.chains.get(name)
  if (chain === undefined) throw nftKernelError('No such file or directory')
  return chain
}

/** The set or map of that name; here nft itself says that there is none. */
export function setNamed(table: Table, name: string): NftSet {
  const set = table.sets.get(name)
  if (set === undefined) throw nftError('No such file or directory')
  return set
}
