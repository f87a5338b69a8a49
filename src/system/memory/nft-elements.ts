import { BITS, formatAddress, parseAddress, parsePrefix } from './inet.ts'
import { nameOf, nftError, syntaxError } from './nft-words.ts'
import type { Family } from './inet.ts'
import type { ElementValue, Field, NftElement, NftSet, Verdict } from './nft-state.ts'
import type { Token, Tokens } from './nft-words.ts'

/** Bits of the key types that are modelled. */
export const TYPE_BITS: Readonly<Record<string, number>> = {
  ipv4_addr: 32,
  ipv6_addr: 128,
  inet_service: 16,
  inet_proto: 8,
  ifname: 128,
  ether_addr: 48,
  mark: 32,
  integer: 128,
  // Those of header fields, which no set of ours is made of.
  integer8: 8,
  integer13: 13,
  integer16: 16,
}

/** What nft calls them where it tells what it expected. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  ipv4_addr: 'IPv4 address',
  ipv6_addr: 'IPv6 address',
  inet_service: 'internet network service',
  inet_proto: 'Internet protocol',
  ifname: 'network interface name',
  ether_addr: 'Ethernet address',
  integer: 'integer',
}

const PROTOCOLS: Readonly<Record<string, bigint>> = { icmp: 1n, tcp: 6n, udp: 17n, icmpv6: 58n, sctp: 132n }

/** Reads `{ KEY [: VALUE], ... }` for this set or map. */
export function readElements(tokens: Tokens, set: NftSet, deleting: boolean): NftElement[] {
  tokens.expect('{')
  const elements: NftElement[] = []
  do {
    if (tokens.peek() === '}') break
    elements.push(readElement(tokens, set, deleting))
  } while (tokens.accept(','))
  tokens.expect('}')
  if (elements.length === 0) throw syntaxError("'}'")
  return elements
}

function readElement(tokens: Tokens, set: NftSet, deleting: boolean): NftElement {
  const key = readFields(tokens, set.key)
  requirePlain(set, key)
  if (set.value === undefined || (deleting && tokens.peek() !== ':')) {
    if (set.value === undefined && tokens.peek() === ':') throw nftError('set elements have no data')
    return { key, value: undefined }
  }
  if (!tokens.accept(':')) throw nftError('Could not process rule: Invalid argument')
  return { key, value: readValue(tokens, set.value) }
}

function readValue(tokens: Tokens, types: readonly string[]): ElementValue {
  // Whatever word stands there is a name.
  if (types[0] === 'counter') return { counter: tokens.next().text }
  return types[0] === 'verdict' ? readVerdict(tokens) : readFields(tokens, types)
}

function requirePlain(set: NftSet, key: readonly Field[]): void {
  const wide = set.flags.includes('interval') ? undefined : key.find((field) => field.first !== field.last)
  if (wide === undefined) return
  const form = wide.text.includes('/') ? 'prefix' : 'range'
  const object = set.value === undefined ? 'set' : 'map'
  throw nftError(
    `You must add 'flags interval' to your ${object} declaration if you want to add ${form} elements`,
  )
}

function readFields(tokens: Tokens, types: readonly string[]): Field[] {
  return types.map((type, index) => {
    if (index > 0 && [',', '}'].includes(tokens.peek() ?? '')) throw tooFew(types)
    if (index > 0) tokens.expect('.')
    return readField(tokens.next(), type)
  })
}

function tooFew(types: readonly string[]): Error {
  const words = types.map((type) => TYPE_WORDS[type] ?? type).join(', ')
  return nftError(`invalid data type, expected concatenation of (${words})`)
}

function readVerdict(tokens: Tokens): Verdict {
  const { text } = tokens.next()
  if (text === 'jump' || text === 'goto') return { verdict: text, chain: nameOf(tokens.next()) }
  if (!['accept', 'drop', 'return', 'continue'].includes(text)) throw syntaxError(text)
  return { verdict: text, chain: undefined }
}

/** One value, prefix or range of a type. A word that is none is what nft would ask the resolver for. */
export function readField(token: Token, type: string): Field {
  const { text } = token
  const range =
    type === 'ifname' ? interfaceRange(text) : (single(text, type) ?? span(text, type) ?? prefix(text, type))
  if (range === undefined) {
    throw nftError(
      type.endsWith('_addr')
        ? 'Could not resolve hostname: Name or service not known'
        : (outOfRange(text, type) ?? `Could not parse ${type.replace(/\d+$/, '')}`),
    )
  }
  return { type, first: range[0], last: range[1], text }
}

