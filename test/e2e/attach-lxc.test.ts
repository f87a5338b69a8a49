import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { lxcIn, type Lxc, type LxcContainer } from '../lab/runtimes/lxc.ts'
import { openRoom, type Room } from '../lab/runtimes/room.ts'
import { writeScript } from '../lab/runtimes/rootfs.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { container, IPV6, networkYaml, plan } from './fixtures.ts'

const EMPTY = ['lxc.net.0.type = empty', 'lxc.net.0.flags = up']
const ON_BRIDGE = ['type = veth', 'link = br-ct', 'flags = up', 'name = eth0'].map(
  (line) => `lxc.net.0.${line}`,
)

let lab: Lab
let room: Room
let lxc: Lxc
let blog: LxcContainer

beforeAll(async () => {
  lab = await createLab({ containers: ['db'] })
  room = await openRoom(lab)
  lxc = lxcIn(room)
  // What it knows of its network at its very first moment.
  blog = await lxc.create('blog', {
    boot: '{ ip addr show eth0; ip -6 route; ip route; } >/root/new 2>&1; mv /root/new /root/first',
  })
  configure(EMPTY)
  // The one of the examples, with the places of this lab.
  const script = readFileSync('examples/hooks/lxc-start-host', 'utf8')
  const [line = ''] = script.split('\n').filter((one) => one.startsWith('/usr/local/bin/slash64 '))
  const words = line.replace('/usr/local/bin/slash64', program()).replace(/--file .*/, places())
  writeScript(hook(), `exec ${words} >${hook()}.log 2>&1\n`)
})

afterAll(async () => {
  await room?.end()
  lxc?.end()
  await lab?.destroy()
})

function hook(): string {
  return join(room.directory, 'hook')
}

function configure(lines: readonly string[]): void {
  blog.configure([...lines, `lxc.hook.start-host = ${hook()}`])
}

function program(): string {
  return `${process.execPath} ${join(process.cwd(), 'dist/slash64.cjs')}`
}

function places(): string {
  const { directory } = lab
  return `--file ${directory}/network.yaml --state-dir ${directory}/state --run-dir ${directory}/run`
}

function yaml(): string {
  const runtime = { type: 'lxc' as const, path: lxc.path }
  return networkYaml({
    containers: {
      blog: { runtime, ipv6: '::1:2', ipv4: '10.64.0.2' },
      db: container(lab, 'db', 3),
      shop: { runtime, ipv6: '::1:4', ipv4: '10.64.0.4' },
    },
  })
}

/** What it lacked of its network as its first process asked. */
async function missing(): Promise<readonly string[]> {
  let first = ''
  const isTold = async (): Promise<boolean> => {
    const { exitCode, stdout } = await blog.exec(['cat', '/root/first'])
    first = stdout
    return exitCode === 0
  }
  expect(await eventually(isTold)).toBe(true)
  await blog.exec(['rm', '/root/first'])
  const wanted = [
    `inet6 ${IPV6}1:2/112`,
    'inet 10.64.0.2/24',
    `default via ${IPV6}1:1`,
    'default via 10.64.0.1',
  ]
  const { received } = await lab.ping('internet', `${IPV6}1:2`)
  return [...wanted.filter((words) => !first.includes(words)), ...(received === 1 ? [] : ['an answer'])]
}

describe('a container whose start hook attaches it', () => {
  it('has its network at once on a host on which nothing was done yet; no other container is touched', async () => {
    await lab.slash64(['validate'], { yaml: yaml() })
    await blog.start()
    expect(await missing()).toEqual([])
    expect(await lab.must('db', ['ip', '-br', 'link'])).not.toContain('eth0')
    const left = (await plan(lab)).changes.map(({ key }) => key)
    expect(left.filter((key) => key.includes('blog') || key.includes('1:2'))).toEqual([])
    expect(left.some((key) => key.startsWith('db '))).toBe(true)
    await blog.stop()
  })

  it('has it again while another instance holds the lock for a moment', async () => {
    const other = lab.slash64(['reconcile', '--once'])
    await blog.start()
    await other
    expect(await missing()).toEqual([])
    await blog.stop()
  })

  it('has it where LXC itself put the interface on the bridge, too', async () => {
    await lab.slash64(['reconcile', '--once'], { yaml: yaml() })
    configure(ON_BRIDGE)
    await blog.start()
    expect(await missing()).toEqual([])
    await blog.stop()
    configure(EMPTY)
  })

  it('is started, or not, as the hook says: an undeclared one is not', async () => {
    const stranger = await lxc.create('stranger')
    stranger.configure([...EMPTY, `lxc.hook.start-host = ${hook()}`])
    await expect(stranger.start()).rejects.toThrow('ABORTING')
    expect(await room.must(['cat', `${hook()}.log`])).toContain('container stranger is not declared')
  })
})

describe('while a controller runs', () => {
  let controller: RunningController
  beforeAll(async () => {
    controller = startController(lab, yaml(), { args: ['--interval', '1h'] })
    await converged(controller)
  })
  afterAll(async () => controller.stop())

  it('is asked, and the container has its network at its first moment, each time', async () => {
    for (let round = 0; round < 2; round += 1) {
      await blog.start()
      expect(await missing()).toEqual([])
      await blog.stop()
    }
    expect(controller.log()).toMatch(/container blog has its network as it starts/)
    // Nor that a look, which waited for this very start, was given up.
    expect(controller.log()).not.toMatch(/ (error|warning) /)
  })

  it('the process of another container is refused, and that one stays as it is', async () => {
    await blog.start()
    expect(await missing()).toEqual([])
    const pid = await blog.pid()
    const result = await lab.slash64(['attach', 'shop', '--pid', `${pid}`])
    expect(result.stderr).toContain('that slash64 made for another')
    expect(result.exitCode).toBe(1)
    const addresses = (await blog.exec(['ip', 'addr', 'show', 'eth0'])).stdout
    expect(addresses).toContain('10.64.0.2/24')
    expect(addresses).not.toContain('10.64.0.4')
    await blog.stop()
  })

  it('also where LXC itself put it on the bridge', async () => {
    configure(ON_BRIDGE)
    await blog.start()
    expect(await missing()).toEqual([])
    const result = await lab.slash64(['attach', 'shop', '--pid', `${await blog.pid()}`])
    expect(result).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('connected already, as that of container blog'),
    })
    expect(await lab.slash64(['attach', 'blog', '--pid', `${await blog.pid()}`])).toMatchObject({
      exitCode: 0,
    })
    expect((await blog.exec(['ip', 'addr', 'show', 'eth0'])).stdout).not.toContain('10.64.0.4')
    await blog.stop()
    configure(EMPTY)
  })

  it('so is one of the host, and one that is gone', async () => {
    const own = await lab.slash64(['attach', 'blog', '--pid', `${controller.pid}`])
    expect(own.exitCode).toBe(1)
    expect(own.stderr).toContain('shares the network of the host')
    const gone = await lab.slash64(['attach', 'blog', '--pid', '4194303'])
    expect(gone.exitCode).toBe(1)
    expect(gone.stderr).toContain('process 4194303 does not run here')
  })

  it('an undeclared one is refused, in its words', async () => {
    const result = await lab.slash64(['attach', 'ghost', '--pid', '4711'])
    expect(result).toMatchObject({ exitCode: 1, stdout: '' })
    expect(result.stderr).toContain('S64-T001')
  })
})
