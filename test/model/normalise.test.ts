import { assert, property, shuffledSubarray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { macOf } from '../../src/net/mac.ts'
import { modelOf, yaml } from '../config/support.ts'

const WHOLE = yaml({
  networks:
    '{ br-z: { ipv6: "2001:DB8:1:1::2:0/112", mtu: 1400 }, br-a: { ipv6: ::1:0/112, ipv4: 10.64.0.0/24 } }',
  containers: `{
    web: { network: br-a, runtime: netns, ipv6: ::1:2, ipv4: 10.64.0.2, mac: 02:00:5E:00:53:01, expose: [443/tcp, 80-90/tcp, 85-95/tcp, 53/udp] },
    db: { network: br-a, runtime: { type: lxc, name: pg-15, path: /srv/lxc, interface: net0 }, ipv4: 10.64.0.3 },
    all: { network: br-z, ipv6: 2001:db8:1:1:0:0:2:9, expose: all } }`,
  nat: `{ forwards: [
    { listen: 53/udp, to: "db:53" },
    { listen: 8000-8010/tcp, to: "web:9000-9010", from: [198.51.100.7, 198.51.100.0/24, 192.0.2.1] },
    { listen: 22/tcp, to: "web:22", from: [0.0.0.0/0, 10.0.0.0/8] }] }`,
  routes: `[
    { host: [Www.example.org, "*.example.org"], to: web, proxyProtocol: v2, http: redirect },
    { host: db.example.org, to: db },
    { host: a.example.org, to: web, https: off }]`,
})

describe('a whole file', () => {
  const model = modelOf(WHOLE)

  test('networks are sorted, with gateway, length, MTU and a MAC of their own', () => {
    expect(model.networks).toEqual([
      {
        name: 'br-a',
        mac: macOf('bridge br-a'),
        mtu: 1500,
        ipv6: { cidr: '2001:db8:1:1::1:0/112', gateway: '2001:db8:1:1::1:1', length: 112 },
        ipv4: { cidr: '10.64.0.0/24', gateway: '10.64.0.1', length: 24 },
      },
      {
        name: 'br-z',
        mac: macOf('bridge br-z'),
        mtu: 1400,
        ipv6: { cidr: '2001:db8:1:1::2:0/112', gateway: '2001:db8:1:1::2:1', length: 112 },
      },
    ])
  })

  test('containers are sorted, with full addresses, runtime, MAC, and merged ports', () => {
    expect(model.containers).toEqual([
      {
        name: 'all',
        network: 'br-z',
        runtime: { type: 'none', name: 'all', interface: 'eth0' },
        mac: macOf('container all'),
        ipv6: '2001:db8:1:1::2:9',
        expose: 'all',
      },
      {
        name: 'db',
        network: 'br-a',
        runtime: { type: 'lxc', name: 'pg-15', interface: 'net0', path: '/srv/lxc' },
        mac: macOf('container db'),
        ipv4: '10.64.0.3',
        expose: [],
      },
      {
        name: 'web',
        network: 'br-a',
        runtime: { type: 'netns', name: 'web', interface: 'eth0' },
        mac: '02:00:5e:00:53:01',
        ipv6: '2001:db8:1:1::1:2',
        ipv4: '10.64.0.2',
        expose: [
          { protocol: 'tcp', first: 80, last: 95 },
          { protocol: 'tcp', first: 443, last: 443 },
          { protocol: 'udp', first: 53, last: 53 },
        ],
      },
    ])
  })

  test('forwards are sorted by protocol and port, with sources that do not overlap', () => {
    const common = { container: 'web', address: '10.64.0.2' }
    expect(model.nat.forwards).toEqual([
      { ...common, protocol: 'tcp', listen: { first: 22, last: 22 }, to: { first: 22, last: 22 }, from: [] },
      {
        ...common,
        protocol: 'tcp',
        listen: { first: 8000, last: 8010 },
        to: { first: 9000, last: 9010 },
        from: ['192.0.2.1/32', '198.51.100.0/24'],
      },
      {
        protocol: 'udp',
        listen: { first: 53, last: 53 },
        container: 'db',
        address: '10.64.0.3',
        to: { first: 53, last: 53 },
        from: [],
      },
    ])
  })

  test('routes are sorted by host and know their place; ipv6 follows proxyProtocol and the container', () => {
    expect(model.routes).toEqual([
      {
        hosts: ['*.example.org', 'www.example.org'],
        container: 'web',
        http: 'redirect',
        https: 443,
        proxyProtocol: 'v2',
        ipv6: 'proxy',
        path: ['routes', 0],
      },
      {
        hosts: ['a.example.org'],
        container: 'web',
        http: 80,
        https: 'off',
        proxyProtocol: 'off',
        ipv6: 'direct',
        path: ['routes', 2],
      },
      {
        hosts: ['db.example.org'],
        container: 'db',
        http: 80,
        https: 443,
        proxyProtocol: 'off',
        ipv6: 'off',
        path: ['routes', 1],
      },
    ])
  })
})

describe('defaults', () => {
  test('of a file that says only what it must', () => {
    const model = modelOf(
      yaml({ upstream: '{ interface: eth0 }', networks: '{ br-ct: { ipv6: ::1:0/112 } }', containers: '' }),
    )
    expect(model).toMatchObject({
      upstream: { interface: 'eth0' },
      prefix: { cidr: '2001:db8:1:1::/64', delivery: 'on-link' },
      containers: [],
      nat: { source: 'none', forwards: [] },
      routes: [],
      firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: true },
      confine: { metadata: 'deny', toHost: 'all', connections: 16_384 },
      policy: { prune: 'own' },
      metrics: { containers: false },
    })
    expect(model.upstream).not.toHaveProperty('ipv4')
    expect(model.policy).not.toHaveProperty('maxDeletes')
  })

  test('one network with IPv4 is enough for snat; what the file says stands', () => {
    expect(modelOf(yaml()).nat.source).toBe('snat')
    expect(modelOf(yaml({ nat: '{ source: masquerade }' })).nat.source).toBe('masquerade')
    const set = yaml({
      firewall: '{ eastWest: deny, antiSpoof: false }',
      policy: '{ prune: never, maxDeletes: 0 }',
      metrics: '{ containers: true }',
    })
    expect(modelOf(set)).toMatchObject({
      firewall: { ipv6: 'deny', eastWest: 'deny', antiSpoof: false },
      policy: { prune: 'never', maxDeletes: 0 },
      metrics: { containers: true },
    })
  })

  test.each([
    ['{ toHost: none, metadata: allow }', { metadata: 'allow', toHost: [], connections: 16_384 }],
    ['{ limits: { connections: off } }', { metadata: 'deny', toHost: 'all', connections: 0 }],
    [
      '{ toHost: [53/udp, 50-60/udp], limits: { connections: 20000 } }',
      { metadata: 'deny', toHost: [{ protocol: 'udp', first: 50, last: 60 }], connections: 20_000 },
    ],
  ])('firewall: %s', (firewall, confine) => {
    expect(modelOf(yaml({ firewall })).confine).toEqual(confine)
  })
})

