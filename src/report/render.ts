import { stringify } from 'yaml'
import { ALIAS_PREFIX, FRAME_TABLE, MARK, TABLE, vethName } from '../model/identity.ts'
import { nameRecords } from '../model/reverse-proxy.ts'
import type { Container, Forward, Model, Network, Route } from '../model/types.ts'
import { formatPortRange, formatPorts } from '../net/port.ts'
import { jsonText, visible } from '../text/escape.ts'

/** The reverse proxy's configuration: where it listens, and its files by name. */
export interface RenderedProxy {
  readonly listeners: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

/** The resolved desired state: every default, address and owner spelled out. Needs no host. */
export function renderDocument(model: Model, proxy?: RenderedProxy): object {
  const { upstream, prefix, policy, metrics } = model
  return {
    upstream,
    prefix,
    networks: Object.fromEntries(model.networks.map((network) => [network.name, renderNetwork(network)])),
    containers: Object.fromEntries(model.containers.map((one) => [one.name, renderContainer(one, model)])),
    nat: { source: model.nat.source, forwards: model.nat.forwards.map(renderForward) },
    routes: model.routes.map((route) => renderRoute(route, model)),
    firewall: renderFirewall(model),
    policy,
    metrics,
    ownership: OWNERSHIP,
    ...(proxy !== undefined && model.routes.length > 0 && { reverseProxy: proxy }),
  }
}

function renderFirewall({ firewall, confine }: Model): object {
  const { metadata, toHost, connections } = confine
  return {
    ...firewall,
    metadata,
    toHost: toHost === 'all' ? toHost : toHost.length === 0 ? 'none' : toHost.map(formatPortRange),
    limits: { connections: connections === 0 ? 'off' : connections },
  }
}

/** By which marks each object on the host is ours. */
const OWNERSHIP = {
  table: TABLE,
  frameTable: FRAME_TABLE,
  routeProtocol: MARK,
  neighbourProtocol: MARK,
  linkAlias: `${ALIAS_PREFIX}:NAME`,
  linkGroup: MARK,
  addressMetric: MARK,
}

/** As YAML 1.2; nothing in it is an alias, long lines are not wrapped, texts of several lines are literal blocks. */
export function renderYaml(model: Model, proxy?: RenderedProxy): string {
  const options = { aliasDuplicateObjects: false, blockQuote: 'literal', lineWidth: 0 } as const
  const text = stringify(renderDocument(model, proxy), options)
  return text.split('\n').map(visible).join('\n')
}

export function renderJson(model: Model, proxy?: RenderedProxy): string {
  return jsonText(renderDocument(model, proxy))
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
