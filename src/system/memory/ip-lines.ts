import { addAddress, removeAddress } from './addresses.ts'
import { addressOf, deviceOf, garbage, needDevice, numberOf, prefixOf } from './ip-words.ts'
import { deleteRoute, putRoute } from './routes.ts'
import { kernelError, lookupError, notModelled, usageError } from './fail.ts'
import { linkCommand } from './ip-link.ts'
import { BITS, isLinkLocal, masked, parsePrefix } from './inet.ts'
import { newNetns, removeNetns } from './links.ts'
import type { Family, Prefix } from './inet.ts'
import type { Netns, World } from './state.ts'
import type { RouteRequest, RouteVerb } from './routes.ts'
import type { Words } from './ip-words.ts'

/** Interprets one changing ip line (`OBJECT VERB ...`) with the answers of iproute2 6.1 on kernel 6.18. */
export function changeByLine(world: World, netns: Netns, family: Family | undefined, words: Words): void {
  const object = objectOf(words.next())
  const verb = verbOf(words.next(), object)
  if (object === 'link') return linkCommand(world, netns, verb, words)
  if (object === 'address') return addressCommand(netns, verb, words)
  if (object === 'route') return routeCommand(netns, verb, family, words)
  if (object === 'neighbour') return neighbourCommand(netns, verb, words)
  netnsCommand(world, verb, words)
}

const OBJECTS = ['link', 'address', 'route', 'neighbour', 'netns'] as const
type IpObject = (typeof OBJECTS)[number]

/** Abbreviations as ip takes them: `a`, `addr`, `r`, `neigh`, ... */
export function objectOf(word: string): IpObject {
  const aliases: Readonly<Record<string, IpObject>> = {
    neighbor: 'neighbour',
    n: 'neighbour',
    ne: 'neighbour',
  }
  const object = aliases[word] ?? OBJECTS.find((known) => word !== '' && known.startsWith(word))
  if (object === undefined) throw lookupError(`Object "${word}" is unknown, try "ip help".`)
  return object
}

const VERBS = ['add', 'append', 'flush', 'change', 'delete', 'replace', 'set', 'show', 'list', 'lst'] as const

/** The full verb; `show` for each of ip's words for reading. */
export function verbOf(word: string, object: IpObject): string {
  const verb = VERBS.find((known) => word !== '' && known.startsWith(word))
  if (verb === undefined) throw usageError(`Command "${word}" is unknown, try "ip ${object} help".`)
  return verb === 'list' || verb === 'lst' ? 'show' : verb
}

function addressCommand(netns: Netns, verb: string, words: Words): void {
  let prefix: Prefix | undefined
  let device: string | undefined
  let metric: number | undefined
  let scope: number | undefined
  let nodad = false
  let noprefixroute = false
  let deprecated = false
  while (words.peek() !== undefined) {
    const word = words.next()
    if (word === 'dev') device = words.next()
    else if (word === 'metric' || word === 'priority') metric = numberOf(words.next(), 'metric')
    else if (word === 'scope') scope = scopeOf(words.next())
    else if (word === 'nodad') nodad = true
    else if (word === 'preferred_lft') deprecated = words.next() === '0'
    else if (word === 'noprefixroute') noprefixroute = true
    else if (word === 'brd' || word === 'broadcast' || word === 'label') words.next()
    else if (prefix === undefined) prefix = prefixOf(word === 'local' ? words.next() : word)
    else garbage(word)
  }
  if (prefix === undefined) throw usageError('Not enough information: "local" argument is required.')
  const link = deviceOf(netns, needDevice(device, lookupError))
  if (verb === 'delete') return removeAddress(link, prefix)
  if (verb !== 'add' && verb !== 'replace') throw notModelled(`address ${verb}`)
  const own = isLinkLocal(prefix) || scope === 253 ? 253 : 0
  addAddress(
    link,
    { prefix, metric, nodad, noprefixroute, deprecated, scope: scope === 254 ? 254 : own },
    verb === 'replace',
  )
}

function scopeOf(word: string): number {
  return { global: 0, link: 253, host: 254 }[word] ?? numberOf(word, 'scope')
}

function protocolOf(word: string): number {
  return { kernel: 2, boot: 3, static: 4, ra: 9 }[word] ?? numberOf(word, 'protocol')
}

const TYPES: Readonly<Record<string, number>> = { unicast: 1, blackhole: 6, unreachable: 7, prohibit: 8 }

function routeCommand(netns: Netns, verb: string, family: Family | undefined, words: Words): void {
  const request = readRoute(netns, family, words)
  if (verb === 'delete') return deleteRoute(netns, request)
  if (!isRouteVerb(verb)) throw notModelled(`route ${verb}`)
  putRoute(netns, request, verb)
}

