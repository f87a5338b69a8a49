import {
  anyList,
  asObject,
  isObject,
  objectList,
  optionalText,
  parseJson,
  requiredText,
  textList,
} from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** One table as `nft -j -n -s list table` prints it, in canonical text (nft 1.0.6 and 1.1.x agree on it). */
export interface NftTable {
  /** A dormant table, or one that ends with its owner, is not the table that we made. */
  readonly flagged: boolean
  /** It outlives its owner: whether it has one now. Undefined: it is a plain table. */
  readonly persistent?: 'owned' | 'without owner'
  /** False: nft could not print the rest of a flagged table (see `cutAtFlags`). */
  readonly whole: boolean
  readonly chains: readonly NftChain[]
  readonly sets: readonly NftSet[]
  /** Everything else that lives in a table: counters, quotas, flowtables, ... */
  readonly others: readonly { readonly type: string; readonly name: string }[]
}

export interface NftChain {
  readonly name: string
  /** `filter forward 0 accept`: type, hook, priority, policy; empty for a chain without hook. */
  readonly hook: string
  readonly rules: readonly NftRule[]
}

export interface NftRule {
  readonly comment: string
  /** What the rule refers to and does, sorted (see outlineOf). */
  readonly outline: string
}

export interface NftSet {
  readonly type: 'set' | 'map'
  readonly name: string
  /** `ipv6_addr . inet_proto . inet_service`, and for a map ` : ` and the data's type. */
  readonly datatype: string
  readonly flags: readonly string[]
  readonly elements: readonly NftElement[]
}

/** Canonical text of a key and, in a map, of its data: `6 . 2222`, `10.64.0.2 . 22`. */
export interface NftElement {
  readonly key: string
  readonly data?: string
}

const SUBJECT = 'nft -j -n -s list table'
const LEFT_OUT = new Set(['metainfo', 'table', 'chain', 'rule', 'set', 'map'])

/** Reads the output of `nft -j -n -s list table inet NAME`; throws `garbled` when it is not that. */
export function parseTable(text: string): NftTable {
  if (cutAtFlags(text)) return { flagged: true, whole: false, chains: [], sets: [], others: [] }
  const entries = objectList(asObject(parseJson(text, SUBJECT), SUBJECT)['nftables'], SUBJECT)
  const of = (type: string) => entries.flatMap((entry) => (isObject(entry[type]) ? [entry[type]] : []))
  const rules = of('rule')
  return {
    whole: true,
    ...tableFlags(asObject(of('table')[0], SUBJECT)['flags']),
    chains: of('chain').map((chain) => parseChain(chain, rules)),
    sets: [...of('set').map((set) => parseSet('set', set)), ...of('map').map((map) => parseSet('map', map))],
    others: entries.flatMap(otherObjects),
  }
}

/** nft 1.1.3 prints `"persist"`, and of several flags a list. */
function tableFlags(value: Json | undefined): Pick<NftTable, 'flagged' | 'persistent'> {
  if (value === undefined) return { flagged: false }
  const flags = new Set(Array.isArray(value) ? value : [value])
  if (!flags.delete('persist')) return { flagged: true }
  const persistent = flags.delete('owner') ? 'owned' : 'without owner'
  return { flagged: flags.size > 0, persistent }
}

/**
 * nft 1.0.6 prints a table's flags out of memory that it has freed: with luck a wrong word, else bytes that are no
 * UTF-8, at which the JSON ends (measured; exit code 0). The field is there only when there are flags.
 */
