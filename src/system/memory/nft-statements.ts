import { addElements } from './nft-sets.ts'
import { deleteFrom, flush } from './nft-remove.ts'
import { addCounter, requireCounter, requireCounterMap, resetCounters } from './nft-counters.ts'
import { readFamily, requireChain, setNamed, tableOf } from './nft-lookup.ts'
import { endOf, nameOf, nftKernelError, statementsOf, syntaxError, tokensOf } from './nft-words.ts'
import { isVerdict } from './nft-state.ts'
import { readChainBody, readSetBody } from './nft-declare.ts'
import { readElements } from './nft-elements.ts'
import { readRule } from './nft-rules.ts'
import { ToolFailure } from './fail.ts'
import type { Chain, NftSet, Rule, Table, Tables } from './nft-state.ts'
import type { Token, Tokens } from './nft-words.ts'

/** Applies a transaction: all statements or, when one fails, none. Returns the new tables. */
export function applyNft(tables: Tables, script: string, before: (statement: string) => void): Tables {
  const draft = structuredClone(tables)
  for (const { line, tokens } of statementsOf(script)) {
    const text = textOf(tokens)
    before(text)
    try {
      applyStatement(draft, tokensOf(tokens), text)
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error
      throw new ToolFailure(`script:${line}: ${error.message}\n${text}`, 1, true)
    }
  }
  return draft
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text, quoted }) => (quoted ? `"${text}"` : text)).join(' ')
}

function applyStatement(tables: Tables, tokens: Tokens, text: string): void {
  const verb = tokens.next().text
  const object = tokens.next().text
  if (verb === 'flush' && object === 'ruleset') return tables.clear()
  if (verb === 'reset') return resetCounters(tables, object, tokens)
  const family = readFamily(tokens)
  const name = nameOf(tokens.next())
  if (verb === 'add' || verb === 'create') {
    if (object === 'table') return addTable(tables, family, name, verb === 'create', tokens)
    return addTo(tableOf(tables, family, name), object, tokens, text, verb === 'create')
  }
  const table = tableOf(tables, family, name)
  if (verb === 'insert' && object === 'rule') return addRule(table, tokens, text, true)
  if (verb === 'delete') deleteFrom(tables, table, object, tokens)
  else if (verb === 'flush') flush(table, object, tokens)
  else throw syntaxError(verb)
  endOf(tokens)
}

function addTable(tables: Tables, family: string, name: string, create: boolean, tokens: Tokens): void {
  if (tokens.accept('{')) while (!tokens.accept('}')) tokens.next()
  endOf(tokens)
  const key = `${family} ${name}`
  if (tables.has(key)) {
    if (create) throw nftKernelError('File exists')
    return
  }
  const handle = 1 + Math.max(0, ...[...tables.values()].map((table) => table.handle))
  tables.set(key, {
    family,
    name,
    handle,
    nextHandle: 1,
    counters: new Map(),
    sets: new Map(),
    chains: new Map(),
  })
}

function addTo(table: Table, object: string, tokens: Tokens, text: string, create: boolean): void {
  if (object === 'rule') return addRule(table, tokens, text, false)
  const token = tokens.next()
  if (object === 'element') {
    const set = setNamed(table, token.text)
    const elements = readElements(tokens, set, false)
    for (const { value } of elements) {
      if (isVerdict(value) && value.chain !== undefined) requireChain(table, value.chain)
      requireCounter(table, value)
    }
    addElements(set, elements, create)
  } else if (object === 'set' || object === 'map')
    addSet(table, nameOf(token), object === 'map', tokens, create)
  else if (object === 'chain') addChain(table, nameOf(token), tokens, create)
  else if (object === 'counter') addCounter(table, nameOf(token), tokens, create)
  else throw syntaxError(object)
  endOf(tokens)
}

function addSet(table: Table, name: string, isMap: boolean, tokens: Tokens, create: boolean): void {
  const body = readSetBody(tokens, isMap)
  const known = table.sets.get(name)
  if (known === undefined) {
    table.sets.set(name, { name, handle: table.nextHandle++, ...body, elements: [] })
    return
  }
  if (create || shape(known) !== shape(body)) throw nftKernelError('File exists')
}

function shape(set: Pick<NftSet, 'key' | 'value' | 'flags'>): string {
  return JSON.stringify([set.key, set.value ?? null, set.flags.toSorted()])
}

/** A base chain's policy may change in place; its type, hook and priority may not. */
function addChain(table: Table, name: string, tokens: Tokens, create: boolean): void {
  const { base, policy } = readChainBody(tokens, table.family)
  const known = table.chains.get(name)
  if (known === undefined) {
    table.chains.set(name, { name, handle: table.nextHandle++, base, policy, rules: [] })
    return
  }
  if (create) throw nftKernelError('File exists')
  if (base === undefined) return
  if (JSON.stringify(base) !== JSON.stringify(known.base)) throw nftKernelError('Operation not supported')
  known.policy = policy
}

function addRule(table: Table, tokens: Tokens, text: string, first: boolean): void {
  const chain = requireChain(table, tokens.next().text)
  const at = readPosition(tokens, chain, first)
  const parsed = readRule(tokens, table.family)
  for (const name of parsed.sets) setNamed(table, name)
  for (const name of parsed.counterMaps) requireCounterMap(table, name)
  for (const name of parsed.counters) {
    if (!table.counters.has(name)) throw nftKernelError('No such file or directory')
  }
  for (const name of parsed.chains) requireChain(table, name)
  const rule: Rule = { handle: table.nextHandle++, text: text.replace(/^\w+ rule \w+ \S+ /, ''), ...parsed }
  chain.rules = chain.rules.toSpliced(at, 0, rule)
}

/** `handle N` (or `position N`): after that rule, with `insert` before it. */
function readPosition(tokens: Tokens, chain: Chain, first: boolean): number {
  if (!tokens.accept('handle', 'position')) return first ? 0 : chain.rules.length
  const at = chain.rules.findIndex((rule) => `${rule.handle}` === tokens.peek())
  tokens.next()
  if (at < 0) throw nftKernelError('No such file or directory')
  return first ? at : at + 1
}
