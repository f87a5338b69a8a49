import type { Plan, PlannedChange, Problem } from '../engine/types.ts'
import type { Container, Model } from '../model/types.ts'
import type { ContainerFacts, HostFacts } from '../model/world.ts'
import { formatPortRange } from '../net/port.ts'
import type { Source } from './background.ts'
import { findChangesOf } from './concerns.ts'
import { isInSync } from './pass.ts'
import {
  changeJson,
  errorDocument,
  FORMAT_VERSION,
  type ChangeJson,
  type ConfigError,
  type PlanDocument,
} from './plan-json.ts'
import { problemJson } from './problems.ts'
import { ROUTE_KINDS } from './route-changes.ts'
import { reverseProxyStatus, routeStatuses, UNKNOWN_PROXY } from './status-routes.ts'
import type { ReverseProxyStatus, RouteStatus } from './status-routes.ts'
import { summarise, type Summary } from './summary.ts'

/**
 * `unknown`: a read failed · `degraded`: something is in the way · `drifted`: changes are needed, or held back ·
 * `converged`: the host is what the file says.
 */
export type State = 'converged' | 'drifted' | 'degraded' | 'unknown'

export type ContainerState = 'running' | 'absent' | 'unknown' | 'managed elsewhere'

/** The proxy neighbour of a container; `withdrawn` while it does not run, `none` when it needs none. */
export type ProxyNeighbour = 'present' | 'missing' | 'withdrawn' | 'none' | 'unknown'

export interface AddressStatus {
  readonly desired: string | null
  readonly observed: readonly string[]
}

export interface ContainerStatus {
  readonly name: string
  readonly state: ContainerState
  readonly network: string
  readonly runtime: string
  readonly ipv6: AddressStatus
  readonly ipv4: AddressStatus
  readonly proxyNeighbour: ProxyNeighbour
  /** `443/tcp`; or only `all`. */
  readonly expose: readonly string[]
  readonly inSync: boolean
}

export interface UpstreamStatus {
  readonly interface: string
  /** Null: not known. */
  readonly present: boolean | null
  readonly up: boolean | null
  readonly ipv4: AddressStatus
  readonly ipv6: AddressStatus
}

/** What `status -o json` prints. */
export interface StatusDocument {
  readonly formatVersion: typeof FORMAT_VERSION
  /** False: the host could not be read whole, so that counts and lists say nothing. */
  readonly known: boolean
  readonly state: State
  readonly upstream: UpstreamStatus
  readonly containers: readonly ContainerStatus[]
  readonly routes: readonly RouteStatus[]
  readonly reverseProxy: ReverseProxyStatus
  readonly summary: Summary
  readonly changes: readonly ChangeJson[]
  readonly heldBack: readonly ChangeJson[]
  readonly errors: readonly Problem[]
}

export interface StatusErrorDocument extends PlanDocument {
  readonly state: State
  readonly containers: readonly ContainerStatus[]
  readonly routes: readonly RouteStatus[]
  readonly reverseProxy: ReverseProxyStatus
}

/** What each container and route should have and has, from one observation of the host. */
export function statusDocument(model: Model, plan: Plan, facts: HostFacts, source?: Source): StatusDocument {
  const changes = [...plan.changes, ...plan.heldBack]
  const changesOf = findChangesOf(changes.filter(({ kind }) => !ROUTE_KINDS.has(kind)))
  return {
    formatVersion: FORMAT_VERSION,
    known: plan.known,
    state: stateOf(plan),
    upstream: upstreamStatus(model, facts),
    containers: model.containers.map((container) => {
      const view = { facts: facts.containers.get(container.name), changes: changesOf(container) }
      return containerStatus(container, model, plan, view)
    }),
    routes: routeStatuses(model, plan, facts),
    reverseProxy: reverseProxyStatus(model, facts),
    summary: summarise(plan),
    changes: plan.changes.map(changeJson),
    heldBack: plan.heldBack.map(changeJson),
    errors: plan.problems.map((problem) => problemJson(problem, source)),
  }
}

/** What `status -o json` prints when it ends before it has looked: nothing is known, and `errors` say why. */
export function statusErrorDocument(errors: readonly (Problem | ConfigError)[]): StatusErrorDocument {
  return {
    ...errorDocument(errors),
    state: 'unknown',
    containers: [],
    routes: [],
    reverseProxy: UNKNOWN_PROXY,
  }
}

function stateOf(plan: Plan): State {
  if (!plan.known) return 'unknown'
  if (plan.problems.length > 0) return 'degraded'
  return isInSync(plan) ? 'converged' : 'drifted'
}

function upstreamStatus(model: Model, facts: HostFacts): UpstreamStatus {
  const { present, up, ipv4, ipv6 } = facts.upstream
  return {
    interface: model.upstream.interface,
    present: present ?? null,
    up: up ?? null,
    ipv4: { desired: model.upstream.ipv4 ?? null, observed: ipv4 },
    ipv6: { desired: null, observed: ipv6 },
  }
}

interface ContainerView {
  readonly facts: ContainerFacts | undefined
  readonly changes: readonly PlannedChange[]
}

function containerStatus(
  container: Container,
  model: Model,
  plan: Plan,
  view: ContainerView,
): ContainerStatus {
  const state = containerState(container, view.facts)
  const ipv6 = { desired: container.ipv6 ?? null, observed: view.facts?.ipv6 ?? [] }
  const ipv4 = { desired: container.ipv4 ?? null, observed: view.facts?.ipv4 ?? [] }
  const complete = state !== 'running' || [ipv6, ipv4].every(isComplete)
  return {
    name: container.name,
    state,
    network: container.network,
    runtime: container.runtime.type,
    ipv6,
    ipv4,
    proxyNeighbour: proxyNeighbour(container, model, plan, { state, changes: view.changes }),
    expose: container.expose === 'all' ? ['all'] : container.expose.map(formatPortRange),
    inSync: plan.known && state !== 'unknown' && complete && view.changes.length === 0,
  }
}

function containerState(container: Container, facts: ContainerFacts | undefined): ContainerState {
  if (container.runtime.type === 'none' || facts?.state === 'managed') return 'managed elsewhere'
  return facts?.state ?? 'unknown'
}

/** Whether what should be there is there; other addresses may stand beside it. */
export function isComplete({ desired, observed }: AddressStatus): boolean {
  return desired === null || observed.includes(desired)
}

/** The plan knows what is missing: its key begins with the address, `2001:db8::2 dev eth0`. */
function proxyNeighbour(
  container: Container,
  model: Model,
  plan: Plan,
  view: { readonly state: ContainerState; readonly changes: readonly PlannedChange[] },
): ProxyNeighbour {
  if (container.ipv6 === undefined || model.prefix.delivery !== 'on-link') return 'none'
  if (!plan.known || view.state === 'unknown') return 'unknown'
  if (view.state === 'absent') return 'withdrawn'
  const missing = view.changes.some(
    (change) =>
      change.kind === 'proxy-neighbour' && change.action !== 'delete' && mentions(change, container.ipv6),
  )
  return missing ? 'missing' : 'present'
}

function mentions(change: PlannedChange, address: string | undefined): boolean {
  return change.key.split(' ')[0] === address
}
