import { describe, expect, test } from 'vitest'
import { macOf } from '../../src/net/mac.ts'
import { codesOf, container, issuesOf, yaml } from '../config/support.ts'

const networks = (text: string) => codesOf(yaml({ networks: text, containers: '' }))
const prefix = (text: string) => codesOf(yaml({ prefix: text, networks: '{ br-ct: {} }', containers: '' }))
const forward = (text: string) => codesOf(yaml({ nat: `{ forwards: [${text}] }` }))
const route = (text: string) => codesOf(yaml({ routes: `[${text}]` }))

describe('prefix', () => {
  test.each(['2001:db8::/64', '2001:db8::/120', '2000::/3', 'fd12:3456::/48', '2001:DB8:0:0::/64'])(
    '%s is fine',
    (cidr) => {
      expect(prefix(`{ cidr: "${cidr}" }`)).toEqual([])
    },
  )

  test.each([
    ['2001:db8::1/64', 'S64-M003'],
    ['2001:db8::/121', 'S64-M005'],
    ['::/0', 'S64-M005'],
    ['fe80::/64', 'S64-M004'],
    ['ff02::/64', 'S64-M004'],
    ['::/64', 'S64-M004'],
    ['10.0.0.0/8', 'S64-M002'],
    ['2001:db8::', 'S64-M002'],
    ['::ffff:10.0.0.0/104', 'S64-M002'],
    ['2001:db8::%eth0/64', 'S64-M002'],
    ['example.org', 'S64-M002'],
  ])('%s is %s', (cidr, code) => {
    expect(prefix(`{ cidr: "${cidr}" }`)).toEqual([code])
  })
})

describe('upstream', () => {
  test.each(['example.org', '::1', '203.0.113.2/32', '203.0.113.02', '1.2.3'])(
    'address %s is none',
    (text) => {
      expect(codesOf(yaml({ upstream: `{ interface: eth0, ipv4: "${text}" }` }))).toEqual(['S64-M001'])
    },
  )

  test.each(['127.0.0.1', '224.0.0.1', '0.0.0.0', '169.254.1.1'])('address %s cannot be used', (text) => {
    expect(codesOf(yaml({ upstream: `{ interface: eth0, ipv4: ${text} }` }))).toEqual(['S64-M004'])
  })
})

describe('slices', () => {
  test.each([
    ['{ ipv6: ::1:0/112 }', []],
    ['{ ipv6: ::1:0/126, ipv4: 10.0.0.0/30 }', []],
    ['{ ipv6: ::/64 }', ['S64-M005']],
    ['{ ipv6: ::1:0/127 }', ['S64-M005']],
    ['{ ipv6: 10.0.0.0/24 }', ['S64-M002']],
    ['{ ipv6: "2001:db8:9::/112" }', ['S64-M006']],
    ['{ ipv4: 10.0.0.0/7 }', ['S64-M005']],
    ['{ ipv4: 10.0.0.0/31 }', ['S64-M005']],
    ['{ ipv4: 10.0.0.1/24 }', ['S64-M003']],
    ['{ ipv4: 224.0.0.0/24 }', ['S64-M004']],
    ['{ ipv4: ::1:0/112 }', ['S64-M002']],
    ['{ ipv4: 203.0.113.0/30 }', ['S64-M008']],
  ])('%s', (text, codes) => {
    expect(networks(`{ br-ct: ${text} }`)).toEqual(codes)
  })

  test('every slice that overlaps an earlier one is told, whatever their order', () => {
    const text =
      '{ a: { ipv4: 10.1.0.0/16 }, b: { ipv4: 10.0.0.0/8 }, c: { ipv4: 10.2.0.0/16 }, d: { ipv4: 11.0.0.0/8 } }'
    const issues = issuesOf(yaml({ networks: text, containers: '' }))
    expect(issues.map(({ message }) => message)).toEqual([
      '10.0.0.0/8 overlaps 10.1.0.0/16 of "networks.a.ipv4"',
      '10.2.0.0/16 overlaps 10.0.0.0/8 of "networks.b.ipv4"',
    ])
  })
})

