import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { curl } from '../lab/curl.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import type { WebAnswer } from '../lab/web-answer.ts'
import { serveWeb } from '../lab/web.ts'
import { container, HOST, networkYaml, reconcile } from './fixtures.ts'
import { CLIENT, CLIENT6, HOST6, route, say } from './proxy-fixtures.ts'

let lab: Lab
const PLACES = ['first', 'second', 'none', 'six'] as const
const VERSIONS = { first: 'v1', second: 'v2', none: undefined, six: 'v2' } as const

beforeAll(async () => {
  lab = await createLab({ containers: PLACES })
  for (const place of PLACES) {
    const proxyProtocol = VERSIONS[place]
    const speaks = proxyProtocol === undefined ? {} : { proxyProtocol }
    await serveWeb(lab, place, 80, speaks)
    await serveWeb(lab, place, 443, { certificate: `${place}.example.org`, ...speaks })
  }
  const containers = {
    first: container(lab, 'first', 2),
    second: container(lab, 'second', 3),
    none: container(lab, 'none', 4),
    six: { runtime: { type: 'netns', name: lab.namespace('six') }, ipv6: '::1:5' },
  } as const
  const routes = PLACES.map((place) => route(place, { proxyProtocol: VERSIONS[place] ?? 'off' }))
  await reconcile(lab, networkYaml({ containers, routes }))
})
afterAll(async () => lab.destroy())

async function seen(scheme: string, place: string, address: string): Promise<WebAnswer> {
  const { status, body, complaint } = await curl(
    lab,
    'internet',
    address,
    `${scheme}://${place}.example.org/`,
  )
  if (status !== 200) throw new Error(`${scheme} ${place} at ${address}: ${status} ${complaint}`)
  return JSON.parse(body)
}

const CASES = [
  ['http', 80, HOST, CLIENT],
  ['https', 443, HOST, CLIENT],
  ['http', 80, HOST6, CLIENT6],
  ['https', 443, HOST6, CLIENT6],
] as const

describe.each(CASES)('%s to port %i of %s', (scheme, port, address, client) => {
  it.each(['first', 'second', 'six'])('tells %s the true client, and where it came to', async (place) => {
    const answer = await seen(scheme, place, address)
    expect(answer).toMatchObject({ name: place, client: { address: client }, destination: { address, port } })
    expect(answer.client?.port).toBeGreaterThan(1_023)
  })

  it('without the PROXY protocol the host is the client', async () => {
    const answer = await seen(scheme, 'none', address)
    expect(answer).toMatchObject({ name: 'none', peer: { address: '10.64.0.1' } })
    expect(answer).not.toHaveProperty('client')
  })
})

it('an IPv6-only container is reached over IPv4 through its IPv6', async () => {
  expect((await seen('https', 'six', HOST)).peer.address).toMatch(/^2001:db8:1:1::/)
})

it('the checks speak the protocol too: every server is up', async () => {
  // After the name and address: operational state 2 is running, check result 3 is passed.
  const up = await eventually(async () => {
    const lines = (await say(lab, 'admin', 'show servers state'))
      .split('\n')
      .filter((line) => /^\d+ /.test(line))
    const states = lines.map((line) => line.split(' '))
    const ours = states.filter(([, name = '']) => PLACES.some((place) => name.includes(`-${place}-`)))
    return ours.length === 8 && ours.every((cells) => cells[5] === '2' && cells[11] === '3')
  })
  expect(up).toBe(true)
})
