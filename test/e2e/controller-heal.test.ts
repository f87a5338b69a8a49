import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { millisecondsOf, unitsOf } from '../support/unit.ts'
import { container, expectExit, forward, HOST, IPV6, networkYaml, plan } from './fixtures.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'

const LOOKED = 'slash64_reconcile_total{trigger="monitor",result="noop"}'

let lab: Lab
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  await lab.serve('blog', '22/tcp', '80/tcp')
  const containers = { blog: container(lab, 'blog', 2, { expose: ['80/tcp'] }), db: container(lab, 'db', 3) }
  const nat = { source: 'snat' as const, forwards: [forward('2222/tcp -> blog:22')] }
  // Long enough that nothing but events can be what heals.
  controller = startController(lab, networkYaml({ containers, nat }), { args: ['--interval', '1h'] })
  await converged(controller)
  // Until the monitors have loaded, and the last of our own writes was looked at.
  await eventually(async () => ((await controller.metric(LOOKED)) ?? 0) > 0)
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

/** Whether nothing differs any more, as another process sees it; waits for it. */
async function heals(): Promise<readonly string[]> {
  let left: readonly string[] = ['not looked at']
  await eventually(async () => {
    left = (await plan(lab)).changes.map(({ kind, key, action }) => `${action} ${kind} ${key}`)
    return left.length === 0
  })
  return left
}

describe('by events alone it heals', () => {
  it.each([
    ['a flushed ruleset', ['nft', 'flush', 'ruleset']],
    ['the deleted table', ['nft', 'delete', 'table', 'inet', 'slash64']],
    ['a flushed chain', ['nft', 'flush', 'chain', 'inet', 'slash64', 'guard']],
    ['an exposure', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6']],
    ['a forward', ['nft', 'flush', 'map', 'inet', 'slash64', 'forwards4']],
    ['a rule of somebody else in our chain', ['nft', 'add', 'rule', 'inet', 'slash64', 'guard', 'accept']],
    ['a route to a container', ['ip', '-6', 'route', 'del', `${IPV6}1:2`, 'dev', 'br-ct']],
    ['the unreachable route of the slice', ['ip', '-6', 'route', 'flush', 'type', 'unreachable']],
    ['a gateway address', ['ip', 'addr', 'del', '10.64.0.1/24', 'dev', 'br-ct']],
    ['the bridge', ['ip', 'link', 'del', 'br-ct']],
    ['the bridge set down', ['ip', 'link', 'set', 'br-ct', 'down']],
    ['forwarding switched off', ['sh', '-c', 'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding']],
    [
      'proxy_ndp of the upstream switched off',
      ['sh', '-c', 'echo 0 >/proc/sys/net/ipv6/conf/eth0/proxy_ndp'],
    ],
  ])('%s', async (_what, argv) => {
    expectExit(await lab.run('host', argv), 0)
    expect(await heals()).toEqual([])
    expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
    expect(await lab.tcp('internet', HOST, 2222)).toContain('blog')
  })

  it('the uplink, at once after it is up again', async () => {
    for (let flap = 0; flap < 6; flap += 1) {
      await lab.ip('host', 'link set eth0 down')
      await sleep(150)
      const restore = ['link set eth0 up', `addr replace ${HOST}/24 dev eth0`]
      const isProxied = async () =>
        (await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).includes(`${IPV6}1:2 dev eth0`)
      const units = await unitsOf(async () => {
        await lab.ip('host', ...restore)
        expect(await eventually(isProxied)).toBe(true)
      })
      expect(units).toBeLessThan(20)
    }
    expect(await heals()).toEqual([])
  })

  it('a flushed ruleset a hundred times, each within 100 ms, or what this machine takes for it now', async () => {
    const stop = await churn()
    const [times, floor]: [number[], number[]] = [[], []]
    for (let round = 0; round < 100; round += 1) {
      await lab.must('host', ['nft', 'flush', 'ruleset'])
      times.push(await millisecondsOf(async () => expect(await eventually(isBack)).toBe(true)))
      floor.push(await millisecondsOf(isBack))
      await sleep(50)
    }
    await stop()
    const [p99, process] = [at(times, 0.99), at(floor, 0.99)]
    console.log(`healed: median ${at(times, 0.5)} ms, p99 ${p99} ms; one nft: p99 ${process} ms`)
    // A look, a transaction and a test's own look are three processes, and there are two processors for all tests.
    expect(p99).toBeLessThan(Math.max(100, 15 * process))
    expect(await heals()).toEqual([])
  })
})

async function isBack(): Promise<boolean> {
  const words = ['nft', 'list', 'chain', 'inet', 'slash64', 'nat-postrouting']
  return (await lab.run('host', words)).exitCode === 0
}

/** Somebody's containers come and go meanwhile: what is heard of them must not delay this. */
async function churn(): Promise<() => Promise<void>> {
  const over = new AbortController()
  const work = (async () => {
    while (!over.signal.aborted) {
      await lab.ip('host', 'link add x0 type veth peer name x1', 'link del x0')
      await sleep(200)
    }
  })()
  return async () => {
    over.abort()
    await work
  }
}

function at(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return Math.round(sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN)
}
