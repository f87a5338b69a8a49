import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { curl } from '../lab/curl.ts'
import type { Lab } from '../lab/lab.ts'
import { visit } from '../lab/web.ts'
import type { WebAnswer } from '../lab/web-answer.ts'
import { unitsOf } from '../support/unit.ts'
import { HOST, reconcile } from './fixtures.ts'
import {
  CLIENT,
  CLIENT6,
  createSites,
  expectServed,
  HOST6,
  route,
  routesYaml,
  SHUT,
  tls,
  web,
  whoAnswers,
} from './proxy-fixtures.ts'

let lab: Lab
const PLACES = ['blog', 'shop']
const ROUTES = [
  route('blog'),
  route('shop', { host: ['Shop.example.org', '*.shop.example.org', 'xn--bcher-kva.example.org'] }),
  route('blog', { host: 'exact.shop.example.org' }),
  route('blog', { host: 'moved.example.org', http: 'redirect' }),
  route('blog', { host: 'plain.example.org', https: 'off' }),
  route('blog', { host: 'safe.example.org', http: 'off' }),
]

beforeAll(async () => {
  lab = await createSites(...PLACES)
  await reconcile(lab, routesYaml(lab, PLACES, ROUTES))
})
afterAll(async () => lab.destroy())

describe('two sites on one address are told apart', () => {
  it.each([
    ['blog.example.org', 'blog'],
    ['shop.example.org', 'shop'],
    ['www.shop.example.org', 'shop'],
    ['exact.shop.example.org', 'blog'],
    ['BLOG.Example.ORG', 'blog'],
    ['EXACT.shop.example.org', 'blog'],
    ['blog.example.org.', 'blog'],
    ['www.shop.example.org.', 'shop'],
    ['xn--bcher-kva.example.org', 'shop'],
    ['XN--BCHER-KVA.example.org', 'shop'],
  ])('%s is served by %s, over both families', async (host, place) => {
    for (const address of [HOST, HOST6]) {
      expect(await whoAnswers(lab, web(host, { address }))).toBe(place)
      expect(await whoAnswers(lab, web(`${host}:80`, { address }))).toBe(place)
      const outcome = await visit(lab, 'internet', tls(host.replace(/\.$/, ''), { address }))
      expect(outcome).toMatchObject({ outcome: 'answered', certificate: `${place}.example.org` })
      expect(outcome.body).toMatch(new RegExp(`^${place}:443 `))
    }
  })

  it('a connection that stays is led by each request’s own Host', async () => {
    const url = 'http://blog.example.org/who'
    const again = ['--next', '--silent', '--include', '--noproxy', '*', '--connect-to', `::${HOST}:`]
    const first = ['--header', 'Host: shop.example.org', url, ...again]
    const { body } = await curl(lab, 'internet', HOST, url, ...first, '--write-out', 'new: %{num_connects}')
    expect(body).toMatch(/^shop:80 [^]*\nblog:80 .*\nnew: 0$/)
  })
})

describe('a name that is not served', () => {
  it.each([
    'example.org',
    'unknown.example.org',
    'a.b.shop.example.org',
    '.shop.example.org',
    'blog.example.org.evil.test',
    'safe.example.org',
    HOST,
    '',
  ])('%j gets 421 over HTTP', async (host) => {
    // Without a Host header a request is no request (RFC 9112, section 3.2).
    const allowed = host === '' ? ['400', '421'] : ['421']
    expect(allowed).toContain(await whoAnswers(lab, web(host)))
  })

  it.each(['example.org', 'unknown.example.org', 'a.b.shop.example.org', 'plain.example.org', ''])(
    '%j is closed over TLS, at once',
    async (servername) => {
      const order = tls('blog.example.org', { servername })
      const units = await unitsOf(async () => expect(await visit(lab, 'internet', order)).toEqual(SHUT))
      expect(units).toBeLessThan(20)
    },
  )

  it('is served where the route says so, on the other port', async () => {
    expect(await whoAnswers(lab, web('plain.example.org'))).toBe('blog')
    expect(await whoAnswers(lab, tls('safe.example.org'))).toBe('blog')
    expect(await whoAnswers(lab, tls('moved.example.org'))).toBe('blog')
  })
})

