import type { RouteConfig } from '../config/types.ts'
import type { Finding } from '../config/issue.ts'
import type { Path } from './path.ts'
import { hostNameFault } from '../net/host-name.ts'
import { checkContainerName } from './checks-names.ts'
import { findDuplicates } from './duplicates.ts'
import type { Use } from './duplicates.ts'
import type { Scope } from './scope.ts'

/** Faults of `routes`: host names, containers, and settings that contradict each other. */
export function checkRoutes(scope: Scope): readonly Finding[] {
  const routes = scope.config.routes ?? []
  const names = routes.flatMap((route, index) => hostUses(route, ['routes', index, 'host']))
  return [
    ...names.flatMap(checkHost),
    ...findDuplicates(names, 'S64-M027'),
    ...routes.flatMap((route, index) => checkRoute(route, scope, ['routes', index])),
  ]
}

interface HostUse extends Use {
  readonly text: string
}

function hostUses({ host }: RouteConfig, path: Path): readonly HostUse[] {
  return typeof host === 'string'
    ? [hostUse(host, path)]
    : host.map((text, index) => hostUse(text, [...path, index]))
}

function hostUse(text: string, path: Path): HostUse {
  const key = text.toLowerCase()
  return { text, key, label: () => `host name "${key}"`, path }
}

function checkHost({ text, path }: HostUse): readonly Finding[] {
  const fault = hostNameFault(text)
  if (fault === undefined) return []
  const hint = fault.better === undefined ? {} : { hint: `did you mean "${fault.better}"?` }
  return [{ code: 'S64-M026', path, message: `host name "${text}" ${fault.reason}`, ...hint }]
}

function checkRoute(route: RouteConfig, scope: Scope, path: Path): readonly Finding[] {
  const unknown = checkContainerName(route.to, scope, [...path, 'to'])
  return [
    ...unknown,
    ...(unknown.length === 0 ? checkBackend(route, scope, path) : []),
    ...checkServed(route, path),
    ...checkProxyProtocol(route, path),
  ]
}

function checkBackend({ to, ipv6 }: RouteConfig, scope: Scope, path: Path): readonly Finding[] {
  const config = scope.containers.get(to)?.config
  if (config?.ipv6 !== undefined) return []
  if (config?.ipv4 === undefined) {
    const message = `container "${to}" has no address that a route could lead to`
    return [{ code: 'S64-M031', path: [...path, 'to'], message }]
  }
  if (ipv6 !== 'direct') return []
  const message = `container "${to}" has no ipv6, so that "direct" leads nowhere`
  return [{ code: 'S64-M030', path: [...path, 'ipv6'], message, hint: 'write `proxy` or `off`' }]
}

function checkServed({ http, https }: RouteConfig, path: Path): readonly Finding[] {
  if (http === 'redirect' && https === 'off') {
    const message = '`redirect` leads to https, which this route does not serve'
    return [{ code: 'S64-M034', path: [...path, 'http'], message }]
  }
  if (http !== 'off' || https !== 'off') return []
  return [{ code: 'S64-M029', path: [...path, 'https'], message: 'the route serves neither http nor https' }]
}

/** A direct client does not speak the PROXY protocol, and a server that wants it refuses everybody else. */
function checkProxyProtocol({ proxyProtocol = 'off', ipv6 }: RouteConfig, path: Path): readonly Finding[] {
  if (proxyProtocol === 'off' || ipv6 !== 'direct') return []
  const message = '"direct" does not go with `proxyProtocol`: clients that come directly do not speak it'
  return [{ code: 'S64-M028', path: [...path, 'ipv6'], message, hint: 'write `proxy` or `off`' }]
}
