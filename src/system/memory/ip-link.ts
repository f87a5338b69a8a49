import { addLink, moveLink, removeLink, setLinkState, setMaster, settle } from './links.ts'
import { deviceOf, interfaceName, macOf, needDevice, numberOf, onOff } from './ip-words.ts'
import { kernelError, lookupError, netlinkError, usageError, wrongArgument } from './fail.ts'
import { linkNamed, namespaceOf } from './state.ts'
import type { Link, Netns, World } from './state.ts'
import type { Words } from './ip-words.ts'

interface LinkOptions {
  name?: string
  alias?: string
  group?: number
  mac?: string
  mtu?: number
  master?: Link | 'none'
  up?: boolean
  netns?: Netns
  linkLocalLearn?: boolean
  slave?: { hairpin?: boolean; isolated?: boolean }
  kind?: string
  peer?: LinkOptions
}

/** `ip link add|set|delete ...` with the kernel's answers. */
export function linkCommand(world: World, netns: Netns, verb: string, words: Words): void {
  if (verb === 'add') return add(world, netns, readOptions(world, netns, words))
  if (verb === 'set') return set(world, netns, readOptions(world, netns, words))
  remove(world, netns, readOptions(world, netns, words))
}

function readOptions(world: World, netns: Netns, words: Words): LinkOptions {
  const options: LinkOptions = {}
  while (words.peek() !== undefined && options.kind === undefined) readOption(world, netns, words, options)
  if (words.peek() !== undefined) readKind(world, netns, words, options)
  return options
}

function readOption(world: World, netns: Netns, words: Words, options: LinkOptions): void {
  const word = words.next()
  if (word === 'up' || word === 'down') options.up = word === 'up'
  // Every address is made of the MAC here.
  else if (word === 'addrgenmode' && words.peek() === 'eui64') words.next()
  else if (word === 'alias') options.alias = words.next()
  else if (word === 'group') options.group = groupOf(words.next())
  else if (word === 'address') options.mac = macOf(words.next())
  else if (word === 'mtu') options.mtu = numberOf(words.next(), 'mtu')
  else if (word === 'nomaster') options.master = 'none'
  else if (word === 'master') options.master = masterOf(netns, words.next())
  else if (word === 'netns') options.netns = netnsOf(world, words.next())
  else if (word === 'type') options.kind = words.next()
  else if (word === 'dev' || word === 'name') options.name = interfaceName(words.next())
  else if (options.name === undefined) options.name = interfaceName(word)
  else throw usageError(`Error: either "dev" is duplicate, or "${word}" is a garbage.`)
}

function readKind(world: World, netns: Netns, words: Words, options: LinkOptions): void {
  if (options.kind === 'bridge_slave') {
    options.slave = readSlave(words)
  } else if (options.kind === 'veth') {
    if (!words.accept('peer')) throw usageError(`veth: unknown option "${words.next()}"?`)
    options.peer = readOptions(world, netns, words)
  } else if (options.kind === 'bridge') {
    // Of the bridge's other settings none changes what is modelled here; they come in pairs.
    while (words.peek() !== undefined) readBridgeSetting(words, options)
  } else throw usageError(`Garbage instead of arguments "${words.next()} ...". Try "ip link help".`)
}

const BRIDGE_SETTINGS = new Set([
  'stp_state',
  'forward_delay',
  'vlan_filtering',
  'mcast_snooping',
  'ageing_time',
  'priority',
  'no_linklocal_learn',
])

function readBridgeSetting(words: Words, options: LinkOptions): void {
  const word = words.next()
  if (!BRIDGE_SETTINGS.has(word)) throw usageError(`bridge: unknown command "${word}"?`)
  const value = words.next()
  if (!/^\d{1,10}$/.test(value)) throw wrongArgument(value, `invalid ${word}`)
  if (word === 'no_linklocal_learn') options.linkLocalLearn = Number(value) === 0
}

