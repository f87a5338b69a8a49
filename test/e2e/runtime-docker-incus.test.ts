import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeConfig } from '../../src/config/types.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import type { Result } from '../lab/process.ts'
import { writeScript } from '../lab/runtimes/rootfs.ts'
import { fakeRuntimes, type FakeRuntimes } from '../support/runtimes/fake-runtimes.ts'
import { HOST, IPV6, expectClearMessage, expectExit, forward, networkYaml } from './fixtures.ts'

/*
 * Docker and Incus themselves are not at hand: fake.sh plays their commands, and refuses what it does not know. Processes,
 * namespaces, pairs and packets are real.
 */
let lab: Lab
let runtimes: FakeRuntimes

beforeEach(async () => {
  lab = await createLab()
  runtimes = fakeRuntimes(lab.directory)
})
afterEach(async () => {
  runtimes.end()
  await lab.destroy()
})

const WEB6 = `${IPV6}1:2`

const NOBODY = networkYaml({ containers: {} })

function yamlOf(runtime: RuntimeConfig): string {
  const web = { runtime, ipv6: '::1:2', ipv4: '10.64.0.2', expose: ['80/tcp'] }
  return networkYaml({ containers: { web }, nat: { forwards: [forward('8080/tcp -> web:80')] } })
}

async function slash64(args: readonly string[], yaml?: string, path = runtimes.path): Promise<Result> {
  return lab.slash64(args, { env: { PATH: path }, ...(yaml !== undefined && { yaml }) })
}

async function reconcile(yaml?: string): Promise<void> {
  expectExit(await slash64(['reconcile', '--once', '--allow-empty'], yaml), 0)
  const left = await slash64(['plan', '--detailed-exitcode'])
  expectExit(left, 0)
}

/** `docker start web` and the like. */
async function containers(...words: readonly string[]): Promise<void> {
  await lab.must('host', ['container', ...words], { env: { PATH: runtimes.path } })
}

/** From the internet: to its own IPv6, and through the forward; and from inside to the internet. */
async function talks(): Promise<unknown> {
  await lab.forgetNeighbours()
  return {
    ping: (await lab.ping('internet', WEB6)).received,
    direct: await lab.tcp('internet', WEB6, 80),
    forward: await lab.tcp('internet', HOST, 8080),
  }
}

const ALL = { ping: 1, direct: 'web', forward: 'web' }

async function proxies(): Promise<string> {
  return lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])
}

async function ports(): Promise<readonly string[]> {
  const links = JSON.parse(await lab.must('host', ['ip', '-j', 'link', 'show', 'master', 'br-ct']))
  return links.map(({ ifname }: { readonly ifname: string }) => ifname)
}

/** It is absent, is not announced, and nothing is left to be done. */
async function expectAbsent(): Promise<void> {
  expect((await slash64(['status'])).stdout).toMatch(/web.*absent/)
  expect(await proxies()).not.toContain(`${WEB6} `)
  expect(await ports()).toEqual([])
}