describe('http: redirect', () => {
  it.each([
    ['moved.example.org', '/a/b?c=1&d=%20', 'https://moved.example.org/a/b?c=1&d=%20'],
    ['MOVED.example.org:80', '/', 'https://moved.example.org/'],
    ['moved.example.org.', '/x', 'https://moved.example.org/x'],
  ])('%s%s is at %s', async (host, path, location) => {
    const answer = await curl(
      lab,
      'internet',
      HOST,
      `http://moved.example.org${path}`,
      '--header',
      `Host: ${host}`,
    )
    expect(answer).toMatchObject({ status: 301, headers: { location } })
  })

  it('takes no line break from the path into the answer', async () => {
    const { status, headers } = await curl(
      lab,
      'internet',
      HOST,
      'http://moved.example.org/%0d%0aSet-Cookie:%20a=b',
    )
    expect(status).toBe(301)
    expect(headers).not.toHaveProperty('set-cookie')
  })
})

describe('what the container is told', () => {
  async function seen(address: string, ...words: readonly string[]): Promise<WebAnswer> {
    const { body } = await curl(lab, 'internet', address, 'http://blog.example.org/a%2Fb/?c=%3D', ...words)
    return JSON.parse(body)
  }

  it('is the request as it came, and the true client', async () => {
    const answer = await seen(HOST, '--header', 'X-Some: thing', '--request', 'DELETE')
    expect(answer).toMatchObject({ method: 'DELETE', url: '/a%2Fb/?c=%3D', host: 'blog.example.org' })
    const told = { 'x-forwarded-for': CLIENT, 'x-forwarded-proto': 'http', 'x-some': 'thing' }
    expect(answer.headers).toMatchObject(told)
    expect((await seen(HOST6)).headers).toMatchObject({ 'x-forwarded-for': CLIENT6 })
  })

  it('is nothing that a client forged', async () => {
    const forged = ['--header', 'X-Forwarded-For: 192.0.2.66', '--header', 'X-Forwarded-Proto: https']
    const more = ['--header', 'x-forwarded-for: 192.0.2.67', '--header', 'Forwarded: for=192.0.2.68']
    const { headers } = await seen(HOST, ...forged, ...more)
    expect(headers).toMatchObject({ 'x-forwarded-for': CLIENT, 'x-forwarded-proto': 'http' })
    expect(JSON.stringify(headers)).not.toContain('192.0.2.6')
  })
})

describe('who does not play by the rules', () => {
  it('does no harm', async () => {
    expect(await visit(lab, 'internet', web('blog.example.org', { port: 443 }))).toEqual(SHUT)
    expect(await whoAnswers(lab, tls('blog.example.org', { port: 80 }))).not.toBe('blog')
    const silent = tls('blog.example.org', { cuts: [3], pauseMs: 1_500, timeoutMs: 400 })
    expect(await visit(lab, 'internet', silent)).toEqual({ outcome: 'timeout' })
    await expectServed(lab, 'blog', 'shop')
  })

  it('learns nothing about this program', async () => {
    const path = '/.well-known/slash64/generation'
    for (const address of [HOST, HOST6]) {
      expect(await whoAnswers(lab, web('unknown.example.org', { address, path }))).toBe('421')
      expect(await visit(lab, 'internet', web('unknown.example.org', { address, path, port: 443 }))).toEqual(
        SHUT,
      )
    }
    const { body } = await curl(lab, 'internet', HOST, `http://blog.example.org${path}`)
    expect(JSON.parse(body)).toMatchObject({ name: 'blog', url: path })
  })
})
