import { describe, expect, test } from 'vitest'
import { jsonText } from '../../src/text/escape.ts'
import { plain } from '../../src/text/paint.ts'
import { statusDocument } from '../../src/report/status.ts'
import { statusText } from '../../src/report/status-text.ts'
import type { ContainerFacts } from '../../src/model/world.ts'
import { change, container, DELETE, facts, HOSTILE, model, plan } from './samples.ts'

const problem = { code: 'S64-K001', message: 'a bridge is in the way', hint: 'rename it' }

function lines(...args: Parameters<typeof statusDocument>): readonly string[] {
  return statusText(statusDocument(...args), args[1], { paint: plain }).split('\n')
}

function withBlog(fact: Partial<ContainerFacts>) {
  return facts({ containers: new Map([['blog', { state: 'running', ipv4: [], ipv6: [], ...fact }]]) })
}

describe('the state', () => {
  test.each([
    ['converged', {}],
    ['drifted', { changes: [change()] }],
    ['drifted', { heldBack: [DELETE] }],
    ['degraded', { problems: [problem] }],
    ['degraded', { problems: [problem], changes: [change()] }],
    ['unknown', { known: false, problems: [problem] }],
    ['unknown', { known: false }],
  ] as const)('is %s for %j', (state, parts) => {
    const found = plan(parts)
    expect(statusDocument(model(), found, facts()).state).toBe(state)
    expect(lines(model(), found, facts())[0]?.split(' ')[0]).toBe(state)
  })
})

describe('statusDocument', () => {
  test('has exactly the names that are promised', () => {
    const document = statusDocument(model(), plan(), facts())
    expect(JSON.parse(jsonText(document))).toStrictEqual({
      formatVersion: '1.0',
      known: true,
      state: 'converged',
      upstream: {
        interface: 'eth0',
        present: true,
        up: true,
        ipv4: { desired: '203.0.113.2', observed: ['203.0.113.2'] },
        ipv6: { desired: null, observed: ['2001:db8:1:1::1'] },
      },
      containers: [
        {
          name: 'blog',
          state: 'running',
          network: 'br-ct',
          runtime: 'lxc',
          ipv6: { desired: '2001:db8:1:1::1:2', observed: ['2001:db8:1:1::1:2'] },
          ipv4: { desired: '10.64.0.2', observed: ['10.64.0.2'] },
          proxyNeighbour: 'present',
          expose: ['80/tcp', '443/tcp'],
          inSync: true,
        },
      ],
      routes: [],
      reverseProxy: { state: 'none', version: null, features: [], oldProcesses: 0, listeners: [] },
      summary: { create: 0, update: 0, delete: 0, heldBack: 0, inSync: 41, foreign: 2 },
      changes: [],
      heldBack: [],
      errors: [],
    })
  })

  test('finds the changes of a container by whole address, not by its beginning', () => {
    const other = container({ name: 'other', ipv6: '2001:db8:1:1::1:22', ipv4: '10.64.0.22' })
    const both = model({ containers: [container(), other] })
    const [blog, rest] = statusDocument(both, plan({ changes: [change()] }), facts()).containers
    expect(blog).toMatchObject({ inSync: false, proxyNeighbour: 'missing' })
    expect(rest).toMatchObject({ state: 'unknown', inSync: false })
    const seen = new Map([
      ['other', { state: 'running' as const, ipv4: ['10.64.0.22'], ipv6: ['2001:db8:1:1::1:22'] }],
    ])
    const [, known] = statusDocument(
      both,
      plan({ changes: [change()] }),
      facts({ containers: seen }),
    ).containers
    expect(known).toMatchObject({ state: 'running', inSync: true, proxyNeighbour: 'present' })
  })

  test.each([
    ['its key', { kind: 'route', key: '2001:db8:1:1::1:2/128 dev br-ct' }],
    ['a value with a port', { kind: 'forward', key: 'tcp 2222', after: { to: '10.64.0.2:22' } }],
    ['its name in a list', { kind: 'link', key: 'v-x', before: { of: ['blog'] }, after: undefined }],
  ])('is not in sync when a change names it by %s', (_, parts) => {
    const found = plan({ changes: [change(parts)] })
    expect(statusDocument(model(), found, facts()).containers[0]?.inSync).toBe(false)
  })

  test('is not in sync when a running container lacks its address', () => {
    const [blog] = statusDocument(model(), plan(), withBlog({ ipv4: ['10.64.0.2'] })).containers
    expect(blog).toMatchObject({ inSync: false, ipv6: { desired: '2001:db8:1:1::1:2', observed: [] } })
  })

  test('withdraws the proxy neighbour of an absent container, which is no drift', () => {
    const [blog] = statusDocument(model(), plan(), withBlog({ state: 'absent' })).containers
    expect(blog).toMatchObject({ state: 'absent', proxyNeighbour: 'withdrawn', inSync: true })
  })

  test('knows nothing of neighbours where none are needed or nothing could be read', () => {
    const routed = model({ prefix: { cidr: '2001:db8:1:1::/64', delivery: 'routed' } })
    expect(statusDocument(routed, plan(), facts()).containers[0]?.proxyNeighbour).toBe('none')
    const blind = statusDocument(model(), plan({ known: false }), facts())
    expect(blind.containers[0]).toMatchObject({ proxyNeighbour: 'unknown', inSync: false })
  })

  test('says `all` for an open container', () => {
    const open = model({ containers: [container({ expose: 'all' })] })
    expect(statusDocument(open, plan(), facts()).containers[0]?.expose).toEqual(['all'])
  })
})

