import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RouteConfig } from '../../src/config/types.ts'
import { curl } from '../lab/curl.ts'
import type { Lab } from '../lab/lab.ts'
import { serveWeb, visit } from '../lab/web.ts'
import { CLOSED, HOST, IPV6, plan, reconcile } from './fixtures.ts'
import { CLIENT6, createSites, HOST6, route, routesYaml, tls, web, whoAnswers } from './proxy-fixtures.ts'

let lab: Lab
const PLACES = ['same', 'other', 'moved', 'proxied', 'hidden']
const OWN = {
  same: `${IPV6}1:2`,
  other: `${IPV6}1:3`,
  moved: `${IPV6}1:4`,
  proxied: `${IPV6}1:5`,
  hidden: `${IPV6}1:6`,
}
const direct = (to: string, more: Partial<RouteConfig> = {}) => route(to, { ipv6: 'direct', ...more })
const ROUTES = [
  direct('same'),
  direct('other', { http: 8080, https: 8443 }),
  direct('moved', { http: 'redirect' }),
  route('proxied'),
  route('hidden', { ipv6: 'off' }),
]

beforeAll(async () => {
  lab = await createSites(...PLACES)
  await serveWeb(lab, 'other', 8080)
  await serveWeb(lab, 'other', 8443, { certificate: 'ports.example.org' })
  await Promise.all(PLACES.map(async (place) => lab.serve(place, '22/tcp')))
  await reconcile(lab, routesYaml(lab, PLACES, ROUTES))
})
afterAll(async () => lab.destroy())

/** What is reached on the two ports at this address under the place's name. */
async function reached(place: string, address: string): Promise<readonly string[]> {
  const [host, timeoutMs] = [`${place}.example.org`, 400]
  return Promise.all([web, tls].map(async (how) => whoAnswers(lab, how(host, { address, timeoutMs }))))
}

describe('direct', () => {
  it('the container is reached at its own address, by the client itself', async () => {
    const { status, body } = await curl(lab, 'internet', OWN.same, 'http://same.example.org/')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ name: 'same', port: 80, peer: { address: CLIENT6 } })
    expect(JSON.parse(body).headers).not.toHaveProperty('x-forwarded-for')
    const safe = await visit(lab, 'internet', tls('same.example.org', { address: OWN.same }))
    expect(safe).toMatchObject({ certificate: 'same.example.org' })
    expect(safe.body).toContain(`same:443 peer ${CLIENT6}:`)
  })

  it('80 and 443 lead to the backend’s ports, where they are others', async () => {
    const { body } = await curl(lab, 'internet', OWN.other, 'http://other.example.org/')
    expect(JSON.parse(body)).toMatchObject({ name: 'other', port: 8080, peer: { address: CLIENT6 } })
    const safe = await visit(lab, 'internet', tls('other.example.org', { address: OWN.other }))
    expect(safe).toMatchObject({ certificate: 'ports.example.org' })
    expect(await whoAnswers(lab, web('other.example.org'))).toBe('other')
  })

  it('nothing else is opened: neither the backend’s ports nor any other', async () => {
    const ports = [OWN.same, OWN.moved].map((address) => [address, 22] as const)
    for (const [address, port] of [...ports, [OWN.other, 8080], [OWN.other, 8443], [OWN.other, 22]] as const)
      expect(CLOSED).toContain(await lab.tcp('internet', address, port, { timeoutMs: 300 }))
  })

  it('a redirect is answered at the container’s own address too', async () => {
    for (const address of [OWN.moved, HOST]) {
      const { status, headers } = await curl(lab, 'internet', address, 'http://moved.example.org/a?b=c')
      expect({ status, location: headers['location'] }).toEqual({
        status: 301,
        location: 'https://moved.example.org/a?b=c',
      })
    }
    const safe = await visit(lab, 'internet', tls('moved.example.org', { address: OWN.moved }))
    expect(safe.body).toContain(`moved:443 peer ${CLIENT6}:`)
  })

  it('containers reach each other’s names as the internet does', async () => {
    const { status } = await curl(lab, 'same', OWN.other, 'http://other.example.org/')
    expect(status).toBe(200)
    expect((await curl(lab, 'same', HOST, 'http://proxied.example.org/')).status).toBe(200)
    expect((await curl(lab, 'same', OWN.moved, 'http://moved.example.org/')).status).toBe(301)
  })
})

describe('proxy and off', () => {
  it('proxy: at the host’s address, not at the container’s own', async () => {
    expect(await reached('proxied', HOST6)).toEqual(['proxied', 'proxied'])
    for (const outcome of await reached('proxied', OWN.proxied)) expect(CLOSED).toContain(outcome)
  })

  it('off: at the IPv4 only', async () => {
    expect(await reached('hidden', HOST)).toEqual(['hidden', 'hidden'])
    for (const outcome of await reached('hidden', OWN.hidden)) expect(CLOSED).toContain(outcome)
  })
})

it('the host’s IPv6 is listened on only as long as a route asks for it', async () => {
  await reconcile(
    lab,
    routesYaml(
      lab,
      PLACES,
      ROUTES.filter(({ ipv6 }) => ipv6 !== 'proxy'),
    ),
  )
  expect(await reached('same', HOST6)).toEqual(['refused', 'refused'])
  expect(await reached('same', HOST)).toEqual(['same', 'same'])
  expect(await reached('same', OWN.same)).toEqual(['same', 'same'])
})

it('a container’s own ports are closed again when its route goes', async () => {
  await reconcile(lab, routesYaml(lab, PLACES, ROUTES.slice(1)))
  for (const outcome of await reached('same', OWN.same)) expect(CLOSED).toContain(outcome)
  expect(await reached('other', OWN.other)).toEqual(['other', 'other'])
  expect(await plan(lab)).toMatchObject({ hasChanges: false, errors: [] })
})