function outOfRange(text: string, type: string): string | undefined {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) return undefined
  if (type === 'inet_proto') return 'Protocol out of range'
  if (type === 'inet_service') return 'Service out of range'
  const most = (1n << BigInt(TYPE_BITS[type] ?? 0)) - 1n
  return `Value ${BigInt(text)} exceeds valid range 0-${most}`
}

type Range = readonly [first: bigint, last: bigint]

function single(text: string, type: string): Range | undefined {
  const value = numberOf(text, type)
  return value === undefined ? undefined : [value, value]
}

function numberOf(text: string, type: string): bigint | undefined {
  if (type === 'ipv4_addr' || type === 'ipv6_addr') {
    const address = parseAddress(text)
    return address?.family === familyOf(type) ? address.value : undefined
  }
  if (type === 'ether_addr') {
    const bytes = text.split(':').map((byte) => byte.padStart(2, '0'))
    return /^([0-9a-f]{2}){6}$/i.test(bytes.join('')) && bytes.length === 6
      ? BigInt(`0x${bytes.join('')}`)
      : undefined
  }
  if (type === 'inet_proto' && PROTOCOLS[text] !== undefined) return PROTOCOLS[text]
  if (!/^(0x[0-9a-f]{1,32}|\d{1,10})$/i.test(text)) return undefined
  const value = BigInt(text)
  return value < 1n << BigInt(TYPE_BITS[type] ?? 0) ? value : undefined
}

function familyOf(type: string): Family {
  return type === 'ipv4_addr' ? 4 : 6
}

function span(text: string, type: string): Range | undefined {
  const [low, high, ...rest] = text.split('-')
  if (low === undefined || high === undefined || rest.length > 0) return undefined
  const first = numberOf(low, type)
  const last = numberOf(high, type)
  if (first === undefined || last === undefined) return undefined
  if (last < first) throw nftError('Range negative size')
  return [first, last]
}

function prefix(text: string, type: string): Range | undefined {
  const parsed = type === 'ipv4_addr' || type === 'ipv6_addr' ? parsePrefix(text) : undefined
  if (parsed === undefined || parsed.family !== familyOf(type)) return undefined
  const host = BigInt(BITS[parsed.family] - parsed.length)
  const first = (parsed.value >> host) << host
  return [first, first + (1n << host) - 1n]
}

/** Interface names are 16 bytes, the first ones leading; `br*` is the range of all that start so. */
function interfaceRange(text: string): Range {
  if (text.length > 16) throw nftError('String exceeds maximum length of 16')
  const wild = text.endsWith('*')
  const bytes = Buffer.from(wild ? text.slice(0, -1) : text)
  const rest = BigInt(8 * (16 - bytes.length))
  const first = BigInt(`0x${bytes.toString('hex') || '0'}`) << rest
  return [first, wild ? first + (1n << rest) - 1n : first]
}

/** The element's canonical JSON, as `nft -j -n` 1.0.6 prints it. */
export function fieldsJson(fields: readonly Field[]): unknown {
  const [only] = fields
  return fields.length === 1 && only !== undefined ? fieldJson(only) : { concat: fields.map(fieldJson) }
}

function fieldJson(field: Field): unknown {
  if (field.first === field.last || field.type === 'ifname') return valueJson(field, field.first)
  const length = prefixLength(field)
  if (length !== undefined) return { prefix: { addr: valueJson(field, field.first), len: length } }
  return { range: [valueJson(field, field.first), valueJson(field, field.last)] }
}

function prefixLength({ type, first, last }: Field): number | undefined {
  const bits = type === 'ipv4_addr' ? 32 : type === 'ipv6_addr' ? 128 : undefined
  const size = last - first + 1n
  if (bits === undefined || (size & (size - 1n)) !== 0n || first % size !== 0n) return undefined
  return bits - (size.toString(2).length - 1)
}

function valueJson({ type, text }: Field, value: bigint): string | number {
  if (type === 'ifname') return text
  if (type === 'ipv4_addr' || type === 'ipv6_addr') return formatAddress({ family: familyOf(type), value })
  if (type === 'ether_addr') return (value.toString(16).padStart(12, '0').match(/../g) ?? []).join(':')
  // nft 1.0.6 prints as a number, with a sign, what fits into 64 bits.
  return value < 1n << 64n ? Number(BigInt.asIntN(64, value)) : `0x${value.toString(16)}`
}
