import { formatEndpoint } from '../net/endpoint.ts'
import type { Plan } from '../engine/types.ts'
import { backendOf, listenersOf, nameRecords } from '../model/reverse-proxy.ts'
import type { NameRecords } from '../model/reverse-proxy.ts'
import type { Model, Route } from '../model/types.ts'
import type { BackendHealth, HostFacts } from '../model/world.ts'
import { touchedRoutes } from './route-changes.ts'

/** What serves a route on one port: a backend (`10.64.0.2:80`), a redirect, or nothing. */
export type ServedBy = { readonly backend: string; readonly health: BackendHealth } | 'redirect' | null

export interface RouteStatus {
  readonly hosts: readonly string[]
  /** The container. */
  readonly to: string
  readonly http: ServedBy
  readonly https: ServedBy
  readonly proxyProtocol: Route['proxyProtocol']
  readonly ipv6: Route['ipv6']
  readonly dns: readonly NameRecords[]
  /** Whether the host is what the file says; a backend that is down does not change that. */
  readonly inSync: boolean
}

export interface ReverseProxyStatus {
  /** `none`: no route wants one. */
  readonly state: 'running' | 'stopped' | 'unknown' | 'none'
  /** Of the haproxy that is installed; null: none is, or it is not known. */
  readonly version: string | null
  /** The settings of a route that this version can serve. */
  readonly features: readonly string[]
  /** Processes of earlier configurations that finish the connections which they have. */
  readonly oldProcesses: number
  /** Where it should listen: `203.0.113.2:80`, `[2001:db8::2]:443`. */
  readonly listeners: readonly string[]
}

/** Nothing was looked at. */
export const UNKNOWN_PROXY: ReverseProxyStatus = {
  state: 'unknown',
  version: null,
  features: [],
  oldProcesses: 0,
  listeners: [],
}

/** Each route with what serves it, from one observation of the host. */
export function routeStatuses(model: Model, plan: Plan, facts: HostFacts): readonly RouteStatus[] {
  const changes = [...plan.changes, ...plan.heldBack]
  const touched = new Set(touchedRoutes(model, changes, plan.blocked))
  return model.routes.map((route) => ({
    hosts: route.hosts,
    to: route.container,
    http: servedBy(route, 'http', model, facts),
    https: servedBy(route, 'https', model, facts),
    proxyProtocol: route.proxyProtocol,
    ipv6: route.ipv6,
    dns: nameRecords(route, model, facts.upstream),
    inSync: plan.known && !touched.has(route),
  }))
}

export function reverseProxyStatus(model: Model, facts: HostFacts): ReverseProxyStatus {
  if (model.routes.length === 0) return { ...UNKNOWN_PROXY, state: 'none' }
  const { running, installed, features, oldProcesses } = facts.proxy
  return {
    state: running === undefined ? 'unknown' : running ? 'running' : 'stopped',
    version: installed ?? null,
    features,
    oldProcesses,
    listeners: listenersOf({ model, facts }).map(formatEndpoint),
  }
}

function servedBy(route: Route, protocol: 'http' | 'https', model: Model, facts: HostFacts): ServedBy {
  if (route[protocol] === 'redirect') return 'redirect'
  const backend = backendOf(route, protocol, model)
  if (backend === undefined) return null
  return { backend: formatEndpoint(backend), health: facts.proxy.health.get(backend.name) ?? 'unknown' }
}
