import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ForwardConfig } from '../../src/config/types.ts'
import type { Lab, Stream } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { openWebStream } from '../lab/web.ts'
import { container, forward, HOST, networkYaml } from './fixtures.ts'
import { converged, fileOf, startController, type RunningController } from './controller-fixtures.ts'
import { createSites, route, web } from './proxy-fixtures.ts'

let lab: Lab
let controller: RunningController
let streams: readonly Stream[]

beforeAll(async () => {
  lab = await createSites('blog', 'shop')
  await lab.serve('blog', '22/tcp')
  controller = startController(lab, yaml(0), { args: ['--interval', '300ms'] })
  await converged(controller)
  streams = [
    await lab.stream('internet', HOST, 2222),
    await openWebStream(lab, 'internet', 'websocket', web('blog.example.org')),
  ]
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

/** The file of one round: a container's ports, a forward and a route come and go; what the streams use stays. */
function yaml(round: number): string {
  const more: readonly ForwardConfig[] = round % 2 === 0 ? [] : [forward(`${3000 + round}/tcp -> shop:22`)]
  return networkYaml({
    containers: {
      blog: container(lab, 'blog', 2, { expose: round % 3 === 0 ? ['80/tcp'] : ['80/tcp', '443/tcp'] }),
      shop: container(lab, 'shop', 3),
    },
    nat: { source: 'snat', forwards: [forward('2222/tcp -> blog:22'), ...more] },
    routes: [route('blog'), route('shop', { host: [`n${round % 5}.example.org`, 'shop.example.org'] })],
  })
}

async function expectAlive(): Promise<void> {
  for (const stream of streams) expect(await stream.probe()).toBe('alive')
}

/** A drift that the forward and the route do not need: it is put right while they are used. */
const DRIFTS: readonly (readonly string[])[] = [
  ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'],
  ['ip', '-6', 'neigh', 'flush', 'proxy'],
  ['nft', 'flush', 'chain', 'inet', 'slash64', 'guard'],
]

it('two hundred passes with changes and drift break no connection', async () => {
  for (let round = 1; ; round += 1) {
    const before = await controller.passes()
    if (before >= 200) break
    writeFileSync(fileOf(lab), yaml(round))
    await lab.run('host', DRIFTS[round % DRIFTS.length] ?? [])
    controller.signal('SIGHUP')
    expect(await eventually(async () => (await controller.passes()) > before)).toBe(true)
    if (round % 10 === 0) await expectAlive()
  }
  await expectAlive()
  // What was disturbed by hand is put right in the end, whatever came in between.
  const left = async (): Promise<number> => (await controller.status()).changes.length
  expect(await eventually(async () => (await left()) === 0)).toBe(true)
  expect(await controller.metric('slash64_reconcile_consecutive_failures')).toBe(0)
})

it.each([
  ['SIGTERM and a start', 'SIGTERM', 0],
  ['kill -9 and a start', 'SIGKILL', 137],
] as const)('%s break no connection', async (_what, signal, code) => {
  for (let start = 0; start < 3; start += 1) {
    controller.signal(signal)
    expect(await controller.exit).toBe(code)
    await expectAlive()
    controller = startController(lab, yaml(start), { args: ['--interval', '300ms'] })
    await converged(controller)
    await expectAlive()
  }
})
