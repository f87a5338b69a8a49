import { describe, expect, test } from 'vitest'
import { backendOf } from '../../src/model/reverse-proxy.ts'
import type { Model, Route } from '../../src/model/types.ts'
import type { PlannedChange } from '../../src/engine/types.ts'
import { dnsOf, dnsText, touchedDns } from '../../src/report/dns.ts'
import { planDocument, reconcileDocument } from '../../src/report/plan-json.ts'
import { planMarkdown } from '../../src/report/plan-markdown.ts'
import { planText } from '../../src/report/plan-text.ts'
import { touchedRoutes } from '../../src/report/route-changes.ts'
import { plain } from '../../src/text/paint.ts'
import { change, container, DELETE, HOSTILE, model, pass, plan, route } from './samples.ts'

const wiki = route({ hosts: ['wiki.example.org'], container: 'wiki', http: 'redirect', ipv6: 'proxy' })
const blog = route({ hosts: ['blog.example.org', 'www.example.org'] })
const both = model({
  containers: [container(), container({ name: 'wiki', ipv6: '2001:db8:1:1::1:22', ipv4: '10.64.0.22' })],
  routes: [blog, wiki],
})
const upstream = { ipv4: ['203.0.113.2'], publicIpv6: ['2001:db8:1:1::2'] }
const view = { model: both, upstream }
const entry = change({ kind: 'proxy-route', key: 'http www.example.org' })

function touchedBy(parts: Partial<PlannedChange>, wanted: Model = both): readonly Route[] {
  return touchedRoutes(wanted, [change({ after: undefined, ...parts })])
}

describe('the routes that a change concerns', () => {
  const backend = backendOf(blog, 'https', both)?.name ?? ''

  test.each([
    ['one of its names', { kind: 'proxy-route', key: 'http www.example.org' }, [blog]],
    ['a name of the other port', { kind: 'proxy-route', key: 'https wiki.example.org' }, [wiki]],
    ['its backend', { kind: 'proxy-backend', key: backend }, [blog]],
    ['a direct port by key', { kind: 'direct-port', key: '2001:db8:1:1::1:2 tcp 80' }, [blog]],
    ['a direct port by value', { kind: 'direct-port', key: 'x', after: { container: 'blog' } }, [blog]],
    ['the whole proxy', { kind: 'reverse-proxy', key: 'haproxy' }, [blog, wiki]],
    ['an unknown name', { kind: 'proxy-route', key: 'http example.org' }, []],
    ['a direct port of what is not direct', { kind: 'direct-port', key: '2001:db8:1:1::1:22 tcp 80' }, []],
    ['another kind', { kind: 'exposure', key: '2001:db8:1:1::1:2 tcp 80' }, []],
    ['a kind that begins alike', { kind: 'reverse-proxy-log', key: 'x' }, []],
  ])('%s', (_, parts, expected) => {
    expect(touchedBy(parts)).toEqual(expected)
  })

  test('a direct port that goes is of what the route was before', () => {
    const gone = { kind: 'direct-port', key: '2001:db8:1:1::1:22 tcp 80', action: 'delete' as const }
    expect(touchedBy(gone)).toEqual([wiki])
  })

  test('what is blocked counts where it is asked for', () => {
    expect(touchedRoutes(both, [])).toEqual([])
    expect(touchedRoutes(both, [], ['proxy-route https wiki.example.org'])).toEqual([wiki])
    expect(touchedRoutes(both, [], ['direct-port 2001:db8:1:1::1:2 tcp 80'])).toEqual([blog])
    expect(touchedRoutes(both, [], ['reverse-proxy haproxy'])).toEqual([blog, wiki])
    expect(touchedRoutes(both, [], ['bridge br-ct'])).toEqual([])
  })

  test('a container that is not there keeps nothing from being found', () => {
    const lost = route({ hosts: ['x.example'], container: 'nobody' })
    const wanted = model({ routes: [lost] })
    expect(touchedBy({ kind: 'proxy-route', key: 'http x.example' }, wanted)).toEqual([lost])
    expect(touchedBy({ kind: 'direct-port', key: 'nobody' }, wanted)).toEqual([])
  })
})

