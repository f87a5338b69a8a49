import { describe, expect, test } from 'vitest'
import { ansi, plain } from '../../src/text/paint.ts'
import { backendOf } from '../../src/model/reverse-proxy.ts'
import type { BackendHealth, HostFacts } from '../../src/model/world.ts'
import { statusDocument, statusErrorDocument } from '../../src/report/status.ts'
import { statusText } from '../../src/report/status-text.ts'
import { jsonText } from '../../src/text/escape.ts'
import { change, container, facts, HOSTILE, model, plan, PLACED, proxy, route, SOURCE } from './samples.ts'

const blog = route({ hosts: ['blog.example.org', 'www.example.org'] })
const { ipv6: _, ...noIpv6 } = container({ name: 'db', ipv4: '10.64.0.3' })
const db = route({ hosts: ['db.example.org'], container: 'db', http: 'redirect', https: 8443, ipv6: 'off' })
const wanted = model({ containers: [container(), noIpv6], routes: [blog, db] })

function withHealth(http: BackendHealth, https: BackendHealth, parts: Partial<HostFacts> = {}): HostFacts {
  const name = (protocol: 'http' | 'https') => backendOf(blog, protocol, wanted)?.name ?? ''
  const health = new Map([
    [name('http'), http],
    [name('https'), https],
  ])
  return facts({ proxy: proxy({ health }), ...parts })
}

function lines(...args: Parameters<typeof statusDocument>): readonly string[] {
  return statusText(statusDocument(...args), args[1], { paint: plain }).split('\n')
}

describe('the document', () => {
  test('has exactly the names that are promised', () => {
    const document = statusDocument(wanted, plan(), withHealth('up', 'down'))
    expect(
      JSON.parse(jsonText({ routes: document.routes, reverseProxy: document.reverseProxy })),
    ).toStrictEqual({
      routes: [
        {
          hosts: ['blog.example.org', 'www.example.org'],
          to: 'blog',
          http: { backend: '10.64.0.2:80', health: 'up' },
          https: { backend: '10.64.0.2:443', health: 'down' },
          proxyProtocol: 'off',
          ipv6: 'direct',
          dns: [
            { host: 'blog.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::1:2'] },
            { host: 'www.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::1:2'] },
          ],
          inSync: true,
        },
        {
          hosts: ['db.example.org'],
          to: 'db',
          http: 'redirect',
          https: { backend: '10.64.0.3:8443', health: 'unknown' },
          proxyProtocol: 'off',
          ipv6: 'off',
          dns: [{ host: 'db.example.org', a: ['203.0.113.2'], aaaa: [] }],
          inSync: true,
        },
      ],
      reverseProxy: {
        state: 'running',
        version: '2.6.12',
        features: ['http', 'https', 'proxyProtocol'],
        oldProcesses: 0,
        listeners: ['203.0.113.2:80', '203.0.113.2:443'],
      },
    })
  })

  test('has null for a port that is off, and brackets around IPv6', () => {
    const { ipv4: _ipv4, ...six } = container()
    const one = model({ containers: [six], routes: [route({ http: 'off', ipv6: 'proxy' })] })
    const { routes, reverseProxy } = statusDocument(one, plan(), facts())
    expect(routes[0]).toMatchObject({ http: null, https: { backend: '[2001:db8:1:1::1:2]:443' } })
    expect(reverseProxy.listeners).toEqual(['203.0.113.2:443', '[2001:db8:1:1::1]:443'])
    expect(routes[0]?.dns[0]?.aaaa).toEqual(['2001:db8:1:1::1'])
  })

  test.each([
    ['running', true],
    ['stopped', false],
    ['unknown', undefined],
  ] as const)('says that the proxy is %s', (state, running) => {
    const found = facts({ proxy: proxy({ running, installed: undefined }) })
    expect(statusDocument(wanted, plan(), found).reverseProxy).toMatchObject({ state, version: null })
  })

  test('has neither routes nor a proxy where none is wanted, even if one runs', () => {
    const { routes, reverseProxy } = statusDocument(model(), plan(), facts())
    expect({ routes, reverseProxy }).toEqual({
      routes: [],
      reverseProxy: { state: 'none', version: null, features: [], oldProcesses: 0, listeners: [] },
    })
    expect(lines(model(), plan(), facts()).join('\n')).not.toMatch(/reverse proxy|ROUTE/)
  })

  test('has its names also when nothing could be looked at', () => {
    const reverseProxy = { state: 'unknown', version: null, features: [], oldProcesses: 0, listeners: [] }
    expect(statusErrorDocument([])).toMatchObject({ routes: [], reverseProxy })
  })
})

