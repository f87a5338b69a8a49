import { describe, expect, it } from 'vitest'
import { uplinkIpv4 } from '../../src/facts/source-address.ts'
import { parseLinks } from '../../src/formats/ip-links.ts'
import { parseRoutes } from '../../src/formats/ip-routes.ts'

interface Address {
  readonly local: string
  readonly prefixlen: number
  readonly secondary?: boolean
  readonly address?: string
}

const PUBLIC: Address = { local: '203.0.113.2', prefixlen: 24 }
const PRIVATE: Address = { local: '10.17.0.5', prefixlen: 16 }

function uplink(addresses: readonly Address[], routes: readonly object[], onLoopback?: Address) {
  const entry = (ifname: string, list: readonly Address[]) => ({
    ifname,
    addr_info: list.map((one) => ({ family: 'inet', scope: '0', ...one })),
  })
  const all = parseLinks(
    JSON.stringify([entry('eth0', addresses), entry('lo', onLoopback ? [onLoopback] : [])]),
  )
  return uplinkIpv4(all[0], all, parseRoutes(JSON.stringify(routes)))
}

function byDefault(more: object = {}) {
  return { dst: 'default', gateway: '203.0.113.1', dev: 'eth0', ...more }
}

describe('the IPv4 that a host sends from', () => {
  it.each([
    ['of the next hop’s subnet, whichever is listed first', [PRIVATE, PUBLIC], [byDefault()], '203.0.113.2'],
    ['the same the other way round', [PUBLIC, PRIVATE], [byDefault()], '203.0.113.2'],
    [
      'the private one, where that leads out',
      [PUBLIC, PRIVATE],
      [byDefault({ gateway: '10.17.0.1' })],
      '10.17.0.5',
    ],
    ['what the route says', [PUBLIC, PRIVATE], [byDefault({ prefsrc: '10.17.0.5' })], '10.17.0.5'],
    [
      'not what it says and nobody has',
      [PUBLIC, PRIVATE],
      [byDefault({ prefsrc: '192.0.2.9' })],
      '203.0.113.2',
    ],
    [
      'of the route with the smallest metric',
      [PUBLIC, PRIVATE],
      [byDefault({ metric: 100 }), byDefault({ gateway: '10.17.0.1', metric: 50 })],
      '10.17.0.5',
    ],
    [
      'the first, where the next hop is in no subnet',
      [{ local: '198.51.100.7', prefixlen: 32 }, PRIVATE],
      [byDefault({ gateway: '172.31.1.1' })],
      '198.51.100.7',
    ],
    [
      'never a secondary one',
      [{ local: '203.0.113.9', prefixlen: 24, secondary: true }, PUBLIC],
      [byDefault()],
      '203.0.113.2',
    ],
    [
      'by the other end of a pair',
      [PRIVATE, { local: '203.0.113.2', prefixlen: 32, address: '192.0.2.1' }],
      [byDefault({ gateway: '192.0.2.1' })],
      '203.0.113.2',
    ],
    [
      'by one of several next hops',
      [PRIVATE, PUBLIC],
      [{ dst: 'default', nexthops: [{ gateway: '203.0.113.1', dev: 'eth0' }] }],
      '203.0.113.2',
    ],
    ['a public one, where nothing leads out', [PRIVATE, PUBLIC], [], '203.0.113.2'],
    [
      'by a default route of this interface only',
      [PRIVATE, PUBLIC],
      [byDefault({ gateway: '10.17.0.1', dev: 'eth1' })],
      '203.0.113.2',
    ],
  ])('%s', (_, addresses, routes, source) => {
    const found = uplink(addresses, routes)
    expect(found[0]).toBe(source)
    expect(found.toSorted()).toEqual(addresses.map(({ local }) => local).toSorted())
  })

  it('may stand on another interface, where the route says so', () => {
    const loopback = { local: '192.0.2.77', prefixlen: 32 }
    expect(uplink([PRIVATE], [byDefault({ prefsrc: '192.0.2.77' })], loopback)).toEqual([
      '192.0.2.77',
      '10.17.0.5',
    ])
  })
})
