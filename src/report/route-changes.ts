import type { PlannedChange } from '../engine/types.ts'
import { reference } from '../engine/types.ts'
import { backendOf } from '../model/reverse-proxy.ts'
import type { Model, Route } from '../model/types.ts'
import { findChangesOf } from './concerns.ts'

const PROXY = 'reverse-proxy'
const BACKEND = 'proxy-backend'
const ENTRY = 'proxy-route'
const DIRECT = 'direct-port'

/** Kinds that are about routes; their words would be taken for those of containers. */
export const ROUTE_KINDS: ReadonlySet<string> = new Set([PROXY, BACKEND, ENTRY])

/**
 * The routes that changes, and resources that are blocked (`kind key`), concern: what serves one of their names, what
 * it leads to, a port that is open on its container directly; all of them when it is the proxy as a whole.
 */
export function touchedRoutes(
  model: Model,
  changes: readonly PlannedChange[],
  blocked: readonly string[] = [],
): readonly Route[] {
  const named = new Set([...changes.map(({ kind, key }) => reference(kind, key)), ...blocked])
  if ([...named].some((one) => one.startsWith(`${PROXY} `))) return model.routes
  const isDirect = directFinder(model, changes, blocked)
  return model.routes.filter(
    (route) => resourcesOf(route, model).some((one) => named.has(one)) || isDirect(route),
  )
}

function resourcesOf(route: Route, model: Model): readonly string[] {
  return (['http', 'https'] as const).flatMap((protocol) => {
    const backend = backendOf(route, protocol, model)
    return [
      ...(backend === undefined ? [] : [reference(BACKEND, backend.name)]),
      ...route.hosts.map((host) => reference(ENTRY, `${protocol} ${host}`)),
    ]
  })
}

/** Its keys are its own affair, so these go by the container's address. A deletion may be of what a route was before. */
function directFinder(model: Model, changes: readonly PlannedChange[], blocked: readonly string[]) {
  const find = findChangesOf(changes.filter(({ kind }) => kind === DIRECT))
  const words = new Set(
    blocked.filter((one) => one.startsWith(`${DIRECT} `)).flatMap((one) => one.split(' ')),
  )
  const containers = new Map(model.containers.map((container) => [container.name, container]))
  return ({ container: name, ipv6 }: Route): boolean => {
    const container = containers.get(name)
    if (container === undefined) return false
    const isBlocked = ipv6 === 'direct' && words.has(container.ipv6 ?? '')
    return isBlocked || find(container).some(({ action }) => ipv6 === 'direct' || action === 'delete')
  }
}
