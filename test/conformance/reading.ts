import type { Argv } from '../../src/engine/types.ts'
import type { Side } from './side.ts'

/** Whether what carrier brings is compared as well: the kernel notices it up to two seconds later. */
export type Detail = 'at once' | 'settled'

/** All that a program can see of links, addresses, routes and proxy neighbours, made comparable. */
export async function readLinks(side: Side, detail: Detail): Promise<unknown> {
  const script = 'addr show\nroute show table all\n'
  const inside = await side.read(['ip', '-n', side.c1, '-N', '-j', '-d', '-batch', '-'], script)
  const [links = '', routes = ''] = inside.split('\n')
  const list = async (...argv: Argv): Promise<unknown> => comparable(await side.read(argv), detail)
  return {
    host: await list('ip', '-N', '-j', '-d', 'addr', 'show'),
    routes4: await list('ip', '-N', '-j', '-4', 'route', 'show', 'table', 'main'),
    routes6: await list('ip', '-N', '-j', '-6', 'route', 'show', 'table', 'main'),
    proxies: await list('ip', '-N', '-j', '-6', 'neigh', 'show', 'proxy'),
    inside: comparable(links, detail),
    insideRoutes: comparable(routes, detail),
  }
}

/** Our table, its counters and all others', all tables' names, and everything. */
export async function readTables(side: Side): Promise<unknown> {
  const whats = ['table inet slash64', 'counters table inet slash64', 'counters', 'tables', 'ruleset']
  const texts = whats.map(async (what) => {
    const text = await side.read(['nft', '-j', '-n', '-s', 'list', ...what.split(' ')])
    return text.startsWith('exit ') ? text : stable(JSON.parse(text), '', 'settled')
  })
  return Promise.all(texts)
}

/** A list as JSON, in an order of its own: the kernel hashes links, and keeps IPv6 routes of one metric as it likes. */
function comparable(text: string, detail: Detail): unknown {
  if (text.startsWith('exit ')) return text
  const list = stable(JSON.parse(text), '', detail)
  return Array.isArray(list) ? list.map(withoutChance).toSorted(byText) : list
}

// Left out: numbers that the kernel gives out, and what the memory host does not claim to know.
const UNKNOWN = new Set([
  'ifindex',
  'link_index',
  'handle',
  'tentative',
  'qdisc',
  'txqlen',
  'promiscuity',
  'allmulti',
])
const UNKNOWN_PATTERN = /^(min_mtu|max_mtu|num_|gso_|tso_|gro_|link_netnsid|packets|bytes)/
/** By what they are part of. */
const KNOWN_DATA: Readonly<Record<string, readonly string[]>> = {
  info_slave_data: ['hairpin', 'isolated'],
  info_data: ['no_linklocal_learn'],
}
const CARRIER = new Set(['NO-CARRIER', 'LOWER_UP', 'M-DOWN', 'linkdown'])
const UNORDERED = new Set(['elem', 'addr_info', 'flags'])

function stable(value: unknown, key: string, detail: Detail): unknown {
  if (Array.isArray(value)) {
    const list = value.filter((entry) => detail === 'settled' || !comesLate(entry))
    const entries = list.map((entry) => stable(entry, '', detail))
    return UNORDERED.has(key) ? entries.toSorted(byText) : entries
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => isKept(name, key, detail))
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, stable(inner, name, detail)]).toSorted(byText),
  )
}

function isKept(name: string, parent: string, detail: Detail): boolean {
  const known = KNOWN_DATA[parent]
  if (known !== undefined) return known.includes(name)
  if (name === 'operstate') return detail === 'settled'
  return !UNKNOWN.has(name) && !UNKNOWN_PATTERN.test(name)
}

/** Flags of carrier, and the link-local addresses and multicast routes that follow it. */
function comesLate(entry: unknown): boolean {
  if (typeof entry === 'string') return CARRIER.has(entry)
  if (typeof entry !== 'object' || entry === null) return false
  const address = 'local' in entry ? entry.local : 'dst' in entry && 'dev' in entry ? entry.dst : ''
  return /^(fe80:|ff00:)/.test(String(address))
}

const OWN_MACS = /^(00:00:00:00|02:00:00:00|02:aa:bb:cc|0a:00:00:00:00:01)/

/** A MAC that nobody gave is random, and the memory host's upstream interface is no veth pair as it is here. */
function withoutChance(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || !('address' in entry) || !('ifname' in entry))
    return entry
  const address = OWN_MACS.test(String(entry.address)) ? entry.address : 'random'
  return { ...entry, address, ...(entry.ifname === 'up0' ? { linkinfo: undefined } : {}) }
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}
