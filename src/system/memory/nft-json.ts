import { fieldsJson } from './nft-elements.ts'
import { isReference, isVerdict } from './nft-state.ts'
import { nftError, syntaxError, tokensOf } from './nft-words.ts'
import { readFamily } from './nft-lookup.ts'
import { tablesNamed } from './nft-counters.ts'
import type { Counter, NftElement, NftSet, Table, Tables } from './nft-state.ts'

const METAINFO = { metainfo: { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 } }

type Json = Readonly<Record<string, unknown>>

/** `nft -j -n -s list ...` of 1.0.6: the words after `list`. */
export function listNft(tables: Tables, words: readonly string[]): string {
  const tokens = tokensOf(words.map((text) => ({ text, quoted: false })))
  const object = tokens.next().text
  if (object === 'ruleset') return print([...tables.values()].flatMap(tableJson))
  if (object === 'tables') return print([...tables.values()].map(headJson))
  if (object === 'chains') return print([...tables.values()].flatMap(chainsJson))
  if (object === 'counters') return print(tablesNamed(tables, tokens).flatMap(countersJson))
  const table = tables.get(`${readFamily(tokens)} ${tokens.next().text}`)
  if (table === undefined) throw nftError('No such file or directory')
  if (object === 'table') return print(tableJson(table))
  return print(partJson(table, object, tokens.next().text))
}

function print(objects: readonly Json[]): string {
  return `${JSON.stringify({ nftables: [METAINFO, ...objects] })}\n`
}

function partJson(table: Table, object: string, name: string): Json[] {
  if (object === 'chain' && table.chains.has(name)) {
    return [...chainsJson(table).filter((one) => nameIn(one['chain']) === name), ...rulesJson(table, name)]
  }
  const set = table.sets.get(name)
  if (set !== undefined && object === (set.value === undefined ? 'set' : 'map')) return [setJson(table, set)]
  if (!['chain', 'set', 'map'].includes(object)) throw syntaxError(object)
  throw nftError('No such file or directory')
}

function nameIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
}

/** The order of nft 1.0.6: table, counters, sets and maps, chains, then rules by chain. */
function tableJson(table: Table): Json[] {
  return [
    headJson(table),
    ...countersJson(table),
    ...[...table.sets.values()].map((set) => setJson(table, set)),
    ...chainsJson(table),
    ...[...table.chains.keys()].flatMap((name) => rulesJson(table, name)),
  ]
}

function headJson({ family, name, handle }: Table): Json {
  return { table: { family, name, handle } }
}

function countersJson(table: Table): Json[] {
  return [...table.counters.values()].map((counter) => counterJson(table, counter))
}

function counterJson({ family, name: table }: Table, counter: Counter): Json {
  const { name, handle, comment, packets, bytes } = counter
  return {
    counter: {
      family,
      name,
      table,
      handle,
      ...(comment === undefined ? {} : { comment }),
      packets,
      bytes,
    },
  }
}

function chainsJson({ family, name: table, chains }: Table): Json[] {
  return [...chains.values()].map(({ name, handle, base, policy }) => {
    const head = { family, table, name, handle }
    if (base === undefined) return { chain: head }
    const { type, hook, priority, device } = base
    return {
      chain: {
        ...head,
        ...(device === undefined ? {} : { dev: device }),
        type,
        hook,
        prio: priority,
        policy,
      },
    }
  })
}

function rulesJson({ family, name: table, chains }: Table, chain: string): Json[] {
  return (chains.get(chain)?.rules ?? []).map(({ handle, comment, expr }) => ({
    rule: { family, table, chain, handle, ...(comment === undefined ? {} : { comment }), expr },
  }))
}

function setJson({ family, name: table }: Table, set: NftSet): Json {
  const { name, handle, key, value, flags, comment } = set
  const type = key.length === 1 ? key[0] : key
  const elements = sorted(set).map(elementJson)
  const shown = flags.filter((flag) => flag !== 'dynamic')
  const body = {
    family,
    name,
    table,
    type,
    handle,
    ...(value === undefined ? {} : { map: value.join(' . ') }),
    ...(comment === undefined ? {} : { comment }),
    // 1.0.6 does not list `dynamic`, but the size that such a set has.
    ...(flags.includes('dynamic') ? { size: 65_535 } : {}),
    ...(shown.length === 0 ? {} : { flags: shown }),
    ...(elements.length === 0 ? {} : { elem: elements }),
  }
  return value === undefined ? { set: body } : { map: body }
}

/** Intervals of one field are kept in order; the rest as it was added. */
function sorted(set: NftSet): readonly NftElement[] {
  if (!set.flags.includes('interval') || set.key.length > 1) return set.elements
  return set.elements.toSorted((a, b) => ((a.key[0]?.first ?? 0n) < (b.key[0]?.first ?? 0n) ? -1 : 1))
}

/** One element as `nft -j -n` prints it. */
export function elementJson({ key, value }: NftElement): unknown {
  if (value === undefined) return fieldsJson(key)
  if (isReference(value)) return [fieldsJson(key), value.counter]
  if (!isVerdict(value)) return [fieldsJson(key), fieldsJson(value)]
  const verdict = { [value.verdict]: value.chain === undefined ? null : { target: value.chain } }
  return [fieldsJson(key), verdict]
}
