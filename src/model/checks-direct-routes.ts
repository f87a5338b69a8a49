import type { RouteConfig } from '../config/types.ts'
import type { Finding } from '../config/issue.ts'
import { parsePortRange } from '../net/port.ts'
import type { Scope } from './scope.ts'

interface DirectUse {
  readonly container: string
  readonly setting: 'http' | 'https'
  readonly port: 80 | 443
  /** Where the port leads: another port of the container, or `redirect`. */
  readonly to: number | 'redirect'
  readonly index: number
}

/** A container's own IPv6 has one port 80 and one 443: direct routes, and `expose`, must agree on what is there. */
export function checkDirectRoutes(scope: Scope): readonly Finding[] {
  const routes = scope.config.routes ?? []
  const uses = routes.flatMap((route, index) => directUses(route, index, scope))
  const first = new Map<string, DirectUse>()
  return uses.flatMap((use) => {
    const key = `${use.container} ${use.port}`
    const known = first.get(key)
    if (known === undefined) first.set(key, use)
    return known === undefined ? checkExposed(use, scope) : checkAgreement(use, known)
  })
}

function directUses(route: RouteConfig, index: number, scope: Scope): readonly DirectUse[] {
  const { to: container, http = 80, https = 443, proxyProtocol = 'off' } = route
  const hasIpv6 = scope.containers.get(container)?.config.ipv6 !== undefined
  const isDirect = (route.ipv6 ?? (proxyProtocol === 'off' ? 'direct' : 'proxy')) === 'direct'
  if (!hasIpv6 || !isDirect) return []
  return [
    ...(http === 'off' ? [] : [{ container, setting: 'http', port: 80, to: http, index } as const]),
    ...(https === 'off' ? [] : [{ container, setting: 'https', port: 443, to: https, index } as const]),
  ]
}

function checkAgreement(
  { container, setting, port, to, index }: DirectUse,
  known: DirectUse,
): readonly Finding[] {
  if (to === known.to) return []
  return [
    {
      code: 'S64-M032',
      path: ['routes', index, setting],
      message: `port ${port} of container "${container}"'s own IPv6 leads to ${known.to} already, by another direct route`,
      hint: 'write `ipv6: proxy` into one of them: behind the proxy each name leads where it says',
    },
  ]
}

function checkExposed({ container, setting, port, to, index }: DirectUse, scope: Scope): readonly Finding[] {
  const { expose } = scope.containers.get(container)?.config ?? {}
  const isExposed =
    typeof expose === 'object' &&
    expose.some((text) => {
      const range = parsePortRange(text)
      return range?.protocol === 'tcp' && range.first <= port && port <= range.last
    })
  if (to === port || !isExposed) return []
  return [
    {
      code: 'S64-M033',
      path: ['routes', index, setting],
      message: `"expose" opens port ${port} of container "${container}"'s own IPv6 as it is, and this direct route leads it to ${to}`,
      hint: `take ${port}/tcp out of expose, or write \`ipv6: proxy\``,
    },
  ]
}
