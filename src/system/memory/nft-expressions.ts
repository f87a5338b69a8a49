import { fieldsJson, readField } from './nft-elements.ts'
import { syntaxError } from './nft-words.ts'
import type { Token, Tokens } from './nft-words.ts'

/** The left side of a match: its JSON, how values of it are written, and whether it is a bit mask (`op: in`). */
export interface Left {
  readonly json: unknown
  readonly bitmask: boolean
  readonly value: (token: Token) => unknown
}

type Symbols = Readonly<Record<string, number>>

const CT_STATE: Symbols = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }
const CT_STATUS: Symbols = { 'seen-reply': 2, assured: 4, confirmed: 8, snat: 16, dnat: 32 }
const CT_DIRECTION: Symbols = { original: 0, reply: 1 }
const NFPROTO: Symbols = { ipv4: 2, ipv6: 10 }
const ICMP: Symbols = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'time-exceeded': 11,
  'parameter-problem': 12,
}
const ICMPV6: Symbols = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'mld2-listener-report': 143,
}
const PKTTYPE: Symbols = { host: 0, broadcast: 1, multicast: 2, other: 3 }
const TCP_FLAGS: Symbols = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 }
const ETHERTYPE: Symbols = { ip: 8, arp: 1544, ip6: 56710, vlan: 129 }
const FIB_TYPE: Symbols = { unspec: 0, unicast: 1, local: 2, broadcast: 3, anycast: 4, multicast: 5 }
/** In the order of this machine's bytes, as nft prints them. */
const ARP_OPERATION: Symbols = { request: 256, reply: 512 }
const ARP_PTYPE: Symbols = { '0x0800': 8 }

/** Type by `OBJECT KEY`; symbols for those that have names of their own. */
const TYPES: Readonly<Record<string, string | Symbols>> = {
  'meta l4proto': 'inet_proto',
  'meta nfproto': NFPROTO,
  'meta iifname': 'ifname',
  'meta oifname': 'ifname',
  'meta ibrname': 'ifname',
  'meta obrname': 'ifname',
  'meta mark': 'mark',
  'meta pkttype': PKTTYPE,
  'meta protocol': ETHERTYPE,
  'ct state': CT_STATE,
  'ct status': CT_STATUS,
  'ct direction': CT_DIRECTION,
  'ct mark': 'mark',
  'ip saddr': 'ipv4_addr',
  'ip daddr': 'ipv4_addr',
  'ip protocol': 'inet_proto',
  'ip6 saddr': 'ipv6_addr',
  'ip6 daddr': 'ipv6_addr',
  'ip6 nexthdr': 'inet_proto',
  'th sport': 'inet_service',
  'th dport': 'inet_service',
  'tcp sport': 'inet_service',
  'tcp dport': 'inet_service',
  'tcp flags': TCP_FLAGS,
  'udp sport': 'inet_service',
  'udp dport': 'inet_service',
  'icmp type': ICMP,
  'icmpv6 type': ICMPV6,
  'ether saddr': 'ether_addr',
  'ether daddr': 'ether_addr',
  'ether type': ETHERTYPE,
  'arp saddr': 'ipv4_addr',
  'arp daddr': 'ipv4_addr',
  'arp operation': ARP_OPERATION,
  'arp htype': 'integer16',
  'arp ptype': ARP_PTYPE,
  'arp hlen': 'integer8',
  'arp plen': 'integer8',
  'igmp type': 'integer8',
  'frag nexthdr': 'inet_proto',
  'frag frag-off': 'integer13',
}

const META_SHORT = new Set(['iifname', 'oifname', 'ibrname', 'obrname', 'mark'])
const BITMASKS: ReadonlySet<string | Symbols> = new Set([CT_STATE, CT_STATUS, TCP_FLAGS])

/** Reads an expression, concatenated with ` . ` or not. */
export function readLeft(tokens: Tokens): Left {
  const parts = [readPart(tokens)]
  while (tokens.accept('.')) parts.push(readPart(tokens))
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return { json: { concat: parts.map((part) => part.json) }, bitmask: false, value: fieldOf }
}

/** One field of a concatenated value: protocols and ports are numbers. */
function fieldOf({ text }: Token): number | string {
  return /^\d+$/.test(text) ? Number(text) : text
}

