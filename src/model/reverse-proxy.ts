import { digest } from '../net/digest.ts'
import type { Container, Model, Route } from './types.ts'
import type { HostFacts, World } from './world.ts'

/** What the reverse proxy hands a route's connections to. Two routes to one port of a container share it. */
export interface Backend {
  /** Made by us: at most 40 characters of `[a-z0-9-]`. */
  readonly name: string
  readonly mode: 'http' | 'tcp'
  readonly container: string
  /** The container's IPv4, or its IPv6 where it has none. */
  readonly address: string
  readonly port: number
  readonly proxyProtocol: Route['proxyProtocol']
}

/** One name on one of the shared ports; `to` is a backend's name or `redirect`. */
export interface Entry {
  readonly protocol: 'http' | 'https'
  readonly host: string
  readonly to: string
}

/** Where the reverse proxy listens. */
export interface Listener {
  readonly address: string
  readonly port: 80 | 443
  /** Here only redirects are answered: it stands for the port 80 of containers that are reached directly. */
  readonly only?: 'redirect'
}

export const REDIRECT = 'redirect'

/** The backend of a route on one of the ports; undefined where it has none (`off`, `redirect`). */
export function backendOf(route: Route, protocol: Entry['protocol'], model: Model): Backend | undefined {
  const port = route[protocol]
  const container = containerOf(route, model)
  const address = container?.ipv4 ?? container?.ipv6
  if (typeof port !== 'number' || address === undefined) return undefined
  const mode = protocol === 'http' ? 'http' : 'tcp'
  const { proxyProtocol } = route
  const identity = `${mode} ${route.container} ${port} ${proxyProtocol}`
  const name = `${mode}-${route.container.slice(0, 20)}-${port}-${digest(identity, 8)}`
  return { name, mode, container: route.container, address, port, proxyProtocol }
}

/** Every backend once, by name. */
export function backendsOf(model: Model): readonly Backend[] {
  return derivedOf(model).backends
}

function allBackends(model: Model): readonly Backend[] {
  const all = model.routes.flatMap((route) =>
    PROTOCOLS.flatMap((protocol) => backendOf(route, protocol, model) ?? []),
  )
  return [...new Map(all.map((backend) => [backend.name, backend])).values()]
}

/** Every name on every port where it is served. */
export function entriesOf(model: Model): readonly Entry[] {
  return derivedOf(model).entries
}

function allEntries(model: Model): readonly Entry[] {
  return model.routes.flatMap((route) =>
    PROTOCOLS.flatMap((protocol) => {
      const to = route[protocol] === REDIRECT ? REDIRECT : backendOf(route, protocol, model)?.name
      return to === undefined ? [] : route.hosts.map((host) => ({ protocol, host, to }))
    }),
  )
}

/** The addresses of the host that names lead to: its public IPv4, and its IPv6 where a route says `ipv6: proxy`. */
export function proxyAddresses({ model, facts }: Pick<World, 'model' | 'facts'>): {
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
} {
  if (model.routes.length === 0) return { ipv4: [], ipv6: [] }
  const wantsIpv6 = model.routes.some(({ ipv6 }) => ipv6 === 'proxy')
  return {
    ipv4: model.upstream.ipv4 === undefined ? facts.upstream.ipv4 : [model.upstream.ipv4],
    ipv6: wantsIpv6 ? facts.upstream.publicIpv6 : [],
  }
}

/**
 * Where the reverse proxy listens: port 80 if a route is served there, 443 likewise. Where a container is reached
 * directly but its `http` is a redirect, the gateway of its network answers with it (see `directPorts`).
 */
export function listenersOf(world: Pick<World, 'model' | 'facts'>): readonly Listener[] {
  const { model, facts } = world
  const { ipv4, ipv6 } = proxyAddresses(world)
  const ports = ([80, 443] as const).filter((port) =>
    model.routes.some((route) => route[port === 80 ? 'http' : 'https'] !== 'off'),
  )
  const shared = [...ipv4, ...ipv6].flatMap((address) => ports.map((port) => ({ address, port })))
  const redirects = directPorts(model).flatMap(({ to }) =>
    // A bridge that is somebody else's has not our gateway.
    to.kind === 'redirect' && !facts.takenNetworks.has(to.network)
      ? [{ address: to.address, port: 80 as const, only: 'redirect' as const }]
      : [],
  )
  return [...new Map([...shared, ...redirects].map((one) => [`${one.address} ${one.port}`, one])).values()]
}

