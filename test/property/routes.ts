import fc from 'fast-check'
import type { Container, Route } from '../../src/model/types.ts'

const SETTINGS = fc.record({
  http: fc.constantFrom(80, 8080, 'redirect' as const, 'off' as const),
  https: fc.constantFrom(443, 8443),
  proxyProtocol: fc.constantFrom('off' as const, 'off' as const, 'v1' as const, 'v2' as const),
  wildcard: fc.boolean(),
  ipv6: fc.constantFrom('direct' as const, 'proxy' as const, 'off' as const),
})

/** At most one route for each container, so that no two want different things of its own port 80. */
export function routes(containers: readonly Container[]): fc.Arbitrary<readonly Route[]> {
  return fc
    .subarray([...containers])
    .chain((served) => fc.tuple(...served.map(routeTo)))
    .map((made) => made.map((route, index) => ({ ...route, path: ['routes', index] as const })))
}

function routeTo({ name, ipv6: own }: Container): fc.Arbitrary<Omit<Route, 'path'>> {
  return SETTINGS.map(({ wildcard, ipv6, proxyProtocol, ...ports }) => {
    const canBeDirect = own !== undefined && proxyProtocol === 'off'
    return {
      ...ports,
      proxyProtocol,
      hosts: [...(wildcard ? [`*.${name}.example`] : []), `${name}.example`],
      container: name,
      ipv6: ipv6 === 'direct' && !canBeDirect ? 'off' : ipv6,
    }
  })
}
