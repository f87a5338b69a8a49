import type { Replies } from '../../engine/types.ts'
import type { RouteEntry } from '../../formats/ip-routes.ts'
import { links, routes } from '../../kinds/shared/probes.ts'
import { MARK_TEXT } from '../../model/identity.ts'
import type { Model } from '../../model/types.ts'
import { addressBits, cidrContains, formatCidr, overlaps, parseCidr } from '../../net/address.ts'
import type { Cidr } from '../../net/address.ts'
import { ALL_ROUTES, allRoutes, CONNECTIONS, connections, isUnread, sessionConnections } from './probes.ts'
import { newClaims, ourBridges } from './standing.ts'
import type { Claim } from './standing.ts'

/** A network that would cut off somebody, and whom. */
export interface NetworkLockout {
  readonly network: string
  readonly cidr: string
  /** `198.51.100.10, which is connected to this host (port 22)`; left out where that could not be read. */
  readonly whom?: string
}

/** Networks that are new or changed and hold what the host, or who works on it, is reached by; each with the worst of it. */
export function networkLockouts(model: Model, replies: Replies): readonly NetworkLockout[] {
  const claims = newClaims(model, replies)
  if (claims.length === 0) return []
  if (isUnread(replies, [...ALL_ROUTES, CONNECTIONS]))
    return claims.map(({ network, text }) => ({ network: network.name, cidr: text }))
  const scene = sceneOf(model, replies)
  return claims.flatMap((claim) => {
    const whom = cutOff(claim, scene)
    return whom === undefined ? [] : [{ network: claim.network.name, cidr: claim.text, whom }]
  })
}

interface Scene {
  readonly nextHops: readonly { readonly address: string; readonly route: RouteEntry }[]
  /** What is on the links of others, in words: `eth0's own 203.0.113.0/24`. */
  readonly onLink: readonly { readonly cidr: Cidr; readonly words: string }[]
  readonly peers: readonly { readonly address: string; readonly words: string }[]
}

function sceneOf(model: Model, replies: Replies): Scene {
  const ours = new Set([
    ...ourBridges(model, replies).map(({ name }) => name),
    ...model.networks.map(({ name }) => name),
  ])
  const foreign = allRoutes(replies).filter(
    ({ protocol, device }) => protocol !== MARK_TEXT && !ours.has(device ?? ''),
  )
  return {
    nextHops: foreign.flatMap(nextHopsOf),
    onLink: [...onLinkAddresses(replies, ours), ...onLinkRoutes(foreign, model)],
    peers: peersOf(replies, ours),
  }
}

function cutOff({ cidr, text }: Claim, { nextHops, onLink, peers }: Scene): string | undefined {
  const hop = nextHops.find(({ address }) => cidrContains(text, address))
  if (hop !== undefined)
    return `${hop.address}, the next hop of this host's route to ${routeWords(hop.route)}`
  // The uplink's own prefix is where slices of IPv6 are.
  const link = cidr.family === 4 ? onLink.find((one) => overlaps(one.cidr, cidr)) : undefined
  if (link !== undefined) return link.words
  const peer = peers.find(({ address }) => cidrContains(text, address))
  return peer?.words
}

function nextHopsOf(route: RouteEntry): Scene['nextHops'] {
  const gateways = [route.gateway, route.via, ...(route.hops ?? []).map(({ gateway }) => gateway)]
  return gateways.flatMap((address) => (address === undefined ? [] : [{ address, route }]))
}

function routeWords({ destination, device, table }: RouteEntry): string {
  const by = device === undefined ? '' : ` by ${device}`
  return `${destination}${by}${table === '254' || table === 'main' ? '' : ` (table ${table})`}`
}

/** Addresses of others' links, with what is on these links; of dummies and the loopback nobody is reached. */
function onLinkAddresses(replies: Replies, ours: ReadonlySet<string>): Scene['onLink'] {
  return links(replies)
    .filter(({ name, type, up }) => up && name !== 'lo' && type !== 'dummy' && !ours.has(name))
    .flatMap(({ name, addresses }) =>
      addresses.flatMap(({ address, peer, length, family }) => {
        const cidrs = family === 4 ? [`${address}/32`, `${peer ?? address}/${length}`] : []
        return cidrs.flatMap((text) => onLinkEntry(text, `an address or the subnet of ${name}`))
      }),
    )
}

/** What is reached without a next hop, as is the gateway of a host that has a /32: by the uplink, or any other way out. */
function onLinkRoutes(foreign: readonly RouteEntry[], { upstream }: Model): Scene['onLink'] {
  const outward = new Set([
    upstream.interface,
    ...foreign.filter(({ destination }) => destination === 'default').map(({ device }) => device),
  ])
  return foreign
    .filter((route) => route.family === 4 && isOnLink(route) && outward.has(route.device))
    .flatMap(({ destination, device }) =>
      onLinkEntry(
        destination.includes('/') ? destination : `${destination}/32`,
        `what is on the link of ${device}`,
      ),
    )
}

function isOnLink({ gateway, hops, via, unreachable, destination }: RouteEntry): boolean {
  const hasHop = gateway !== undefined || hops !== undefined || via !== undefined
  return !hasHop && !unreachable && destination !== 'default'
}

function onLinkEntry(text: string, what: string): Scene['onLink'] {
  const cidr = parseCidr(text)
  return cidr === undefined ? [] : [{ cidr, words: `${formatCidr(cidr)}, ${what}` }]
}

/** Who is connected, and not by one of our bridges: those are containers. The session in which this runs goes first. */
function peersOf(replies: Replies, ours: ReadonlySet<string>): Scene['peers'] {
  const own = new Set(links(replies).flatMap(({ addresses }) => addresses.map(({ address }) => address)))
  const session = new Set(sessionConnections(replies))
  const all = [...session, ...connections(replies).filter((one) => !session.has(one))]
  return all
    .filter(({ peer }) => !own.has(peer) && !peer.startsWith('127.') && peer !== '::1')
    .filter(({ peer }) => !ours.has(deviceTo(peer, replies) ?? ''))
    .map((connection) => ({
      address: connection.peer,
      words: session.has(connection)
        ? `${connection.peer}, from where this very session comes`
        : `${connection.peer}, which is connected to this host (port ${connection.localPort})`,
    }))
}

/** The interface of the most specific route of the main table. */
function deviceTo(address: string, replies: Replies): string | undefined {
  const family = address.includes(':') ? 6 : 4
  const ways = routes(replies, family).flatMap((route) => {
    const { destination, metric, device } = route
    const text = destination === 'default' ? (family === 4 ? '0.0.0.0/0' : '::/0') : destination
    const cidr = text.includes('/') ? text : `${text}/${addressBits(family)}`
    const length = Number(cidr.split('/')[1])
    return cidrContains(cidr, address) ? [{ length, metric, device }] : []
  })
  return ways.toSorted((one, other) => other.length - one.length || one.metric - other.metric)[0]?.device
}