function readPart(tokens: Tokens): Left {
  const object = tokens.next().text
  if (object === '@th' || object === '@nh') return readRaw(tokens, object.slice(1))
  if (object === 'fib') return readFib(tokens)
  const [head, key] = META_SHORT.has(object) ? ['meta', object] : [object, tokens.next().text]
  if (head === 'ct' && (key === 'original' || key === 'reply')) return readTuple(tokens, key)
  if (head === 'tcp' && key === 'option') return readOption(tokens)
  if (head === 'arp' && (key === 'saddr' || key === 'daddr')) return readArp(tokens, key)
  const type = TYPES[`${head} ${key}`]
  if (type === undefined) throw syntaxError(key)
  return { json: partJson(head, key), bitmask: BITMASKS.has(type), value: (token) => valueOf(token, type) }
}

function partJson(head: string | undefined, key: string | undefined): unknown {
  if (head === 'meta' || head === 'ct') return { [head]: { key } }
  return head === 'frag'
    ? { exthdr: { name: head, field: key } }
    : { payload: { protocol: head, field: key } }
}

/** `@th,64,128`: bits behind the beginning of a header. */
function readRaw(tokens: Tokens, base: string): Left {
  tokens.expect(',')
  const offset = Number(tokens.next().text)
  tokens.expect(',')
  const len = Number(tokens.next().text)
  return {
    json: { payload: { base, offset, len } },
    bitmask: false,
    value: (token) => valueOf(token, 'integer'),
  }
}

/** `ct original proto-dst`, `ct original ip daddr`: the tuple before any translation. */
function readTuple(tokens: Tokens, dir: string): Left {
  const word = tokens.next().text
  const key = word === 'ip' || word === 'ip6' ? `${word} ${tokens.next().text}` : word
  const type = TYPES[key] ?? (key.startsWith('proto-') ? 'inet_service' : 'ipv4_addr')
  return { json: { ct: { key, dir } }, bitmask: false, value: (token) => valueOf(token, type) }
}

/** `arp saddr ip|ether ADDRESS`. */
function readArp(tokens: Tokens, key: string): Left {
  const kind = tokens.next().text
  const type = kind === 'ip' ? 'ipv4_addr' : 'ether_addr'
  const json = { payload: { protocol: 'arp', field: `${key} ${kind}` } }
  return { json, bitmask: false, value: (token) => valueOf(token, type) }
}

/** `tcp option maxseg size`. */
function readOption(tokens: Tokens): Left {
  const name = tokens.next().text
  const field = tokens.next().text
  const json = { 'tcp option': { name, field } }
  return { json, bitmask: false, value: (token) => valueOf(token, 'inet_service') }
}

function readFib(tokens: Tokens): Left {
  const flags = [tokens.next().text]
  while (tokens.accept('.')) flags.push(tokens.next().text)
  const result = tokens.next().text
  if (!['type', 'oif', 'oifname'].includes(result)) throw syntaxError(result)
  const value = (token: Token): unknown => (result === 'type' ? valueOf(token, FIB_TYPE) : existence(token))
  return { json: { fib: { result, flags } }, bitmask: false, value }
}

function existence(token: Token): boolean {
  if (token.text !== 'missing' && token.text !== 'exists') throw syntaxError(token.text)
  return token.text === 'exists'
}

function valueOf(token: Token, type: string | Symbols): unknown {
  if (typeof type === 'string') return fieldsJson([readField(token, type)])
  const value = type[token.text] ?? (/^\d+$/.test(token.text) ? Number(token.text) : undefined)
  if (value === undefined) throw syntaxError(token.text)
  return value
}

/** Reads `VALUE`, `VALUE,VALUE` or `{ VALUE, ... }`. */
export function readRight(tokens: Tokens, left: Left): { readonly json: unknown; readonly isSet: boolean } {
  if (tokens.accept('{')) {
    const values = readList(tokens, left)
    tokens.expect('}')
    return { json: { set: sorted(values) }, isSet: true }
  }
  const values = readList(tokens, left)
  return { json: values.length === 1 ? values[0] : sorted(values), isSet: false }
}

function readList(tokens: Tokens, left: Left): unknown[] {
  const values: unknown[] = []
  do {
    if (tokens.peek() === '}') break
    values.push(readValue(tokens, left))
  } while (tokens.accept(','))
  return values
}

function readValue(tokens: Tokens, left: Left): unknown {
  const first = left.value(tokens.next())
  if (tokens.peek() !== '.') return first
  const parts = [first]
  while (tokens.accept('.')) parts.push(left.value(tokens.next()))
  return { concat: parts }
}

/** nft sorts the values of an anonymous set. */
function sorted(values: readonly unknown[]): unknown[] {
  return values.every((value) => typeof value === 'number') ? values.toSorted((a, b) => a - b) : [...values]
}
