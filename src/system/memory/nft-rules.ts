import { nftError, syntaxError } from './nft-words.ts'
import { readLeft, readRight } from './nft-expressions.ts'
import { withNetwork, withTransport } from './nft-dependencies.ts'
import type { Left } from './nft-expressions.ts'
import type { Tokens } from './nft-words.ts'

/** What a rule says: its JSON expressions as `nft -j -n` prints them, and the names that it refers to. */
export interface ParsedRule {
  readonly expr: readonly unknown[]
  readonly comment: string | undefined
  readonly sets: readonly string[]
  readonly counters: readonly string[]
  readonly counterMaps: readonly string[]
  readonly chains: readonly string[]
}

interface Draft {
  readonly expr: unknown[]
  comment: string | undefined
  readonly sets: string[]
  readonly counters: string[]
  readonly counterMaps: string[]
  readonly chains: string[]
}

/** Reads the statements of one rule up to the end. Statements that are not modelled are syntax errors. */
export function readRule(tokens: Tokens, family: string): ParsedRule {
  const draft: Draft = { expr: [], comment: undefined, sets: [], counters: [], counterMaps: [], chains: [] }
  if (tokens.peekToken() === undefined) throw syntaxError('newline')
  while (tokens.peekToken() !== undefined) readStatement(tokens, draft)
  return { ...draft, expr: withNetwork(withTransport(draft.expr), family) }
}

const PLAIN_VERDICTS = new Set(['accept', 'drop', 'return', 'continue', 'notrack'])

function readStatement(tokens: Tokens, draft: Draft): void {
  const word = tokens.peek()
  if (word === 'comment') {
    tokens.next()
    draft.comment = tokens.next().text
    if (draft.comment.length > 128) throw nftError('comment too long, 128 characters maximum allowed')
  } else if (word !== undefined && PLAIN_VERDICTS.has(word)) draft.expr.push({ [tokens.next().text]: null })
  else if (tokens.accept('counter')) draft.expr.push({ counter: readCounter(tokens, draft) })
  else if (word === 'jump' || word === 'goto') draft.expr.push(readJump(tokens, draft))
  else if (tokens.accept('masquerade')) draft.expr.push({ masquerade: null })
  else if (word === 'snat' || word === 'dnat')
    draft.expr.push({ [tokens.next().text]: readNat(tokens, draft) })
  else if (tokens.accept('redirect')) draft.expr.push({ redirect: readRedirect(tokens, draft) })
  else if (tokens.accept('reject')) draft.expr.push(readReject(tokens, draft))
  else if (tokens.accept('limit')) draft.expr.push({ limit: readLimit(tokens) })
  else if ((word === 'add' || word === 'update') && tokens.peek(1)?.startsWith('@') === true)
    draft.expr.push({ set: readDynamic(tokens, draft) })
  else if (tokens.accept('log')) draft.expr.push({ log: readLog(tokens) })
  else draft.expr.push(readMatch(tokens, draft))
}

/** With which an expression begins, and no name of an object. */
const KEYWORDS = new Set(['ip', 'ip6', 'meta', 'iifname', 'oifname', 'ether', 'ct', 'th', 'tcp', 'udp'])

/** `counter`, `counter packets N bytes N`, `counter name NAME`, `counter name EXPRESSION map @NAME` */
function readCounter(tokens: Tokens, draft: Draft): unknown {
  if (tokens.accept('packets')) {
    tokens.next()
    tokens.expect('bytes')
    tokens.next()
    return null
  }
  if (!tokens.accept('name')) return null
  if (KEYWORDS.has(tokens.peek() ?? '')) {
    const mapped = readMapped(tokens, draft)
    draft.counterMaps.push(...draft.sets.slice(-1))
    return mapped
  }
  const name = tokens.next().text
  draft.counters.push(name)
  return name
}

function readJump(tokens: Tokens, draft: Draft): unknown {
  const verb = tokens.next().text
  const chain = tokens.next().text
  draft.chains.push(chain)
  return { [verb]: { target: chain } }
}

/** `dnat [ip|ip6] to ADDRESS[:PORT] | EXPRESSION map @NAME` */
function readNat(tokens: Tokens, draft: Draft): unknown {
  const family = tokens.accept('ip') ? 'ip' : tokens.accept('ip6') ? 'ip6' : undefined
  tokens.expect('to')
  const shown = family === undefined ? {} : { family }
  const literal = /^(\[[0-9a-f:.]+\]|[0-9.]+|[0-9a-f:]*::[0-9a-f:]*)(?::(\d+))?$/i.exec(tokens.peek() ?? '')
  if (literal === null) return { ...shown, addr: readMapped(tokens, draft) }
  tokens.next()
  const addr = (literal[1] ?? '').replaceAll(/[[\]]/g, '')
  return { ...shown, addr, ...(literal[2] === undefined ? {} : { port: Number(literal[2]) }) }
}

function readMapped(tokens: Tokens, draft: Draft): unknown {
  const key = readLeft(tokens)
  tokens.expect('map')
  return { map: { key: key.json, data: reference(tokens, draft) } }
}