describe('statusText', () => {
  test('shows state, upstream interface, containers, drift and errors', () => {
    const none = container({
      name: 'vm',
      runtime: { type: 'none', name: 'vm', interface: 'eth0' },
      expose: [],
    })
    const { ipv4: _, ...noIpv4 } = none
    const both = model({ containers: [container(), noIpv4] })
    const found = plan({ changes: [change()], problems: [problem] })
    expect(lines(both, found, facts())).toEqual([
      'degraded (1 to create, 0 to update, 0 to delete; 41 in sync, 2 foreign)',
      'upstream eth0: up, 203.0.113.2, 2001:db8:1:1::1',
      '',
      'CONTAINER  STATE              NETWORK  IPV6               IPV4       PROXY NEIGHBOUR  EXPOSES',
      'blog       running            br-ct    2001:db8:1:1::1:2  10.64.0.2  missing          2 ports',
      'vm         managed elsewhere  br-ct    2001:db8:1:1::1:2  -          missing          none',
      '',
      '  + proxy-neighbour  2001:db8:1:1::1:2 dev eth0  was there and is gone  drift',
      '',
      'error[S64-K001]: a bridge is in the way',
      '  rename it',
      '',
    ])
  })

  test('names the addresses that are missing', () => {
    const shown = lines(model(), plan(), {
      ...withBlog({}),
      upstream: { ...facts().upstream, up: false, ipv4: [] },
    })
    expect(shown[1]).toBe('upstream eth0: down, 203.0.113.2 missing, 2001:db8:1:1::1')
    expect(shown[4]).toContain('2001:db8:1:1::1:2 missing  10.64.0.2 missing')
  })

  test('says that the upstream interface is absent', () => {
    const gone = { name: 'eth0', present: false, up: false, ipv4: [], ipv6: [], publicIpv6: [] }
    expect(lines(model(), plan(), facts({ upstream: gone }))[1]).toBe('upstream eth0: absent')
  })

  test('claims nothing of an upstream interface that could not be read', () => {
    const unread = { name: 'eth0', present: undefined, up: undefined, ipv4: [], ipv6: [], publicIpv6: [] }
    const args = [model(), plan({ known: false }), facts({ upstream: unread })] as const
    expect(lines(...args)[1]).toBe('upstream eth0: unknown')
    const document: unknown = JSON.parse(jsonText(statusDocument(...args)))
    expect(document).toMatchObject({ known: false, upstream: { present: null, up: null } })
  })

  test('has no table without containers', () => {
    expect(lines(model({ containers: [] }), plan(), facts())).toEqual([
      'converged (41 in sync, 2 foreign)',
      'upstream eth0: up, 203.0.113.2, 2001:db8:1:1::1',
      '',
    ])
  })

  test('shows hostile text as text', () => {
    const evil = facts({ upstream: { ...facts().upstream, ipv6: [HOSTILE], publicIpv6: [HOSTILE] } })
    const found = plan({
      changes: [change({ key: HOSTILE })],
      problems: [{ code: 'S64-X', message: HOSTILE, hint: HOSTILE }],
    })
    expect(lines(model(), found, evil).join('\n')).toMatch(/^[\x20-\x7e\n]*$/)
  })
})