describe('addresses', () => {
  test('renumbering is one edit', () => {
    const before = JSON.stringify(modelOf(yaml()))
    const after = JSON.stringify(modelOf(yaml({ prefix: '{ cidr: "2001:db8:2:2::/64" }' })))
    expect(after).toBe(before.replaceAll('2001:db8:1:1:', '2001:db8:2:2:'))
  })

  test('a shorter prefix takes longer suffixes', () => {
    const model = modelOf(
      yaml({
        prefix: '{ cidr: "2001:db8:1::/56" }',
        networks: '{ b: { ipv6: "0:0:0:7::/64" } }',
        containers: '{ w: { ipv6: 0:0:0:7::2 } }',
      }),
    )
    expect(model.containers[0]?.ipv6).toBe('2001:db8:1:7::2')
  })

  test('a routed prefix may be one slice', () => {
    const model = modelOf(
      yaml({
        prefix: '{ cidr: "2001:db8::/64", delivery: routed }',
        networks: '{ b: { ipv6: ::/64 } }',
        containers: '',
      }),
    )
    expect(model.networks[0]?.ipv6?.gateway).toBe('2001:db8::1')
  })
})

test('the order of the file does not matter', () => {
  const containers = [
    'a: { ipv6: ::1:2 }',
    'b: { ipv6: ::1:3, ipv4: 10.64.0.3 }',
    'c: { ipv4: 10.64.0.4 }',
    'd: { ipv4: 10.64.0.5 }',
  ]
  const forwards = [
    '{ listen: 1/tcp, to: "b:1" }',
    '{ listen: 2/tcp, to: "c:1" }',
    '{ listen: 1/udp, to: "d:1" }',
  ]
  const routes = [
    '{ host: [x.example, y.example], to: a }',
    '{ host: a.example, to: b }',
    '{ host: "*.example", to: c }',
  ]
  const file = (lists: readonly (readonly string[])[]) => {
    const [first, second, third] = lists.map((list) => list.join(', '))
    return yaml({ containers: `{ ${first} }`, nat: `{ forwards: [${second}] }`, routes: `[${third}]` })
  }
  const shuffled = (list: readonly string[]) => shuffledSubarray([...list], { minLength: list.length })
  // A route knows its place, so that problems can name it; nothing else does.
  const placeless = (text: string) => {
    const model = modelOf(text)
    return { ...model, routes: model.routes.map((route) => ({ ...route, path: undefined })) }
  }
  const wanted = placeless(file([containers, forwards, routes]))
  assert(
    property(shuffled(containers), shuffled(forwards), shuffled(routes), (...lists) => {
      expect(placeless(file(lists))).toEqual(wanted)
    }),
  )
})
