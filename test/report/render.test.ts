import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { nameRecords } from '../../src/model/reverse-proxy.ts'
import { renderDocument, renderJson, renderYaml } from '../../src/report/render.ts'
import { container, model, route } from './samples.ts'

const full = model({ routes: [route()] })

describe('render', () => {
  test('spells out every default and derived value', () => {
    expect(parse(renderYaml(full))).toStrictEqual({
      upstream: { interface: 'eth0', ipv4: '203.0.113.2' },
      prefix: { cidr: '2001:db8:1:1::/64', delivery: 'on-link' },
      networks: {
        'br-ct': {
          mac: '02:64:00:00:00:01',
          mtu: 1500,
          ipv6: { cidr: '2001:db8:1:1::1:0/112', gateway: '2001:db8:1:1::1:1', length: 112 },
          ipv4: { cidr: '10.64.0.0/24', gateway: '10.64.0.1', length: 24 },
        },
      },
      containers: {
        blog: {
          network: 'br-ct',
          runtime: { type: 'lxc', name: 'blog', interface: 'eth0' },
          mac: '02:64:00:00:00:02',
          ipv6: '2001:db8:1:1::1:2',
          ipv6Gateway: '2001:db8:1:1::1:1',
          ipv4: '10.64.0.2',
          ipv4Gateway: '10.64.0.1',
          proxyNeighbour: true,
          expose: ['80/tcp', '443/tcp'],
        },
      },
      nat: {
        source: 'snat',
        forwards: [{ listen: '2222/tcp', to: 'blog:22', backend: '10.64.0.2:22', from: [] }],
      },
      routes: [
        {
          hosts: ['blog.example.org'],
          to: 'blog',
          http: 80,
          https: 443,
          proxyProtocol: 'off',
          ipv6: 'direct',
          dns: [{ host: 'blog.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::1:2'] }],
        },
      ],
      firewall: {
        ipv6: 'deny',
        eastWest: 'allow',
        antiSpoof: true,
        metadata: 'deny',
        toHost: 'all',
        limits: { connections: 16_384 },
      },
      policy: { prune: 'own' },
      metrics: { containers: false },
      ownership: {
        table: 'inet slash64',
        frameTable: 'bridge slash64',
        routeProtocol: 164,
        neighbourProtocol: 164,
        linkAlias: 'slash64:NAME',
        linkGroup: 164,
        addressMetric: 164,
      },
    })
  })

  test('says the same as JSON', () => {
    expect(JSON.parse(renderJson(full))).toEqual(parse(renderYaml(full)))
  })

  test('uses no aliases, and wraps no lines', () => {
    const hosts = Array.from({ length: 3 }, (_, index) => `${'long-name.'.repeat(10)}${index}.example.org`)
    const text = renderYaml(model({ routes: [route({ hosts })] }))
    expect(text).not.toMatch(/[&*][a-z]/)
    expect(text).toContain(`- ${hosts[0]}\n`)
  })

  test('shows hostile text as text, in one document', () => {
    const evil = 'a\u001b[31m\u202e\n---\nb: 1'
    const text = renderYaml(model({ containers: [container({ name: evil })] }))
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
    expect(Object.keys(parse(text))).toContain('policy')
  })
})

describe('the reverse proxy in render', () => {
  const proxy = {
    listeners: ['203.0.113.2:80', '[2001:db8::2]:443'],
    files: {
      'haproxy.cfg': 'global\n    maxconn 4\n\ndefaults\n',
      'http.map': 'a.example b\n',
      'tls.map': '',
    },
  }

  test('has its files as literal blocks, which parse to the same text', () => {
    const text = renderYaml(full, proxy)
    expect(text).toContain('    haproxy.cfg: |\n      global\n          maxconn 4\n\n      defaults\n')
    expect(parse(text)).toHaveProperty('reverseProxy', proxy)
    expect(JSON.parse(renderJson(full, proxy))).toHaveProperty('reverseProxy', proxy)
  })

  test('is there only with routes', () => {
    expect(renderDocument(model(), proxy)).not.toHaveProperty('reverseProxy')
    expect(renderDocument(full)).not.toHaveProperty('reverseProxy')
  })
})

describe('nameRecords', () => {
  test('has a container answer for itself when reached directly', () => {
    expect(nameRecords(route(), model())).toEqual([
      { host: 'blog.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::1:2'] },
    ])
  })

  test('has the host answer where the reverse proxy does', () => {
    expect(nameRecords(route({ ipv6: 'proxy' }), model())[0]?.aaaa).toEqual(["(the upstream's IPv6)"])
  })

  test.each([
    ['IPv6 is off', route({ ipv6: 'off' }), model()],
    ['the container is unknown', route({ container: 'nobody' }), model()],
  ])('has no AAAA when %s', (_, one, wanted) => {
    expect(nameRecords(one, wanted)[0]?.aaaa).toEqual([])
  })

  test('has what the host has where the file leaves it open', () => {
    const open = model({ upstream: { interface: 'eth0' } })
    expect(nameRecords(route(), open)[0]?.a).toEqual(["(the upstream's IPv4)"])
    const upstream = { ipv4: ['203.0.113.7'], publicIpv6: ['2001:db8::7'] }
    expect(nameRecords(route({ ipv6: 'proxy' }), open, upstream)).toEqual([
      { host: 'blog.example.org', a: ['203.0.113.7'], aaaa: ['2001:db8::7'] },
    ])
    expect(nameRecords(route(), model(), upstream)[0]?.a).toEqual(['203.0.113.2'])
  })

  test('lists every name of the route', () => {
    const records = nameRecords(route({ hosts: ['a.example', '*.b.example'] }), model())
    expect(records.map(({ host }) => host)).toEqual(['a.example', '*.b.example'])
  })
})
