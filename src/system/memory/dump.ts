import { bootValue } from './sysctl.ts'
import { elementJson } from './nft-json.ts'
import { everyNetns } from './state.ts'
import { formatAddress } from './inet.ts'
import { listenerLines, proxyLines } from './haproxy/dump.ts'
import { routeJson } from './ip-json.ts'
import type { Link, Netns, Route, World } from './state.ts'
import type { Table } from './nft-state.ts'

/** The whole world as sorted lines without ids, indexes and handles: equal text means equal worlds. */
export function dumpWorld(world: World): string {
  return lines([
    ...everyNetns(world).flatMap((netns) => netnsLines(netns, everything)),
    ...[...world.tables.values()].flatMap(tableLines),
    ...[...world.files].map(([path, content]) => `file ${path} ${fileText(world, path, content)}`),
    ...proxyLines(world.proxy),
  ])
}

/** The part of the world that does not bear our mark; sysctls and files have none and are left out. */
export function dumpForeign(world: World): string {
  const tables = [...world.tables.values()].filter((table) => table.name !== 'slash64')
  return lines([
    ...everyNetns(world).flatMap((netns) => netnsLines(netns, foreignOnly)),
    ...tables.flatMap(tableLines),
    ...listenerLines(world.proxy),
  ])
}

function fileText({ proxy }: World, path: string, content: string): string {
  return proxy.pidFiles.has(path) ? '(a process id)' : JSON.stringify(content)
}

function lines(list: readonly string[]): string {
  return list
    .toSorted()
    .map((line) => `${line}\n`)
    .join('')
}

interface Selection {
  readonly link: (link: Link) => boolean
  readonly protocol: (protocol: number | undefined) => boolean
  readonly sysctls: boolean
}

const everything: Selection = { link: () => true, protocol: () => true, sysctls: true }
const foreignOnly: Selection = {
  link: (link) => !isOurs(link) && !(link.peer !== undefined && isOurs(link.peer)),
  protocol: (protocol) => protocol !== 164,
  sysctls: false,
}

function isOurs(link: Link): boolean {
  return link.alias.startsWith('slash64') && link.group === 164
}

function netnsLines(netns: Netns, selection: Selection): string[] {
  const prefix = netns.name === '' ? 'host' : `netns ${netns.name}`
  const links = [...netns.links.values()].filter(selection.link)
  const routes = netns.routes.filter(
    ({ link, protocol }) => selection.protocol(protocol) && (link === undefined || links.includes(link)),
  )
  const proxies = netns.proxies.filter(({ protocol }) => selection.protocol(protocol))
  return [
    ...(netns.name === '' ? [] : [prefix]),
    ...links.flatMap((link) => linkLines(link).map((line) => `${prefix} ${line}`)),
    ...routes.map((route) => `${prefix} ${routeLine(route)}`),
    ...proxies.map(
      ({ address, link, protocol }) =>
        `${prefix} proxy ${formatAddress(address)} dev ${link.name} protocol ${protocol ?? 0}`,
    ),
    ...(selection.sysctls ? sysctlLines(netns).map((line) => `${prefix} ${line}`) : []),
  ]
}

function linkLines(link: Link): string[] {
  const { name, kind, mac, mtu, group, alias, up, master, hairpin, isolated, linkLocalLearn, peer } = link
  const state = {
    kind,
    mac,
    mtu,
    group,
    alias,
    up,
    master: master?.name,
    hairpin,
    isolated,
    ...(linkLocalLearn ? {} : { linkLocalLearn }),
    peer: placeOf(peer),
  }
  return [
    `link ${name} ${JSON.stringify(state)}`,
    ...link.addresses.map(
      ({ prefix, metric, nodad, deprecated }) =>
        `address ${formatAddress(prefix)}/${prefix.length} dev ${name} metric ${metric ?? 0}${nodad ? ' nodad' : ''}${deprecated ? ' deprecated' : ''}`,
    ),
  ]
}

function placeOf(peer: Link | undefined): string | undefined {
  return peer === undefined ? undefined : `${peer.netns.name}/${peer.name}`
}

function routeLine(route: Route): string {
  const { flags: _, ...rest } = {
    flags: undefined,
    ...routeJson(route, { numeric: true, details: true }, undefined),
  }
  return `route ${JSON.stringify(rest)}`
}

function sysctlLines({ sysctls }: Netns): string[] {
  return [...sysctls]
    .filter(([name, value]) => value !== bootValue(name))
    .map(([name, value]) => `sysctl ${name}=${value}`)
}

function tableLines({ family, name, counters, sets, chains }: Table): string[] {
  const table = `nft ${family} ${name}`
  return [
    table,
    ...[...counters.values()].map((counter) => `${table} counter ${counter.name} ${counter.comment ?? ''}`),
    ...[...sets.values()].flatMap((set) => [
      `${table} set ${set.name} ${JSON.stringify([set.key, set.value, set.flags, set.comment])}`,
      ...set.elements.map(
        (element) => `${table} set ${set.name} element ${JSON.stringify(elementJson(element))}`,
      ),
    ]),
    ...[...chains.values()].flatMap((chain) => [
      `${table} chain ${chain.name} ${JSON.stringify([chain.base, chain.policy])}`,
      // The order of rules matters, so it is part of the line.
      ...chain.rules.map(
        (rule, at) => `${table} chain ${chain.name} rule ${`${at}`.padStart(4, '0')} ${rule.text}`,
      ),
    ]),
  ]
}
