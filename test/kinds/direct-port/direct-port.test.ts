import { describe, expect, it } from 'vitest'
import { directPort } from '../../../src/kinds/direct-port/index.ts'
import { exposure } from '../../../src/kinds/exposure/index.ts'
import { directPorts } from '../../../src/model/reverse-proxy.ts'
import type { Route } from '../../../src/model/types.ts'
import { behindNatOnly, container, model, tcp, world, route } from '../../support/model.ts'
import { commands, keys, onBareHost } from '../support.ts'

const ROUTE = route({ hosts: ['a.example'], ipv6: 'direct' })
const BLOG = '2001:db8:1:1::1:2'

function routed(more: Partial<Route>, of = container('blog', 2)) {
  return world(model({ containers: [of], routes: [{ ...ROUTE, ...more }] }))
}

function opened(more: Partial<Route>, of = container('blog', 2)): readonly string[] {
  return [...keys(onBareHost(exposure, routed(more, of))), ...keys(onBareHost(directPort, routed(more, of)))]
}

describe('a direct route', () => {
  it('opens 80 and 443 as they are', () => {
    expect(opened({})).toEqual([`+ exposed6 ${BLOG} . 6 . 80`, `+ exposed6 ${BLOG} . 6 . 443`])
  })

  it('leads them to the backend port where that is another, without opening that', () => {
    expect(opened({ http: 8080, https: 8443 })).toEqual([`+ direct6 ${BLOG} . 80`, `+ direct6 ${BLOG} . 443`])
    expect(commands(onBareHost(directPort, routed({ http: 8080, https: 'off' })))).toEqual([
      `nft add element inet slash64 direct6 { ${BLOG} . 80 : ${BLOG} . 8080 }`,
    ])
  })

  it('leads 80 to the redirect of the reverse proxy, which the container has not', () => {
    expect(commands(onBareHost(directPort, routed({ http: 'redirect' })))).toEqual([
      `nft add element inet slash64 direct6 { ${BLOG} . 80 : 2001:db8:1:1::1:1 . 80 }`,
    ])
  })

  it('leaves closed what it does not serve, and a route of another way opens nothing', () => {
    expect(opened({ http: 'off' })).toEqual([`+ exposed6 ${BLOG} . 6 . 443`])
    expect(opened({ ipv6: 'proxy' })).toEqual([])
    expect(opened({ ipv6: 'off' })).toEqual([])
  })

  it('goes together with what is exposed already: nft refuses intervals that overlap', () => {
    const exposed = container('blog', 2, { expose: [tcp(22), tcp(70, 90), tcp(443)] })
    expect(opened({}, exposed)).toEqual(
      ['22', '70-90', '443'].map((ports) => `+ exposed6 ${BLOG} . 6 . ${ports}`),
    )
    expect(opened({}, container('blog', 2, { expose: 'all' }))).toEqual([`+ open6 ${BLOG}`])
  })

  it('of a container without IPv6 opens nothing', () => {
    const [four] = behindNatOnly([container('blog', 2)])
    expect(four && directPorts(model({ containers: [four], routes: [ROUTE] }))).toEqual([])
  })

  it('is one, however many names lead there', () => {
    const routes = [ROUTE, { ...ROUTE, hosts: ['b.example'] }]
    expect(directPorts(model({ containers: [container('blog', 2)], routes }))).toHaveLength(2)
  })
})
