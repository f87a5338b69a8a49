import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { lxcIn, type Lxc, type LxcContainer } from '../lab/runtimes/lxc.ts'
import { openRoom, type Room } from '../lab/runtimes/room.ts'
import { unitsOf } from '../support/unit.ts'
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

/** So many starts of the program (a second, on a machine that does nothing else) may it take. */
const AT_ONCE = 20

/**
 * Starts or restarts it; resolves to the units from its runtime's word until it has all of its network, and is answered for.
 * Nobody sends it anything before: who waits for a neighbour asks again after a second only.
 */
async function connected(one: LxcContainer, number: number): Promise<number> {
  const inside = ['nsenter', '-t', `${await one.pid()}`, '-n', 'ip']
  const [address, gateways] = [`${IPV6}1:${number}`, [`via ${IPV6}1:1 dev eth0`, 'via 10.64.0.1 dev eth0']]
  const isThere = async (): Promise<boolean> => {
    const [four, six, proxies] = await Promise.all([
      lab.run('host', [...inside, '-4', 'route']),
      lab.run('host', [...inside, '-6', 'route']),
      lab.run('host', ['ip', '-6', 'neigh', 'show', 'proxy']),
    ])
    const routes = `${four.stdout} ${six.stdout}`
    return gateways.every((word) => routes.includes(word)) && proxies.stdout.includes(`${address} dev eth0`)
  }
  const units = await unitsOf(async () => expect(await eventually(isThere)).toBe(true))
  expect(await lab.ping('internet', address)).toMatchObject({ received: 1 })
  return units
}

/** Once nothing is left to do, as another process sees it. */
async function planned(): Promise<readonly string[]> {
  let left: readonly string[] = ['not looked at']
  await eventually(async () => {
    left = (await plan(lab)).changes.map(({ kind, key, action }) => `${action} ${kind} ${key}`)
    return left.length === 0
  })
  return left
}

describe.each([
  ['without an interface of its own', () => blog, 2],
  ['with an interface that LXC put on the bridge', () => db, 3],
] as const)('a container %s is connected at once', (_what, container, number) => {
  it('after its start', async () => {
    await container().start()
    expect(await connected(container(), number)).toBeLessThan(AT_ONCE)
  })

  it('after it started again by itself', async () => {
    await container().restart()
    expect(await connected(container(), number)).toBeLessThan(AT_ONCE)
  })

  it('after it was stopped, withdrawn and started', async () => {
    await container().stop()
    expect(await planned()).toEqual([])
    await container().start()
    expect(await connected(container(), number)).toBeLessThan(AT_ONCE)
    expect(await planned()).toEqual([])
  })

  it('each time of five in a row, and nobody is blamed', async () => {
    for (let time = 0; time < 5; time += 1) {
      await container().restart()
      expect(await connected(container(), number)).toBeLessThan(AT_ONCE)
    }
    expect(controller.log()).not.toContain('S64-W003')
    expect((await controller.status()).errors).toEqual([])
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
  expect(await eventually(async () => !(await isFollowing()))).toBe(true)
})
