import { isCounting } from './nft-counters.ts'
import { isVerdict } from './nft-state.ts'
import { nftError, nftKernelError, syntaxError } from './nft-words.ts'
import { readElements } from './nft-elements.ts'
import { removeElement } from './nft-sets.ts'
import { requireChain, setNamed } from './nft-lookup.ts'
import type { Chain, Rule, Table, Tables } from './nft-state.ts'
import type { Tokens } from './nft-words.ts'

/** `delete OBJECT ...`: what is absent is ENOENT, what a rule or an element of a map still refers to is EBUSY. */
export function deleteFrom(tables: Tables, table: Table, object: string, tokens: Tokens): void {
  if (object === 'table') {
    tables.delete(`${table.family} ${table.name}`)
    return
  }
  const name = tokens.next().text
  if (object === 'rule') return deleteRule(requireChain(table, name), tokens)
  if (object === 'element') {
    const set = setNamed(table, name)
    for (const element of readElements(tokens, set, true)) removeElement(set, element)
  } else if (object === 'set' || object === 'map') {
    const used = rulesOf(table).some((rule) => rule.sets.includes(name))
    remove(table.sets, name, used)
  } else if (object === 'counter') remove(table.counters, name, isCounting(table, name))
  else if (object === 'chain') deleteChain(table, name)
  else throw syntaxError(object)
}

function deleteRule(chain: Chain, tokens: Tokens): void {
  tokens.expect('handle')
  const handle = tokens.next().text
  const at = chain.rules.findIndex((rule) => `${rule.handle}` === handle)
  if (at < 0) throw nftKernelError('No such file or directory')
  chain.rules = chain.rules.toSpliced(at, 1)
}

function remove(from: Map<string, unknown>, name: string, used: boolean): void {
  if (!from.has(name)) throw nftKernelError('No such file or directory')
  if (used) throw nftKernelError('Device or resource busy')
  from.delete(name)
}

/** A chain goes with its own rules, unless a rule or a verdict map elsewhere leads to it. */
function deleteChain(table: Table, name: string): void {
  const chain = requireChain(table, name)
  const jumped = rulesOf(table).some((rule) => !chain.rules.includes(rule) && rule.chains.includes(name))
  const mapped = [...table.sets.values()].some((set) =>
    set.elements.some(({ value }) => isVerdict(value) && value.chain === name),
  )
  if (jumped || mapped) throw nftKernelError('Device or resource busy')
  table.chains.delete(name)
}

function rulesOf(table: Table): Rule[] {
  return [...table.chains.values()].flatMap((chain) => chain.rules)
}

/** `flush table|chain|set|map ...` */
export function flush(table: Table, object: string, tokens: Tokens): void {
  if (object === 'table') {
    for (const chain of table.chains.values()) chain.rules = []
    return
  }
  const name = tokens.next().text
  if (object === 'chain') requireChain(table, name).rules = []
  else if (object === 'set' || object === 'map') {
    const set = setNamed(table, name)
    if ((set.value !== undefined) !== (object === 'map')) throw nftError('No such file or directory')
    set.elements = []
  } else throw syntaxError(object)
}
