import { stringify } from 'yaml'
import { ALIAS_PREFIX, MARK, TABLE, vethName } from '../model/identity.ts'
import type { Container, Forward, Model, Network, Route } from '../model/types.ts'
import { formatPortRange, formatPorts } from '../net/port.ts'
import { jsonText, visible } from '../text/escape.ts'

/** Stands for an address that only the host knows. */
export const UPSTREAM_IPV6 = "(the upstream's IPv6)"

export interface NameRecords {
  readonly host: string
  readonly a: readonly string[]
  readonly aaaa: readonly string[]
}

/** The resolved desired state: every default, address and owner spelled out. Needs no host. */
export function renderDocument(model: Model): object {
  const { upstream, prefix, firewall, policy } = model
  return {
    upstream,
    prefix,
    networks: Object.fromEntries(model.networks.map((network) => [network.name, renderNetwork(network)])),
    containers: Object.fromEntries(model.containers.map((one) => [one.name, renderContainer(one, model)])),
    nat: { source: model.nat.source, forwards: model.nat.forwards.map(renderForward) },
    routes: model.routes.map((route) => renderRoute(route, model)),
    firewall,
    policy,
    ownership: OWNERSHIP,
  }
}

/** By which marks each object on the host is ours. */
const OWNERSHIP = {
  table: TABLE,
  routeProtocol: MARK,
  neighbourProtocol: MARK,
  linkAlias: `${ALIAS_PREFIX}:NAME`,
  linkGroup: MARK,
  addressMetric: MARK,
}

/** As YAML 1.2; nothing in it is an alias, long lines are not wrapped. */
export function renderYaml(model: Model): string {
  const text = stringify(renderDocument(model), { aliasDuplicateObjects: false, lineWidth: 0 })
  return text.split('\n').map(visible).join('\n')
}

export function renderJson(model: Model): string {
  return jsonText(renderDocument(model))
}

function renderNetwork({ mac, mtu, ipv6, ipv4 }: Network): object {
  return { mac, mtu, ...(ipv6 && { ipv6 }), ...(ipv4 && { ipv4 }) }
}

function renderContainer(container: Container, model: Model): object {
  const { name: _, expose, ipv6, ipv4, ...rest } = container
  const network = model.networks.find(({ name }) => name === container.network)
  return {
    ...rest,
    ...(ipv6 !== undefined && { ipv6, ipv6Gateway: network?.ipv6?.gateway ?? null }),
    ...(ipv4 !== undefined && { ipv4, ipv4Gateway: network?.ipv4?.gateway ?? null }),
    ...(container.runtime.type === 'netns' && { veth: vethName(container.runtime) }),
    proxyNeighbour: ipv6 !== undefined && model.prefix.delivery === 'on-link',
    expose: expose === 'all' ? expose : expose.map(formatPortRange),
  }
}

function renderForward({ protocol, listen, container, address, to, from }: Forward): object {
  const backend = `${address}:${formatPorts(to)}`
  return {
    listen: `${formatPorts(listen)}/${protocol}`,
    to: `${container}:${formatPorts(to)}`,
    backend,
    from,
  }
}

function renderRoute(route: Route, model: Model): object {
  const { hosts, container, http, https, proxyProtocol, ipv6 } = route
  return { hosts, to: container, http, https, proxyProtocol, ipv6, dns: nameRecords(route, model) }
}

/** The A and AAAA records that each of a route's names should have; `*.` names too, as wildcard records. */
export function nameRecords(route: Route, model: Model): readonly NameRecords[] {
  const { ipv4 } = model.upstream
  const served = route.http !== 'off' || route.https !== 'off'
  const a = ipv4 === undefined || !served ? [] : [ipv4]
  const aaaa = served ? ipv6Records(route, model) : []
  return route.hosts.map((host) => ({ host, a, aaaa }))
}

function ipv6Records(route: Route, model: Model): readonly string[] {
  if (route.ipv6 === 'off') return []
  if (route.ipv6 === 'proxy') return [UPSTREAM_IPV6]
  const address = model.containers.find(({ name }) => name === route.container)?.ipv6
  return address === undefined ? [] : [address]
}