function readSlave(words: Words): { hairpin?: boolean; isolated?: boolean } {
  const slave: { hairpin?: boolean; isolated?: boolean } = {}
  while (words.peek() !== undefined) {
    const word = words.next()
    if (word === 'hairpin') slave.hairpin = onOff(words.next(), word)
    else if (word === 'isolated') slave.isolated = onOff(words.next(), word)
    else throw usageError(`bridge_slave: unknown option "${word}"?`)
  }
  return slave
}

function groupOf(word: string): number {
  if (word === 'default') return 0
  return numberOf(word, 'group')
}

function masterOf(netns: Netns, name: string): Link {
  const link = linkNamed(netns, name)
  if (link === undefined) throw wrongArgument(name, 'Device does not exist')
  return link
}

function netnsOf(world: World, name: string): Netns {
  const netns = namespaceOf(world, name)
  if (netns === undefined) throw wrongArgument(name, 'Invalid "netns" value')
  return netns
}

function add(world: World, netns: Netns, options: LinkOptions): void {
  const name = needDevice(options.name)
  if (options.kind === 'bridge') {
    finish(world, addLink(world, netns, { ...options, name, kind: 'bridge' }), options)
  } else if (options.kind === 'veth') addPair(world, netns, name, options)
  else if (options.kind === undefined)
    throw lookupError('Not enough information: "type" argument is required')
  else throw kernelError('Error: Unknown device type.')
}

function addPair(world: World, netns: Netns, name: string, options: LinkOptions): void {
  const peer = options.peer ?? {}
  const peerNetns = peer.netns ?? netns
  const peerName = peer.name ?? freeVethName(peerNetns)
  const taken = linkNamed(netns, name) ?? linkNamed(peerNetns, peerName)
  if (taken !== undefined || (peerNetns === netns && peerName === name)) throw netlinkError('File exists')
  const other = addLink(world, peerNetns, { ...peer, name: peerName, kind: 'veth' })
  const link = addLink(world, netns, { ...options, name, kind: 'veth' })
  link.peer = other
  other.peer = link
  finish(world, other, peer)
  finish(world, link, options)
}

function freeVethName(netns: Netns): string {
  for (let index = 0; ; index++) if (linkNamed(netns, `veth${index}`) === undefined) return `veth${index}`
}

function finish(world: World, link: Link, options: LinkOptions): void {
  if (options.master !== undefined)
    setMaster(world, link, options.master === 'none' ? undefined : options.master)
  if (options.up === true) setLinkState(world, link, true)
}

/** The order is the kernel's: settings of the port first, and only where the link already is a port. */
function set(world: World, netns: Netns, options: LinkOptions): void {
  const link = deviceOf(netns, needDevice(options.name))
  if (options.slave !== undefined) {
    if (link.master === undefined) throw netlinkError('Operation not supported')
    link.hairpin = options.slave.hairpin ?? link.hairpin
    link.isolated = options.slave.isolated ?? link.isolated
  }
  if (options.netns !== undefined) moveLink(world, link, options.netns)
  if (options.mac !== undefined) link.macIsOwn = true
  link.mac = options.mac ?? link.mac
  link.mtu = options.mtu ?? link.mtu
  link.group = options.group ?? link.group
  link.alias = options.alias ?? link.alias
  link.linkLocalLearn = options.linkLocalLearn ?? link.linkLocalLearn
  if (options.up !== undefined) setLinkState(world, link, options.up)
  if (options.master !== undefined)
    setMaster(world, link, options.master === 'none' ? undefined : options.master)
  settle(world)
}

function remove(world: World, netns: Netns, options: LinkOptions): void {
  if (options.name === undefined && options.group !== undefined)
    return removeGroup(world, netns, options.group)
  const link = deviceOf(netns, needDevice(options.name))
  if (link.kind === 'loopback') throw netlinkError('Operation not supported')
  removeLink(world, link)
}

function removeGroup(world: World, netns: Netns, group: number): void {
  const members = [...netns.links.values()].filter((link) => link.group === group)
  if (members.length === 0) throw netlinkError('No such device')
  if (members.some((link) => link.kind === 'loopback')) throw netlinkError('Operation not supported')
  for (const link of members) removeLink(world, link)
}
