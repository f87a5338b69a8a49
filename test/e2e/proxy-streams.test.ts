import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Lab, Stream } from '../lab/lab.ts'
import { openWebStream, visit } from '../lab/web.ts'
import { HOST, reconcile } from './fixtures.ts'
import { createSites, HOST6, processes, route, routesYaml, tls, web } from './proxy-fixtures.ts'

let lab: Lab
const PLACES = ['blog', 'shop', 'more']
const ROUTES = [route('blog'), route('shop')]

beforeAll(async () => {
  lab = await createSites(...PLACES)
  await reconcile(lab, routesYaml(lab, PLACES, ROUTES))
})
afterAll(async () => lab.destroy())

describe('a ClientHello that does not come in one piece', () => {
  const CUTS = [[5], [40], [60], [100], [5, 40, 60, 100], [1, 2, 3]]

  it('is led by its name, with every byte that was sent', async () => {
    const orders = CUTS.map((cuts) => tls('shop.example.org', { cuts, pauseMs: 700, timeoutMs: 8_000 }))
    const outcomes = await Promise.all(orders.map(async (order) => visit(lab, 'internet', order)))
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ outcome: 'answered', certificate: 'shop.example.org', status: 200 })
  })

  it('may be as large as one with a post-quantum key share, in one flight or two', async () => {
    for (const more of [
      {},
      { cuts: [1_400], pauseMs: 300 },
      { padding: 8_000, cuts: [1_400, 2_800], pauseMs: 100 },
    ]) {
      const order = tls('shop.example.org', { padding: 1_700, ...more })
      const outcome = await visit(lab, 'internet', order)
      expect(outcome).toMatchObject({ outcome: 'answered', certificate: 'shop.example.org', status: 200 })
      expect(outcome.firstFlight).toBeGreaterThan(1_700)
    }
  })
})

describe('connections that stay', () => {
  it('live through five reloads: WebSockets and endless answers, over HTTP and TLS', async () => {
    const orders = [
      web('blog.example.org'),
      tls('blog.example.org'),
      tls('shop.example.org', { address: HOST6 }),
    ]
    const streams: Stream[] = []
    for (const order of orders)
      streams.push(
        await openWebStream(lab, 'internet', 'websocket', order),
        await openWebStream(lab, 'internet', 'slow', order),
      )
    const alive = async () => Promise.all(streams.map(async (stream) => stream.probe()))
    const all = streams.map(() => 'alive')
    expect(await alive()).toEqual(all)
    const { master } = processes(lab)
    const workers = [processes(lab).worker]
    for (let round = 0; round < 5; round += 1) {
      const routes = round % 2 === 0 ? [...ROUTES, route('more')] : ROUTES
      await reconcile(lab, routesYaml(lab, PLACES, routes))
      workers.push(processes(lab).worker)
      expect(await alive()).toEqual(all)
    }
    expect(processes(lab).master).toBe(master)
    expect(new Set(workers).size).toBe(6)
  })

  it('live through changes of names, for which nothing is loaded anew', async () => {
    await reconcile(lab, routesYaml(lab, PLACES, ROUTES))
    const before = processes(lab)
    const stream = await openWebStream(lab, 'internet', 'slow', web('blog.example.org', { address: HOST6 }))
    const named = [...ROUTES, route('blog', { host: ['a.example.org', '*.b.example.org'] })]
    await reconcile(lab, routesYaml(lab, PLACES, named))
    expect((await visit(lab, 'internet', tls('a.example.org', { address: HOST }))).certificate).toBe(
      'blog.example.org',
    )
    await reconcile(lab, routesYaml(lab, PLACES, ROUTES))
    expect(await stream.probe()).toBe('alive')
    expect(processes(lab)).toEqual(before)
  })
})