function reference(tokens: Tokens, draft: Draft): string {
  const { text } = tokens.next()
  if (!text.startsWith('@')) throw syntaxError(text)
  draft.sets.push(text.slice(1))
  return text
}

function readRedirect(tokens: Tokens, draft: Draft): unknown {
  if (!tokens.accept('to')) return null
  const port = /^:(\d+)$/.exec(tokens.peek() ?? '')
  if (port !== null) {
    tokens.next()
    return { port: Number(port[1]) }
  }
  tokens.accept(':')
  return { port: readMapped(tokens, draft) }
}

const REJECT_CODES: Readonly<Record<string, number>> = {
  'port-unreachable': 3,
  'host-unreachable': 1,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'no-route': 0,
}

/** Plain `reject` is "port unreachable" of the family that the rule has matched, or of either. */
function plainReject(draft: Draft): unknown {
  const matched = JSON.stringify(draft.expr)
  if (matched.includes('"protocol":"ip"')) return { reject: { type: 'icmp', expr: 3 } }
  if (matched.includes('"protocol":"ip6"')) return { reject: { type: 'icmpv6', expr: 4 } }
  return { reject: { type: 'icmpx', expr: 1 } }
}

function readReject(tokens: Tokens, draft: Draft): unknown {
  if (!tokens.accept('with')) return plainReject(draft)
  if (tokens.accept('tcp')) {
    tokens.expect('reset')
    return { reject: { type: 'tcp reset' } }
  }
  const type = tokens.next().text
  tokens.accept('type')
  const code = tokens.next().text
  const icmpv6Port = type === 'icmpv6' && code === 'port-unreachable' ? 4 : undefined
  const expr = icmpv6Port ?? REJECT_CODES[code]
  if (expr === undefined) throw syntaxError(code)
  return { reject: { type, expr } }
}

function readLimit(tokens: Tokens): unknown {
  tokens.expect('rate')
  const over = tokens.accept('over')
  const rate = /^(\d+)\/(second|minute|hour|day)$/.exec(tokens.next().text)
  if (rate === null) throw syntaxError('string')
  let burst = 5
  if (tokens.accept('burst')) {
    burst = Number(tokens.next().text)
    tokens.expect('packets')
  }
  return { rate: Number(rate[1]), burst, per: rate[2], ...(over ? { inv: true } : {}) }
}

/** `add @NAME { EXPRESSION [ct count over N] }` */
function readDynamic(tokens: Tokens, draft: Draft): unknown {
  const op = tokens.next().text
  const set = reference(tokens, draft)
  tokens.expect('{')
  const elem = readLeft(tokens).json
  const stmt = tokens.peek() === 'ct' ? [{ 'ct count': readCount(tokens) }] : []
  tokens.expect('}')
  return { op, elem, set, ...(stmt.length > 0 && { stmt }) }
}

function readCount(tokens: Tokens): unknown {
  tokens.expect('ct')
  tokens.expect('count')
  const over = tokens.accept('over')
  const { text } = tokens.next()
  if (!/^\d+$/.test(text)) throw syntaxError(text)
  return { val: Number(text), ...(over ? { inv: true } : {}) }
}

function readLog(tokens: Tokens): unknown {
  const log: Record<string, string> = {}
  while (tokens.accept('prefix', 'level', 'flags')) log['prefix'] ??= tokens.next().text
  return Object.keys(log).length === 0 ? null : log
}

/** `EXPRESSION [OPERATOR] VALUE`, or `EXPRESSION vmap @NAME|{...}`. */
function readMatch(tokens: Tokens, draft: Draft): unknown {
  const left = readLeft(tokens)
  if (tokens.accept('vmap')) return { vmap: { key: left.json, data: readVmap(tokens, left, draft) } }
  if (tokens.accept('set')) return { mangle: { key: left.json, value: readAssigned(tokens, left) } }
  const negated = tokens.accept('!=')
  if (!negated) tokens.accept('==')
  if (tokens.peek()?.startsWith('@') === true) {
    return { match: { op: negated ? '!=' : '==', left: left.json, right: reference(tokens, draft) } }
  }
  const right = readRight(tokens, left)
  const op = negated ? '!=' : left.bitmask && !right.isSet ? 'in' : '=='
  return { match: { op, left: left.json, right: right.json } }
}

function readAssigned(tokens: Tokens, left: Left): unknown {
  return tokens.accept('rt') ? { rt: { key: tokens.next().text } } : readRight(tokens, left).json
}

function readVmap(tokens: Tokens, left: Left, draft: Draft): unknown {
  if (tokens.peek()?.startsWith('@') === true) return reference(tokens, draft)
  tokens.expect('{')
  const entries: [number | string, unknown][] = []
  do {
    const key = left.value(tokens.next())
    tokens.expect(':')
    const word = tokens.peek()
    const jump = word === 'jump' || word === 'goto'
    entries.push([String(key), [key, jump ? readJump(tokens, draft) : { [tokens.next().text]: null }]])
  } while (tokens.accept(','))
  tokens.expect('}')
  return { set: entries.toSorted((a, b) => Number(a[0]) - Number(b[0])).map(([, entry]) => entry) }
}