function isRouteVerb(verb: string): verb is RouteVerb {
  return verb === 'add' || verb === 'replace' || verb === 'change' || verb === 'append'
}

type Draft = { -readonly [Key in keyof RouteRequest]?: RouteRequest[Key] } & {
  destination?: string
  device?: string
}

function readRoute(netns: Netns, family: Family | undefined, words: Words): RouteRequest {
  const draft: Draft = {}
  while (words.peek() !== undefined) readRouteWord(words, draft)
  if (draft.destination === undefined) throw usageError('Error: "ip route" needs a destination')
  const link = draft.device === undefined ? undefined : deviceOf(netns, draft.device)
  const prefix = destinationOf(draft.destination, family ?? draft.gateway?.family)
  const { type, gateway, protocol, metric, scope, prefsrc } = draft
  return { type, prefix, gateway, link, protocol, metric, scope, prefsrc }
}

function readRouteWord(words: Words, draft: Draft): void {
  const word = words.next()
  if (word === 'via') draft.gateway = addressOf(words.next())
  else if (word === 'dev') draft.device = words.next()
  else if (word === 'proto' || word === 'protocol') draft.protocol = protocolOf(words.next())
  else if (word === 'metric' || word === 'priority') draft.metric = numberOf(words.next(), 'metric')
  else if (word === 'scope') draft.scope = scopeOf(words.next())
  else if (word === 'src') draft.prefsrc = addressOf(words.next())
  else if (word === 'table') requireMain(words.next())
  else if (draft.destination === undefined && word in TYPES) draft.type = TYPES[word]
  else if (draft.destination === undefined) draft.destination = word === 'to' ? words.next() : word
  else garbage(word)
}

function requireMain(table: string): void {
  if (table !== 'main' && table !== '254') throw notModelled(`route table ${table}`)
}

/** IPv4 refuses host bits that are set, IPv6 clears them. */
function destinationOf(text: string, family: Family | undefined): Prefix {
  if (text === 'default') return { family: family ?? 4, value: 0n, length: 0 }
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw usageError(`Error: any valid prefix is expected rather than "${text}".`, 1)
  if (family !== undefined && family !== prefix.family) {
    throw usageError(`Error: inet${family === 6 ? '6' : ''} prefix is expected rather than "${text}".`, 1)
  }
  const clean = masked(prefix)
  if (prefix.family === 4 && prefix.length < BITS[4] && clean.value !== prefix.value) {
    throw kernelError('Error: Invalid prefix for given prefix length.')
  }
  return clean
}

/** Only proxy entries are modelled. A kernel error ends ip at once with exit 2, also in a batch. */
function neighbourCommand(netns: Netns, verb: string, words: Words): void {
  // There are no learned neighbours here to forget.
  if (verb === 'flush' && words.accept('dev')) {
    deviceOf(netns, words.next())
    return
  }
  if (!words.accept('proxy')) throw notModelled('neighbours other than proxy entries')
  const address = addressOf(words.next())
  let device: string | undefined
  let protocol: number | undefined
  while (words.peek() !== undefined) {
    if (words.accept('dev')) device = words.next()
    else if (words.accept('protocol', 'proto')) protocol = protocolOf(words.next())
    else garbage(words.next())
  }
  if (device === undefined) throw usageError('RTNETLINK answers: No buffer space available', 2)
  const link = deviceOf(netns, device)
  const known = netns.proxies.find((proxy) => proxy.link === link && proxy.address.value === address.value)
  if (verb === 'delete') {
    if (known === undefined) throw usageError('RTNETLINK answers: No such file or directory', 2)
    netns.proxies = netns.proxies.filter((proxy) => proxy !== known)
  } else if (verb !== 'add' && verb !== 'replace') throw notModelled(`neighbour ${verb}`)
  else if (known === undefined) netns.proxies.push({ address, link, protocol })
  else known.protocol = protocol ?? known.protocol
}

function netnsCommand(world: World, verb: string, words: Words): void {
  const name = words.next()
  const known = world.named.get(name)
  if (verb === 'delete') {
    if (known === undefined) throw missingFile('remove', name)
    return removeNetns(world, known)
  }
  if (verb !== 'add') throw notModelled(`netns ${verb}`)
  if (known !== undefined) throw lookupError(`Cannot create namespace file "/run/netns/${name}": File exists`)
  if (!/^[^/\s]{1,255}$/.test(name)) throw usageError(`Invalid netns name "${name}"`)
  world.named.set(name, newNetns(world, name))
}

function missingFile(verb: string, name: string): Error {
  return lookupError(`Cannot ${verb} namespace file "/run/netns/${name}": No such file or directory`)
}
