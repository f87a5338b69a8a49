import { isReference } from './nft-state.ts'
import { readFamily, tableOf } from './nft-lookup.ts'
import { endOf, nftError, nftKernelError, syntaxError } from './nft-words.ts'
import type { ElementValue, Table, Tables } from './nft-state.ts'
import type { Tokens } from './nft-words.ts'

/** `add counter ... [{ comment "C"; }]`; one that is there keeps its values. */
export function addCounter(table: Table, name: string, tokens: Tokens, create: boolean): void {
  let comment: string | undefined
  if (tokens.accept('{')) {
    while (!tokens.accept('}'))
      if (tokens.accept('comment')) comment = tokens.next().text
      else tokens.next()
  }
  if (!table.counters.has(name)) {
    table.counters.set(name, { name, handle: table.nextHandle++, comment, packets: 0, bytes: 0 })
  } else if (create) throw nftKernelError('File exists')
}

/** What a map's element leads to must be there. */
export function requireCounter(table: Table, value: ElementValue): void {
  if (isReference(value) && !table.counters.has(value.counter)) {
    throw nftKernelError('No such file or directory')
  }
}

/** A rule that counts by a map needs one whose data are counters; here nft itself says so. */
export function requireCounterMap(table: Table, name: string): void {
  if (table.sets.get(name)?.value?.[0] !== 'counter') throw nftError('Expression is not a map with objects')
}

/** Whether a rule, or an element of a map, holds on to the counter. */
export function isCounting(table: Table, name: string): boolean {
  const rules = [...table.chains.values()].flatMap((chain) => chain.rules)
  const elements = [...table.sets.values()].flatMap((set) => set.elements)
  return (
    rules.some((rule) => rule.counters.includes(name)) ||
    elements.some(({ value }) => isReference(value) && value.counter === name)
  )
}

/** `reset counters [table FAMILY NAME]`, `reset counter FAMILY TABLE NAME`: the objects stay, their values go. */
export function resetCounters(tables: Tables, object: string, tokens: Tokens): void {
  if (object !== 'counter' && object !== 'counters') throw syntaxError(object)
  if (object === 'counter') {
    const counter = tableOf(tables, readFamily(tokens), tokens.next().text).counters.get(tokens.next().text)
    if (counter === undefined) throw nftKernelError('No such file or directory')
    Object.assign(counter, { packets: 0, bytes: 0 })
  } else {
    const counters = tablesNamed(tables, tokens).flatMap((table) => [...table.counters.values()])
    for (const counter of counters) Object.assign(counter, { packets: 0, bytes: 0 })
  }
  endOf(tokens)
}

/** `[table FAMILY NAME]`: that table, or without it all of them. */
export function tablesNamed(tables: Tables, tokens: Tokens): readonly Table[] {
  if (!tokens.accept('table')) return [...tables.values()]
  const table = tables.get(`${readFamily(tokens)} ${tokens.next().text}`)
  if (table === undefined) throw nftError('No such file or directory')
  return [table]
}
