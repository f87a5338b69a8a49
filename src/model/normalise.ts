import type { Config, ForwardConfig, RouteConfig } from '../config/types.ts'
import { firstAddress, formatAddress, formatCidr, formatIpv4, formatIpv6 } from '../net/address.ts'
import type { Cidr } from '../net/address.ts'
import { canonicalMac, macOf } from '../net/mac.ts'
import { parsePortRange, parsePorts } from '../net/port.ts'
import { mergePortRanges } from '../net/port-ranges.ts'
import { normaliseSources } from './sources.ts'
import type { Scope, ScopedContainer, ScopedNetwork } from './scope.ts'
import type { Container, Forward, Model, Network, Route, Subnet } from './types.ts'

/** The Model of a file in which `checkMeaning` found nothing: every default filled in, everything sorted. */
export function normalise(scope: Scope): Model {
  const { config, upstreamIpv4, prefix } = scope
  const networks = [...scope.networks.values()].map(normaliseNetwork)
  const source = config.nat?.source ?? (networks.some(({ ipv4 }) => ipv4 !== undefined) ? 'snat' : 'none')
  return {
    upstream: {
      interface: config.upstream.interface,
      ...(upstreamIpv4 !== undefined && { ipv4: formatIpv4(upstreamIpv4) }),
    },
    prefix: {
      cidr: prefix === undefined ? config.prefix.cidr : formatCidr(prefix),
      delivery: config.prefix.delivery ?? 'on-link',
    },
    networks: networks.toSorted(byName),
    containers: [...scope.containers.values()].flatMap(normaliseContainer).toSorted(byName),
    nat: { source, forwards: normaliseForwards(scope) },
    routes: normaliseRoutes(scope),
    ...normaliseFirewall(config.firewall),
    policy: { prune: 'own', ...config.policy },
    metrics: { containers: false, ...config.metrics },
  }
}

/** So that one container takes a sixteenth of the kernel's usual table (262,144) at most. */
const CONNECTIONS = 16_384

function normaliseFirewall({
  metadata = 'deny',
  toHost = 'all',
  limits = {},
  ...rules
}: NonNullable<Config['firewall']> = {}): Pick<Model, 'firewall' | 'confine'> {
  const { connections = CONNECTIONS } = limits
  const ports = typeof toHost === 'string' ? [] : toHost.flatMap((text) => parsePortRange(text) ?? [])
  return {
    firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: true, ...rules },
    confine: {
      metadata,
      toHost: toHost === 'all' ? 'all' : mergePortRanges(ports),
      connections: connections === 'off' ? 0 : connections,
    },
  }
}

function normaliseNetwork({ name, config, ipv6, ipv4 }: ScopedNetwork): Network {
  return {
    name,
    mac: macOf(`bridge ${name}`),
    mtu: config.mtu ?? 1500,
    ...(ipv6 !== undefined && { ipv6: subnet(ipv6) }),
    ...(ipv4 !== undefined && { ipv4: subnet(ipv4) }),
  }
}

function subnet(cidr: Cidr): Subnet {
  const gateway = formatAddress(cidr.family, firstAddress(cidr))
  return { cidr: formatCidr(cidr), gateway, length: cidr.length }
}

function normaliseContainer(container: ScopedContainer): readonly Container[] {
  const { name, config, network, runtime, ipv6, ipv4 } = container
  if (network === undefined) return []
  const mac = canonicalMac(config.mac ?? '') ?? macOf(`container ${name}`)
  const { expose = [] } = config
  return [
    {
      name,
      network: network.name,
      runtime,
      mac,
      ...(ipv6 !== undefined && { ipv6: formatIpv6(ipv6) }),
      ...(ipv4 !== undefined && { ipv4: formatIpv4(ipv4) }),
      expose:
        expose === 'all' ? 'all' : mergePortRanges(expose.flatMap((text) => parsePortRange(text) ?? [])),
    },
  ]
}

function normaliseForwards(scope: Scope): readonly Forward[] {
  const forwards = (scope.config.nat?.forwards ?? []).flatMap((forward) => normaliseForward(forward, scope))
  return forwards.toSorted(
    (one, other) => compareText(one.protocol, other.protocol) || one.listen.first - other.listen.first,
  )
}

function normaliseForward(forward: ForwardConfig, { containers }: Scope): readonly Forward[] {
  const [name = '', portsText = ''] = forward.to.split(':')
  const listen = parsePortRange(forward.listen)
  const to = parsePorts(portsText)
  const address = containers.get(name)?.ipv4
  if (listen === undefined || to === undefined || address === undefined) return []
  const { protocol, first, last } = listen
  const from = normaliseSources(forward.from ?? [])
  return [{ protocol, listen: { first, last }, container: name, address: formatIpv4(address), to, from }]
}

function normaliseRoutes(scope: Scope): readonly Route[] {
  return (scope.config.routes ?? [])
    .map((route, index) => normaliseRoute(route, index, scope))
    .toSorted((one, other) => compareText(one.hosts[0] ?? '', other.hosts[0] ?? ''))
}

function normaliseRoute(route: RouteConfig, index: number, { containers }: Scope): Route {
  const { host, to, http = 80, https = 443, proxyProtocol = 'off' } = route
  const hosts = (typeof host === 'string' ? [host] : host)
    .map((name) => name.toLowerCase())
    .toSorted(compareText)
  const direct = containers.get(to)?.ipv6 === undefined ? 'off' : 'direct'
  const ipv6 = route.ipv6 ?? (proxyProtocol === 'off' ? direct : 'proxy')
  return { hosts, container: to, http, https, proxyProtocol, ipv6, path: ['routes', index] }
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return compareText(one.name, other.name)
}

/** By code units: the same order on every machine, whatever its locale. */
function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
