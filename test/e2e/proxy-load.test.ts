import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RouteConfig } from '../../src/config/types.ts'
import type { Lab, Stream } from '../lab/lab.ts'
import { openWebStream, startLoad } from '../lab/web.ts'
import { expectClearMessage, expectExit, reconcile } from './fixtures.ts'
import { listenForeign } from './foreign-listener.ts'
import {
  createSites,
  expectServed,
  processes,
  route,
  routesYaml,
  tls,
  web,
  whoAnswers,
} from './proxy-fixtures.ts'

let lab: Lab
const PLACES = ['blog', 'shop', 'more']
const PLAIN = [route('blog', { https: 'off' }), route('shop', { https: 'off' })]
const ROUTES = [route('blog'), route('shop')]

beforeAll(async () => {
  lab = await createSites(...PLACES)
  await reconcile(lab, routesYaml(lab, PLACES, PLAIN))
})
afterAll(async () => lab.destroy())

/** A busy machine is slow; what is lost is no matter of time. */
const PATIENT = { timeoutMs: 60_000 }

const plainVisits = ['blog', 'shop'].map((place) => ({
  ...web(`${place}.example.org`, PATIENT),
  expected: `${place}:80 `,
}))
const safeVisits = ['blog', 'shop'].map((place) => ({
  ...tls(`${place}.example.org`, PATIENT),
  expected: `${place}:443 `,
}))

/** The routes of one round: names come and go (maps only), then a container's route does (a reload). */
function routesOf(round: number): readonly RouteConfig[] {
  const names = { host: [`n${round}.example.org`, `*.n${round}.example.org`] }
  if (round % 4 === 0) return [...ROUTES, route('blog', names)]
  if (round % 4 === 2) return [...ROUTES, route('more')]
  return ROUTES
}

it('no request is lost while routes change twenty times, and no stream is cut', async () => {
  const plain = await startLoad(lab, 'internet', plainVisits, { workers: 4 })
  const streams = [await openWebStream(lab, 'internet', 'websocket', web('blog.example.org'))]
  // A change that fails, because somebody else has taken the port that it needs.
  const foreign = await listenForeign(lab, '0.0.0.0', 443)
  const taken = await lab.slash64(['reconcile', '--once'], { yaml: routesYaml(lab, PLACES, ROUTES) })
  expectClearMessage(taken, 1, new RegExp(`node.*${foreign.pid}`))
  await foreign.stop()
  await reconcile(lab)
  const safe = await startLoad(lab, 'internet', safeVisits, { workers: 4 })
  streams.push(await openWebStream(lab, 'internet', 'slow', tls('shop.example.org')))
  const workers = new Set<number>()
  for (let round = 0; round < 18; round += 1) {
    await reconcile(lab, routesYaml(lab, PLACES, routesOf(round)))
    workers.add(processes(lab).worker)
    if (round === 8) await refuseBadFile()
  }
  const reports = [await plain.stop(), await safe.stop()]
  for (const { failed, failures, requests } of reports) {
    expect(failed).toEqual([])
    expect(failures).toBe(0)
    expect(requests).toBeGreaterThan(100)
  }
  expect(await probeAll(streams)).toEqual(['alive', 'alive'])
  // Names alone were no reason to load anything anew.
  expect(workers.size).toBeGreaterThan(4)
  expect(workers.size).toBeLessThan(12)
})

async function refuseBadFile(): Promise<void> {
  const yaml = routesYaml(lab, PLACES, [...ROUTES, route('nobody')])
  expectExit(await lab.slash64(['reconcile', '--once'], { yaml }), 78)
}

async function probeAll(streams: readonly Stream[]): Promise<readonly string[]> {
  return Promise.all(streams.map(async (stream) => stream.probe()))
}

it('what is left is what the last file says', async () => {
  await reconcile(lab, routesYaml(lab, PLACES, ROUTES))
  await expectServed(lab, 'blog', 'shop')
  expect(await whoAnswers(lab, web('more.example.org'))).toBe('421')
  expect(await whoAnswers(lab, web('n16.example.org'))).toBe('421')
})
