import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../src/config/types.ts'
import type { Problem } from '../../src/engine/types.ts'
import { lxcIn } from '../lab/runtimes/lxc.ts'
import { podmanIn } from '../lab/runtimes/podman.ts'
import { openRoom } from '../lab/runtimes/room.ts'
import { ADDRESSES } from '../lab/topology.ts'
import { expectExit, IPV6, networkYaml } from './fixtures.ts'
import { pass, statesOf, type Scene, type Subject } from './runtime-fixtures.ts'
import { inLab, onBridge, onHost } from './runtime-scenes.ts'

/** `foreign` is on another bridge, `leased` has what a DHCP client would put there, `shared` has the host's network. */
async function lxcScene(): Promise<Scene> {
  return inLab(async (lab, later) => {
    await lab.ip('host', 'link add br-other type bridge', 'link set br-other up')
    const room = await openRoom(lab)
    later(room.end)
    const lxc = lxcIn(room)
    later(async () => lxc.end())
    const lease = 'ip addr add 10.64.0.77/24 dev eth0; ip route add default via 10.64.0.254 dev eth0'
    const [foreign, leased, shared, fine] = await Promise.all([
      lxc.create('foreign', { config: onBridge('br-other') }),
      lxc.create('leased', { config: onBridge('br-ct'), boot: lease }),
      lxc.create('shared', { config: ['lxc.net.0.type = none'] }),
      lxc.create('fine'),
    ])
    const subjects = [foreign, leased, shared, fine].map((real, at): Subject => ({
      real,
      number: at + 2,
      isPort: false,
      runtime: { type: 'lxc', path: lxc.path },
    }))
    return { lab, subjects, tool: 'lxc-info', slash64: onHost(lab) }
  })
}

/** `main` and `aide` have one network, `hosted` has the host's. */
async function podmanScene(): Promise<Scene> {
  return inLab(async (lab, later) => {
    const room = await openRoom(lab)
    later(room.end)
    const podman = await podmanIn(room)
    const main = await podman.create('main')
    const aide = await podman.create('aide', { args: ['--network', 'container:main'] })
    const hosted = await podman.create('hosted', { args: ['--network', 'host'] })
    const fine = await podman.create('fine')
    const subjects = [main, aide, hosted, fine].map((real, at): Subject => ({
      real,
      number: at + 2,
      isPort: false,
      runtime: { type: 'podman' },
    }))
    return { lab, subjects, tool: 'podman', slash64: onHost(lab, [podman.bin]) }
  })
}

function yamlOf({ subjects }: Scene): string {
  const containers = Object.fromEntries(
    subjects.map(({ real, number, runtime }): [string, ContainerConfig] => [
      real.name,
      { runtime, ipv6: `::1:${number}`, ipv4: `10.64.0.${number}` },
    ]),
  )
  return networkYaml({ containers })
}

/** A pass that tells of these. */
async function problemsOf(scene: Scene): Promise<readonly Problem[]> {
  const result = await scene.slash64(['reconcile', '--once', '-o', 'json'])
  expectExit(result, 1)
  const { errors }: { errors: readonly Problem[] } = JSON.parse(result.stdout)
  return errors.toSorted((one, other) => (one.message < other.message ? -1 : 1))
}

describe('what LXC or a container itself puts in the way', () => {
  let scene: Scene
  let problems: readonly Problem[]
  beforeAll(async () => {
    scene = await lxcScene()
    await pass(scene, { yaml: yamlOf(scene) })
    for (const { real } of scene.subjects) await real.start()
    problems = await problemsOf(scene)
  })
  afterAll(async () => scene?.end())

  it('is told, with the way out', () => {
    expect(problems).toMatchObject([
      {
        code: 'S64-F001',
        message: expect.stringMatching(
          /^container foreign has an interface eth0 on br-other \(port veth\w+\), not on br-ct$/,
        ),
        hint: expect.stringContaining('lxc.net.0.link = br-ct'),
      },
      {
        code: 'S64-F001',
        message: expect.stringMatching(/^container leased has a default route via 10\.64\.0\.254 /),
      },
      { code: 'S64-F007', message: expect.stringMatching(/^container leased sends from 10\.64\.0\.77, /) },
      {
        code: 'S64-F006',
        message: expect.stringMatching(/^container shared shares the network of the host: /),
      },
    ])
  })

  it('keeps nothing else from being as declared, and is left as it is', async () => {
    expect(await scene.lab.ping('internet', `${IPV6}1:5`)).toMatchObject({ received: 1 })
    const [foreign] = scene.subjects
    expect((await foreign?.real.exec(['ip', 'addr']))?.stdout).not.toMatch(/10\.64\.0\.|2001:db8:/)
    const addresses = await scene.lab.must('host', ['ip', '-br', 'addr'])
    expect(addresses).not.toMatch(/10\.64\.0\.[2-9]/)
    expect(await statesOf(scene, 1)).toMatchObject({
      foreign: 'running',
      leased: 'running',
      shared: 'unknown',
      fine: 'running',
    })
  })

  it('is gone once what the hints say is done', async () => {
    const commands = problems.flatMap(({ hint = '' }) => /\((nsenter [^)]+)\)/.exec(hint)?.[1] ?? [])
    expect(commands).toHaveLength(2)
    for (const command of commands) await scene.lab.must('host', command.split(' '))
    expect((await problemsOf(scene)).map(({ message }) => message.split(' ')[1])).toEqual([
      'foreign',
      'shared',
    ])
    const leased = scene.subjects[1]
    const ping = await leased?.real.exec(['ping', '-c1', '-W2', ADDRESSES.internet])
    expect(ping?.stdout).toContain(' 0% packet loss')
  })
})

describe('a network that Podman shares', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await podmanScene()
    for (const { real } of scene.subjects) await real.start()
    await scene.slash64(['validate'], { yaml: yamlOf(scene) })
  })
  afterAll(async () => scene?.end())

  it('is told of each, and nobody is given addresses in it', async () => {
    const problems = await problemsOf(scene)
    expect(problems.map(({ code, message }) => `${code} ${message.split(':')[0]}`)).toEqual([
      'S64-F006 container aide shares the network of container main',
      'S64-F006 container hosted shares the network of the host',
      'S64-F006 container main shares the network of container aide',
    ])
    expect(await scene.lab.ping('internet', `${IPV6}1:5`)).toMatchObject({ received: 1 })
    expect(await scene.lab.must('host', ['ip', '-br', 'addr'])).not.toMatch(/10\.64\.0\.[2-9]/)
    expect((await scene.subjects[0]?.real.exec(['ip', 'addr']))?.stdout).not.toMatch(/10\.64\.0\./)
  })
})