describe('the records', () => {
  test('are of every name, with the setting that they come from', () => {
    expect(dnsOf(view)).toEqual([
      { host: 'blog.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::1:2'], ipv6: 'direct' },
      { host: 'www.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::1:2'], ipv6: 'direct' },
      { host: 'wiki.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::2'], ipv6: 'proxy' },
    ])
    expect(dnsOf(undefined)).toEqual([])
  })

  test('of a plan are those of the routes that it touches, held back or not', () => {
    const names = (parts: Parameters<typeof plan>[0]) => touchedDns(plan(parts), view).map(({ host }) => host)
    expect(names({ changes: [entry, DELETE] })).toEqual(['blog.example.org', 'www.example.org'])
    expect(names({ heldBack: [entry] })).toHaveLength(2)
    expect(names({ changes: [DELETE] })).toEqual([])
  })

  test('of a proxy that is only started again are none; of one that moves, all', () => {
    const proxy = { kind: 'reverse-proxy', key: 'haproxy', action: 'update' as const }
    const names = (before: unknown, after: unknown) =>
      touchedDns(plan({ changes: [change({ ...proxy, before, after })] }), view).length
    const there = { state: 'stopped', listeners: ['203.0.113.2:80'] }
    expect(names(there, { ...there, state: 'running' })).toBe(0)
    expect(names(there, { ...there, listeners: ['203.0.113.9:80'] })).toBe(3)
    expect(names(undefined, there)).toBe(3)
  })

  test('as text are aligned, and say where there is none', () => {
    const off = { host: '*.example.org', a: [], aaaa: [], ipv6: 'off' } as const
    expect(dnsText([...dnsOf(view).slice(1), off])).toBe(
      [
        'DNS that the routes above need:',
        '  www.example.org   A 203.0.113.2  AAAA 2001:db8:1:1::1:2 (direct)',
        '  wiki.example.org  A 203.0.113.2  AAAA 2001:db8:1:1::2 (proxy)',
        '  *.example.org     A none         AAAA none (off)',
        '',
      ].join('\n'),
    )
    expect(dnsText([])).toBe('')
  })

  test('as text are folded above 200, and counted', () => {
    const many = (count: number) =>
      dnsText(
        Array.from({ length: count }, (_, n) => ({ host: `h${n}`, a: [], aaaa: [], ipv6: 'off' as const })),
      )
    expect(many(200).split('\n')).toHaveLength(202)
    expect(many(201).split('\n').slice(-3)).toEqual([
      '  h19  A none  AAAA none (off)',
      '  ... and 181 more: see `dns` of -o json',
      '',
    ])
  })
})

describe('the plan', () => {
  const touching = plan({ changes: [entry] })

  test('as text ends with them', () => {
    const text = planText(touching, { paint: plain, file: 'network.yaml' }, view)
    expect(text.split('\n').slice(-6)).toEqual([
      'Plan: 1 to create, 0 to update, 0 to delete.',
      '',
      'DNS that the routes above need:',
      '  blog.example.org  A 203.0.113.2  AAAA 2001:db8:1:1::1:2 (direct)',
      '  www.example.org   A 203.0.113.2  AAAA 2001:db8:1:1::1:2 (direct)',
      '',
    ])
  })

  test.each([
    ['nothing touches a route', plan({ changes: [DELETE] }), view],
    ['nobody says what routes there are', touching, undefined],
    ['nothing changes', plan(), view],
    ['nothing is known', plan({ known: false, changes: [entry] }), view],
  ])('has none when %s', (_, found, routes) => {
    expect(planText(found, { paint: plain, file: 'network.yaml' }, routes)).not.toContain('DNS')
    expect(planMarkdown(found, 'network.yaml', routes === undefined ? {} : { routes })).not.toContain('DNS')
  })

  test('as JSON has those of all routes, whatever changes', () => {
    expect(planDocument(plan(), { routes: view }).dns).toEqual(dnsOf(view))
    expect(reconcileDocument(pass(), { routes: view }).dns).toEqual(dnsOf(view))
    expect(planDocument(plan()).dns).toEqual([])
  })

  test('as Markdown has a table of them', () => {
    const text = planMarkdown(touching, 'network.yaml', { routes: view })
    expect(text).toContain(
      '\n**DNS that the routes above need**\n\n| name | A | AAAA |\n|---|---|---|\n| blog.example.org | 203.0.113.2 | 2001:db8:1:1::1:2 &#40;direct&#41; |\n',
    )
    const wildcard = model({ routes: [route({ hosts: ['*.example.org'] })] })
    const all = plan({ changes: [change({ kind: 'reverse-proxy', key: 'haproxy' })] })
    expect(planMarkdown(all, 'f', { routes: { model: wildcard, upstream } })).toContain(
      '| &#42;.example.org |',
    )
  })

  test('shows hostile text as text', () => {
    const evil = model({ routes: [route({ hosts: [HOSTILE] })], upstream: { interface: 'eth0' } })
    const routes = { model: evil, upstream: { ipv4: [HOSTILE], publicIpv6: [] } }
    const all = plan({ changes: [change({ kind: 'reverse-proxy', key: 'haproxy' })] })
    expect(planText(all, { paint: plain, file: 'f' }, routes)).toMatch(/^[\x20-\x7e\n]*$/)
    expect(planMarkdown(all, 'f', { routes })).not.toContain('<b>')
  })
})