function cutAtFlags(text: string): boolean {
  return /^\{"nftables": \[.*\{"table": \{[^{}]*"flags": \s*$/.test(text)
}

function otherObjects(entry: JsonObject): { type: string; name: string }[] {
  return Object.entries(entry).flatMap(([type, value]) =>
    LEFT_OUT.has(type) || !isObject(value) ? [] : [{ type, name: requiredText(value, 'name', SUBJECT) }],
  )
}

function parseChain(chain: JsonObject, rules: readonly JsonObject[]): NftChain {
  const name = requiredText(chain, 'name', SUBJECT)
  const hook = optionalText(chain, 'hook')
  return {
    name,
    hook:
      hook === undefined ? '' : `${chain['type']} ${hook} ${chain['prio']} ${chain['policy'] ?? 'accept'}`,
    rules: rules.filter((rule) => rule['chain'] === name).map(parseRule),
  }
}

function parseRule(rule: JsonObject): NftRule {
  return { comment: optionalText(rule, 'comment') ?? '', outline: outlineOf(rule['expr'] ?? []) }
}

function parseSet(type: 'set' | 'map', set: JsonObject): NftSet {
  const key = typeText(set['type'])
  const elements = anyList(set['elem'] ?? [], SUBJECT)
  return {
    type,
    name: requiredText(set, 'name', SUBJECT),
    datatype: type === 'map' ? `${key} : ${typeText(set['map'])}` : key,
    // 1.1.3 lists `dynamic`, 1.0.6 does not.
    flags: textList(set['flags'])
      .filter((flag) => flag !== 'dynamic')
      .toSorted(),
    elements: elements.map((element) => parseElement(type, element)),
  }
}

function parseElement(type: 'set' | 'map', element: Json): NftElement {
  if (type === 'set' || !Array.isArray(element)) return { key: valueText(element) }
  return { key: valueText(element[0] as Json), data: valueText(element[1] as Json) }
}

/**
 * A set's type: text in nft 1.0.6 for a map's data, a list in 1.1.x. Where it was declared as that of expressions, 1.0.6
 * prints their types, and 1.1.3 the expressions.
 */
function typeText(value: Json | undefined): string {
  if (isObject(value) && isObject(value['typeof'])) {
    const { concat } = value['typeof']
    return (Array.isArray(concat) ? concat : [value['typeof']]).map(expressionType).join(' . ')
  }
  return Array.isArray(value) ? value.join(' . ') : String(value)
}

/** Of the expressions that our own sets are made of; of any other, what it says. */
function expressionType(expression: Json): string {
  if (!isObject(expression)) return String(expression)
  if (isObject(expression['meta']) && expression['meta']['key'] === 'iifname') return 'ifname'
  if (isObject(expression['payload']) && expression['payload']['base'] !== undefined) return 'integer'
  return JSON.stringify(expression)
}

/** One value in nft's own text form. Counters, timeouts and comments of an element are not part of it. */
export function valueText(value: Json): string {
  if (!isObject(value)) return String(value)
  if (isObject(value['elem'])) return valueText(value['elem']['val'] ?? null)
  if (Array.isArray(value['concat'])) return value['concat'].map(valueText).join(' . ')
  if (Array.isArray(value['range'])) return value['range'].map(valueText).join('-')
  if (isObject(value['prefix'])) return `${value['prefix']['addr']}/${value['prefix']['len']}`
  return JSON.stringify(value)
}

const VERDICTS = new Set(['accept', 'drop', 'return', 'masquerade', 'snat', 'dnat', 'mangle', 'reject'])

/**
 * A rule's references and effects as sorted words, the same from nft's JSON as from our own rule text
 * (`Rule.outline` in kinds/nft-chain): a rule that keeps our comment but does something else is told apart.
 */
function outlineOf(expressions: Json): string {
  const words: string[] = []
  for (const expression of objectList(expressions, SUBJECT)) {
    for (const [name, value] of Object.entries(expression)) {
      if (VERDICTS.has(name)) words.push(name)
      if ((name === 'jump' || name === 'goto') && isObject(value))
        words.push(`${name}:${String(value['target'])}`)
      if (name === 'counter' && typeof value === 'string') words.push(`counter:${value}`)
      if (name === 'set' && isObject(value)) words.push(...limitWords(value['stmt'] ?? []))
      if (name === 'counter' && isObject(value) && value['map'] !== undefined) words.push('counter')
    }
  }
  return [...words, ...setReferences(expressions)].toSorted().join(' ')
}

/** What a rule counts in a set: `count:over:4096`. */
function limitWords(statements: Json): string[] {
  return objectList(statements, SUBJECT).flatMap((statement) => {
    const count = statement['ct count']
    return isObject(count)
      ? [`count:${count['inv'] === true ? 'over' : 'until'}:${String(count['val'])}`]
      : []
  })
}

function setReferences(value: Json): string[] {
  if (typeof value === 'string') return value.startsWith('@') ? [value] : []
  if (Array.isArray(value)) return value.flatMap(setReferences)
  return isObject(value) ? Object.values(value).flatMap(setReferences) : []
}