describe('a route is not in sync', () => {
  const entry = change({ kind: 'proxy-route', key: 'http www.example.org' })
  const inSync = (parts: Parameters<typeof plan>[0]) =>
    statusDocument(wanted, plan(parts), facts()).routes.map((one) => one.inSync)

  test('when something that it is made of changes, is held back or is blocked', () => {
    expect(inSync({ changes: [entry] })).toEqual([false, true])
    expect(inSync({ heldBack: [entry] })).toEqual([false, true])
    expect(inSync({ blocked: ['proxy-route https db.example.org'] })).toEqual([true, false])
    expect(inSync({ changes: [change({ kind: 'reverse-proxy', key: 'haproxy' })] })).toEqual([false, false])
    expect(inSync({ changes: [change()] })).toEqual([true, true])
  })

  test('when nothing is known', () => {
    expect(inSync({ known: false })).toEqual([false, false])
  })

  test('and a container of the same name as its words is not concerned', () => {
    const named = model({ containers: [container({ name: 'http' })], routes: [] })
    const found = facts({
      containers: new Map([['http', { state: 'running', ipv4: ['10.64.0.2'], ipv6: ['2001:db8:1:1::1:2'] }]]),
    })
    expect(statusDocument(named, plan({ changes: [entry] }), found).containers[0]?.inSync).toBe(true)
  })
})

describe('the text', () => {
  test('has a line for the proxy and a table of routes after the containers', () => {
    const shown = lines(wanted, plan(), withHealth('up', 'unknown'))
    expect(shown[0]).toBe('converged (41 in sync, 2 foreign)')
    expect(shown[2]).toBe('reverse proxy: running, haproxy 2.6.12, 203.0.113.2:80, 203.0.113.2:443')
    expect(shown.slice(8)).toEqual([
      'ROUTE                TO    HTTP             HTTPS                   A            AAAA                        STATE',
      'blog.example.org +1  blog  10.64.0.2:80 up  10.64.0.2:443 unknown   203.0.113.2  2001:db8:1:1::1:2 (direct)  in sync',
      'db.example.org       db    redirect         10.64.0.3:8443 unknown  203.0.113.2  -                           in sync',
      '',
    ])
  })

  test('counts the workers that finish what they have', () => {
    const found = facts({ proxy: proxy({ oldProcesses: 2 }) })
    expect(lines(wanted, plan(), found)[2]).toMatch(/; 2 old workers finishing connections$/)
  })

  test('makes a backend that is down catch the eye, but is converged', () => {
    const args = [wanted, plan(), withHealth('down', 'down')] as const
    const shown = lines(...args)
    expect(shown[0]).toMatch(/^converged /)
    expect(shown[2]).toMatch(/; 2 backends down$/)
    expect(shown[9]).toMatch(/10\.64\.0\.2:80 DOWN {2}10\.64\.0\.2:443 DOWN .* backend down$/)
    expect(shown[10]).toMatch(/ in sync$/)
    const painted = statusText(statusDocument(...args), plan(), { paint: ansi })
    expect(painted).toContain('\u001b[31m2 backends down\u001b[39m')
    expect(painted).toContain('\u001b[31mblog.example.org +1')
  })

  test('counts a backend once, however many routes lead to it', () => {
    const twice = { ...wanted, routes: [blog, { ...blog, hosts: ['a.example.org'] }] }
    expect(lines(twice, plan(), withHealth('down', 'up'))[2]).toMatch(/; 1 backend down$/)
  })

  test('says which route drifted, or that nothing is known', () => {
    const found = plan({ changes: [change({ kind: 'proxy-route', key: 'https db.example.org' })] })
    const shown = lines(wanted, found, withHealth('up', 'up'))
    expect(shown[9]).toMatch(/ in sync$/)
    expect(shown[10]).toMatch(/ drifted$/)
    expect(lines(wanted, plan({ known: false }), facts())[9]).toMatch(/ unknown$/)
  })

  test('tells an address that is not there from one that could not be read', () => {
    const open = { ...wanted, upstream: { interface: 'eth0' }, routes: [blog] }
    const none = { ...facts().upstream, ipv4: [], ipv6: [] }
    expect(lines(open, plan(), facts({ upstream: none }))[9]).toMatch(/unknown {2}none {2}2001:/)
    const unread = facts({ upstream: { ...none, present: undefined, up: undefined } })
    expect(lines(open, plan({ known: false }), unread)[9]).toMatch(/unknown {2}unknown {2}2001:/)
    const several = facts({ upstream: { ...none, ipv4: ['203.0.113.2', '203.0.113.3'] } })
    expect(lines(open, plan(), several)[9]).toContain('203.0.113.2 +1  2001:')
  })

  test('shows hostile text as text', () => {
    const evil = { ...wanted, routes: [route({ hosts: [HOSTILE] })] }
    const found = facts({ proxy: proxy({ installed: HOSTILE }) })
    expect(lines(evil, plan(), found).join('\n')).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

test('what is in the way of a route is shown at its place', () => {
  const found = plan({ problems: [PLACED] })
  const document = statusDocument(wanted, found, facts(), SOURCE)
  expect(document.errors).toEqual([
    {
      code: 'S64-H017',
      message: 'port 80 is taken',
      hint: 'stop it',
      file: 'network.yaml',
      line: 3,
      column: 5,
    },
  ])
  const text = statusText(document, found, { paint: plain }, SOURCE)
  expect(text).toMatch(/\nat routes\.0: S64-H017 port 80 is taken\n$/)
})