describe('addresses of containers', () => {
  test.each([
    ['{ ipv6: ::1:9 }', []],
    ['{ ipv6: 2001:DB8:1:1:0:0:1:9 }', []],
    ['{ ipv4: 10.64.0.254 }', []],
    ['{ ipv6: ::1:0 }', ['S64-M012']],
    ['{ ipv6: ::1:1 }', ['S64-M012']],
    ['{ ipv6: ::1:ff80 }', ['S64-M012']],
    ['{ ipv6: ::1:ffff }', ['S64-M012']],
    ['{ ipv4: 10.64.0.0 }', ['S64-M012']],
    ['{ ipv4: 10.64.0.1 }', ['S64-M012']],
    ['{ ipv4: 10.64.0.255 }', ['S64-M012']],
    ['{ ipv6: "::" }', ['S64-M011']],
    ['{ ipv6: ::2:9 }', ['S64-M011']],
    ['{ ipv4: 10.64.1.9 }', ['S64-M011']],
    ['{ ipv4: 203.0.113.2 }', ['S64-M011']],
    ['{ ipv6: ff02::1 }', ['S64-M004']],
    ['{ ipv6: fe80::9 }', ['S64-M004']],
    ['{ ipv4: 127.0.0.1 }', ['S64-M004']],
    ['{ ipv6: fd00::9 }', ['S64-M006']],
    ['{ ipv6: "2001:db8:2::9" }', ['S64-M006']],
    ['{ ipv6: "::ffff:10.64.0.9" }', ['S64-M001']],
    ['{ ipv6: "::1:9%eth0" }', ['S64-M001']],
    ['{ ipv6: "::1:9/128" }', ['S64-M001']],
    ['{ ipv6: 10.64.0.9 }', ['S64-M001']],
    ['{ ipv4: ::1:9 }', ['S64-M001']],
    ['{ ipv4: 10.64.0.09 }', ['S64-M001']],
    ['{ ipv4: web.example.org }', ['S64-M001']],
    ['{ ipv6: ::1:02 }', ['S64-M013']],
  ])('%s', (text, codes) => {
    expect(codesOf(container(text))).toEqual(codes)
  })

  test("the prefix's own anycast addresses are refused even where a slice holds them", () => {
    const file = (address: string, slice: string) =>
      codesOf(yaml({ networks: `{ b: { ipv6: "${slice}" } }`, containers: `{ w: { ipv6: "${address}" } }` }))
    expect(file('2001:db8:1:1::', '::/112')).toEqual(['S64-M012'])
    expect(file('::fdff:ffff:ffff:ff80', '::fdff:ffff:ffff:ff00/120')).toEqual(['S64-M012'])
    expect(file('::1:f9', '::1:0/120')).toEqual([])
  })
})