/**
 * Whether there is to be a reverse proxy. `waiting`: there is, but the host has at the moment no address on which it
 * could listen: what is there stays. `none`: no route, or only direct ones on a host without IPv4.
 */
export function proxyDemand(world: Pick<World, 'model' | 'facts'>): 'wanted' | 'waiting' | 'none' {
  const { model } = world
  if (listenersOf(world).length > 0) return 'wanted'
  const hasIpv4 = model.upstream.ipv4 !== undefined || model.networks.some(({ ipv4 }) => ipv4)
  const isShared = model.routes.some(({ ipv6 }) => ipv6 === 'proxy')
  return model.routes.length > 0 && (hasIpv4 || isShared) ? 'waiting' : 'none'
}

/** What the internet finds on port 80 or 443 of a container's own IPv6, by a route that is `direct`. */
export interface DirectPort {
  readonly container: string
  readonly address: string
  readonly port: 80 | 443
  readonly to:
    | { readonly kind: 'same' }
    | { readonly kind: 'other'; readonly port: number }
    | { readonly kind: 'redirect'; readonly address: string; readonly network: string }
}

/** Each port once; the checks see to it that two routes do not want different things of one. */
export function directPorts(model: Model): readonly DirectPort[] {
  return derivedOf(model).directPorts
}

function allDirectPorts(model: Model): readonly DirectPort[] {
  const all = model.routes.flatMap((route) =>
    PROTOCOLS.flatMap((protocol) => directPort(route, protocol, model) ?? []),
  )
  return [...new Map(all.map((one) => [`${one.container} ${one.port}`, one])).values()]
}

function directPort(route: Route, protocol: Entry['protocol'], model: Model): DirectPort | undefined {
  const container = containerOf(route, model)
  const setting = route[protocol]
  if (route.ipv6 !== 'direct' || setting === 'off' || container?.ipv6 === undefined) return undefined
  const port = protocol === 'http' ? 80 : 443
  const known = { container: container.name, address: container.ipv6, port } as const
  if (setting === port) return { ...known, to: { kind: 'same' } }
  if (setting !== REDIRECT) return { ...known, to: { kind: 'other', port: setting } }
  const gateway = model.networks.find(({ name }) => name === container.network)?.ipv6?.gateway
  return gateway === undefined
    ? undefined
    : { ...known, to: { kind: 'redirect', address: gateway, network: container.network } }
}

export interface NameRecords {
  readonly host: string
  readonly a: readonly string[]
  readonly aaaa: readonly string[]
}

/** Stand for addresses that only the host knows. */
export const UPSTREAM_IPV4 = "(the upstream's IPv4)"
export const UPSTREAM_IPV6 = "(the upstream's IPv6)"
export const UNKNOWN_UPSTREAM = { ipv4: [UPSTREAM_IPV4], publicIpv6: [UPSTREAM_IPV6] } as const

/** The A and AAAA records that each of a route's names should have; `*.` names too, as wildcard records. */
export function nameRecords(
  route: Route,
  model: Model,
  upstream: Pick<HostFacts['upstream'], 'ipv4' | 'publicIpv6'> = UNKNOWN_UPSTREAM,
): readonly NameRecords[] {
  const a = model.upstream.ipv4 === undefined ? upstream.ipv4 : [model.upstream.ipv4]
  const own = containerOf(route, model)?.ipv6
  const direct = own === undefined ? [] : [own]
  const aaaa = { off: [], direct, proxy: upstream.publicIpv6 }[route.ipv6]
  return route.hosts.map((host) => ({ host, a, aaaa }))
}

const PROTOCOLS = ['http', 'https'] as const

function containerOf(route: Route, model: Model): Container | undefined {
  const known = containers.get(model) ?? new Map(model.containers.map((one) => [one.name, one]))
  containers.set(model, known)
  return known.get(route.container)
}

const containers = new WeakMap<Model, ReadonlyMap<string, Container>>()

interface Derived {
  readonly backends: readonly Backend[]
  readonly entries: readonly Entry[]
  readonly directPorts: readonly DirectPort[]
}

const derived = new WeakMap<Model, Derived>()

/** Several kinds ask for the same of a model, and names cost a hash each. */
function derivedOf(model: Model): Derived {
  const known = derived.get(model) ?? {
    backends: allBackends(model),
    entries: allEntries(model),
    directPorts: allDirectPorts(model),
  }
  derived.set(model, known)
  return known
}
