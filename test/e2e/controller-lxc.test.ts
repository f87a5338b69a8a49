import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { lxcIn, type Lxc, type LxcContainer } from '../lab/runtimes/lxc.ts'
import { openRoom, type Room } from '../lab/runtimes/room.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { IPV6, networkYaml, plan } from './fixtures.ts'

const ON_BRIDGE = ['type = veth', 'link = br-ct', 'flags = up', 'name = eth0'].map(
  (line) => `lxc.net.0.${line}`,
)

let lab: Lab
let room: Room
let lxc: Lxc
let controller: RunningController
let blog: LxcContainer
let db: LxcContainer

beforeAll(async () => {
  lab = await createLab()
  room = await openRoom(lab)
  lxc = lxcIn(room)
  // `blog` gets its interface from slash64, `db` from LXC.
  blog = await lxc.create('blog')
  db = await lxc.create('db', { config: ON_BRIDGE })
  const runtime = { type: 'lxc' as const, path: lxc.path }
  const containers = {
    blog: { runtime, ipv6: '::1:2', ipv4: '10.64.0.2' },
    db: { runtime, ipv6: '::1:3', ipv4: '10.64.0.3' },
  }
  // Nothing but events can be what heals.
  controller = startController(lab, networkYaml({ containers }), { args: ['--interval', '1h'] })
  await converged(controller)
})

afterAll(async () => {
  await controller?.stop()
  await room?.end()
  lxc?.end()
  await lab?.destroy()
})

/** Milliseconds until it answers the host, which answers for it; from then on the internet reaches it. */
async function connected(number: number): Promise<number> {
  const address = `${IPV6}1:${number}`
  const began = performance.now()
  const isThere = async (): Promise<boolean> => {
    const { exitCode } = await lab.run('host', ['ping', '-n', '-c1', '-W0.1', address])
    const proxies = await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])
    return exitCode === 0 && proxies.includes(`${address} dev eth0`)
  }
  expect(await eventually(isThere, 5_000)).toBe(true)
  const time = performance.now() - began
  expect(await lab.ping('internet', address)).toMatchObject({ received: 1 })
  return time
}

/** Once nothing is left to do, as another process sees it. */
async function planned(): Promise<readonly string[]> {
  let left: readonly string[] = ['not looked at']
  await eventually(async () => {
    left = (await plan(lab)).changes.map(({ kind, key, action }) => `${action} ${kind} ${key}`)
    return left.length === 0
  }, 3_000)
  return left
}

describe.each([
  ['without an interface of its own', () => blog, 2],
  ['with an interface that LXC put on the bridge', () => db, 3],
] as const)('a container %s is connected within a second', (_what, container, number) => {
  it('after its start', async () => {
    await container().start()
    expect(await connected(number)).toBeLessThan(1_000)
  })

  it('after it started again by itself', async () => {
    await container().restart()
    expect(await connected(number)).toBeLessThan(1_000)
  })

  it('after it was stopped, withdrawn and started', async () => {
    await container().stop()
    expect(await planned()).toEqual([])
    await container().start()
    expect(await connected(number)).toBeLessThan(1_000)
    expect(await planned()).toEqual([])
  })
})

it('tells of the program that it follows, which dies with it', async () => {
  expect(await controller.metric('slash64_monitor_up{monitor="lxc"}')).toBe(1)
  expect(controller.log()).toContain('lxc monitor runs')
  const isFollowing = async () =>
    (await lab.must('host', ['ps', '-eo', 'args'])).includes(`lxc-monitor -P ${lxc.path}`)
  expect(await isFollowing()).toBe(true)
  controller.signal('SIGKILL')
  await controller.exit
  expect(await eventually(async () => !(await isFollowing()), 3_000)).toBe(true)
})