describe('containers', () => {
  test.each(['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '33:33:00:00:00:01', '02-00-5e-00-53-01', 'x'])(
    'MAC %s is refused',
    (mac) => {
      expect(codesOf(container(`{ ipv6: ::1:9, mac: "${mac}" }`))).toEqual(['S64-M014'])
    },
  )

  test("a bridge's MAC is taken, and so is another container's derived one", () => {
    expect(codesOf(container(`{ ipv6: ::1:9, mac: "${macOf('bridge br-ct')}" }`))).toEqual(['S64-M015'])
    expect(codesOf(container(`{ ipv6: ::1:9, mac: "${macOf('container blog')}" }`))).toEqual(['S64-M015'])
    expect(codesOf(container(`{ ipv6: ::1:9, mac: "${macOf('container web')}" }`))).toEqual([])
  })

  test.each([
    ['lxc', 'lxc', 0],
    ['{ type: lxc, name: x }', '{ type: lxc, name: x }', 1],
    ['{ type: lxc, name: x }', '{ type: podman, name: x }', 0],
    ['{ type: lxc, name: x, path: /a }', '{ type: lxc, name: x, path: /b }', 0],
    ['{ type: lxc, name: x, path: /var/lib/lxc }', '{ type: lxc, name: x }', 1],
    ['{ type: docker, name: xx }', '{ type: docker, name: xx, interface: eth1 }', 1],
    ['{ type: none, name: x }', '{ type: none, name: x }', 0],
    ['{ type: netns, name: b }', 'netns', 1],
  ])('%s and %s', (one, other, count) => {
    const text = yaml({
      containers: `{ a: { ipv6: ::1:2, runtime: ${one} }, b: { ipv6: ::1:3, runtime: ${other} } }`,
    })
    expect(codesOf(text)).toEqual(Array.from({ length: count }, () => 'S64-M020'))
  })

  test.each(['abcdefghijklmnop', '-a', 'a;b', 'lo'])('interface %s inside is refused', (name) => {
    expect(codesOf(container(`{ ipv6: ::1:9, runtime: { type: netns, interface: "${name}" } }`))).toEqual([
      'S64-M009',
    ])
  })
})

describe('forwards', () => {
  test.each([
    ['{ listen: 2222/tcp, to: "db:22" }, { listen: 2222/udp, to: "db:22" }', []],
    ['{ listen: 80/tcp, to: "db:80" }', []],
    ['{ listen: 1-3/tcp, to: "db:1" }', ['S64-M022']],
    ['{ listen: 1/tcp, to: "db:1-3" }', ['S64-M022']],
    [
      '{ listen: 1-65535/tcp, to: "db:1-65535" }, { listen: 5/tcp, to: "db:5" }, { listen: 9/tcp, to: "db:9" }',
      ['S64-M023', 'S64-M023'],
    ],
    ['{ listen: 1/tcp, to: "db:70000" }', ['S64-M021']],
    ['{ listen: 9-8/tcp, to: "db:8" }', ['S64-M021']],
    ['{ listen: 1/tcp, to: "nobody:1" }', ['S64-M018']],
    ['{ listen: 1/tcp, to: "db:1", from: [] }', ['S64-C007']],
    ['{ listen: 1/tcp, to: "db:1", from: [192.0.2.1, 0.0.0.0/0, 10.0.0.0/8] }', []],
    ['{ listen: 1/tcp, to: "db:1", from: [10.0.0.1/8] }', ['S64-M003']],
    ['{ listen: 1/tcp, to: "db:1", from: [example.org] }', ['S64-M001']],
    ['{ listen: 1/tcp, to: "db:1", from: ["::/0"] }', ['S64-M002']],
  ])('%s', (text, codes) => {
    expect(forward(text)).toEqual(codes)
  })

  test.each([
    ['80/tcp', 'http: off', []],
    ['80/tcp', 'https: off', ['S64-M024']],
    ['443/tcp', 'https: off', []],
    ['443/tcp', 'http: off', ['S64-M024']],
    ['80/tcp', 'http: redirect', ['S64-M024']],
    ['443/udp', 'http: 80', []],
  ])('%s beside a route with %s', (listen, setting, codes) => {
    const text = yaml({
      nat: `{ forwards: [{ listen: ${listen}, to: "db:1" }] }`,
      routes: `[{ host: a.example, to: blog, ${setting} }]`,
    })
    expect(codesOf(text)).toEqual(codes)
  })

  test('a range over both ports of the proxy is told for each', () => {
    const text = yaml({
      nat: '{ forwards: [{ listen: 1-1000/tcp, to: "db:1-1000" }] }',
      routes: '[{ host: a.example, to: blog }]',
    })
    expect(codesOf(text)).toEqual(['S64-M024', 'S64-M024'])
  })
})

describe('routes', () => {
  test.each([
    ['{ host: a.example, to: four }', []],
    ['{ host: [a.example, b.example, "*.b.example"], to: blog, proxyProtocol: v1, ipv6: off }', []],
    ['{ host: a.example, to: blog, proxyProtocol: off, ipv6: direct }', []],
    ['{ host: [], to: blog }', ['S64-C007']],
    ['{ host: "*.a.example", to: blog }, { host: "*.A.example", to: db }', ['S64-M027']],
    ['{ host: [a.example, a.example], to: blog }', ['S64-M027']],
    ['{ host: bücher.example, to: blog }', ['S64-M026']],
    ['{ host: "a.*.example", to: blog }', ['S64-M026']],
    ['{ host: a.example, to: nobody, ipv6: direct }', ['S64-M018']],
    ['{ host: a.example, to: blog, http: off, https: off }', ['S64-M029']],
  ])('%s', (text, codes) => {
    expect(route(text)).toEqual(codes)
  })
})