describe.each([
  ['docker, without a network', { type: 'docker', name: 'web', interface: 'net0' }, [], /^s64-web-/],
  ['incus, on our bridge', { type: 'incus', name: 'web' }, ['on', 'br-ct'], /^veth\d+$/],
] as const)('a container of %s', (_, declared, network, port) => {
  const { type } = declared
  const isOurs = network.length === 0

  it('is served from its start on, whenever that is, and in its next life', async () => {
    await reconcile(yamlOf(declared))
    await expectAbsent()
    await containers('start', type, 'web', ...network)
    await reconcile()
    expect(await talks()).toEqual(ALL)
    expect(await ports()).toEqual([expect.stringMatching(port)])
    expect((await slash64(['status'])).stdout).toMatch(/web.*running/)

    const before = await ports()
    await containers('restart', type, 'web')
    // The kernel takes the network of before away some time after its last process.
    const isSilent = async (): Promise<boolean> => (await lab.ping('internet', WEB6)).received === 0
    expect(await eventually(isSilent)).toBe(true)
    expect((await slash64(['plan', '--detailed-exitcode'])).exitCode).toBe(2)
    await reconcile()
    expect(await talks()).toEqual(ALL)
    expect(await ports()).toHaveLength(1)
    // Our pair has one name for ever; the runtime's has another each time.
    expect((await ports()).join() === before.join()).toBe(isOurs)

    await containers('stop', type, 'web')
    await reconcile()
    await expectAbsent()
    await containers('start', type, 'web')
    await reconcile()
    expect(await talks()).toEqual(ALL)

    await containers('remove', type, 'web')
    await reconcile()
    await expectAbsent()
  })

  it('is left alone when it leaves the file, but for what was ours', async () => {
    await reconcile(NOBODY)
    await containers('start', type, 'web', ...network)
    await reconcile(yamlOf(declared))
    expect(await talks()).toEqual(ALL)
    await reconcile(NOBODY)
    expect(await ports()).toHaveLength(isOurs ? 0 : 1)
    expect(await proxies()).not.toContain(`${WEB6} `)
    expect(await talks()).toMatchObject({ ping: 0 })
  })
})

it('an interface on a foreign bridge is an error that names it, and is not touched', async () => {
  await lab.ip('host', 'link add incusbr0 type bridge', 'link set incusbr0 up')
  await containers('start', 'incus', 'web', 'on', 'incusbr0')
  const result = await slash64(['reconcile', '--once'], yamlOf({ type: 'incus', name: 'web' }))
  expectClearMessage(result, 1, /container web has an interface eth0 on incusbr0 \(port veth\d+\)/)
  expect(result.stderr + result.stdout).toContain('nictype=bridged parent=br-ct')
  expect(await lab.must('host', ['ip', '-br', 'link', 'show', 'master', 'incusbr0'])).toMatch(/^veth\d+@/)
})

it('a daemon that is not there leaves its containers as they are, and the others are served', async () => {
  const web = { runtime: { type: 'docker', name: 'web' }, ipv6: '::1:2', expose: ['80/tcp'] } as const
  const db = { runtime: { type: 'incus', name: 'db' }, ipv6: '::1:3', expose: ['80/tcp'] } as const
  await containers('start', 'docker', 'web')
  await reconcile(networkYaml({ containers: { web, db } }))
  writeScript(
    `${lab.directory}/docker`,
    "echo '[]'\necho 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2\nexit 1\n",
  )
  await containers('start', 'incus', 'db')
  const result = await slash64(['reconcile', '--once'], undefined, `${lab.directory}:${runtimes.path}`)
  expectClearMessage(result, 1, /container web: .*Cannot connect to the Docker daemon/)
  const status = await slash64(['status'], undefined, `${lab.directory}:${runtimes.path}`)
  expect(status.stdout).toMatch(/^degraded/)
  expect(status.stdout).toMatch(/web.*unknown/)
  expect(await eventually(async () => (await lab.ping('internet', `${IPV6}1:3`)).received === 1)).toBe(true)
  expect(await lab.tcp('internet', `${IPV6}1:3`, 80)).toBe('db')
  expect(await lab.tcp('internet', WEB6, 80)).toBe('web')
})

it('a name that is the beginning of another container’s ID is nobody’s', async () => {
  await reconcile(NOBODY)
  await containers('start', 'docker', 'web')
  const shown = await lab.must('host', ['docker', '--context', 'default', 'container', 'inspect', 'web'], {
    env: { PATH: runtimes.path },
  })
  const id: string = JSON.parse(shown)[0].Id.slice(0, 6)
  await reconcile(
    networkYaml({ containers: { other: { runtime: { type: 'docker', name: id }, ipv6: '::1:4' } } }),
  )
  expect((await slash64(['status'])).stdout).toMatch(/other.*absent/)
  expect(await ports()).toEqual([])
})
