import { describe, expect, it } from 'vitest'
import type { Argv } from '../../src/engine/types.ts'
import { inspectedOf, parseInspect } from '../../src/formats/runtimes/oci.ts'
import { parseIncusList } from '../../src/formats/runtimes/incus.ts'
import { parseLxcInfo } from '../../src/formats/runtimes/lxc.ts'
import { parseMachine } from '../../src/formats/runtimes/machined.ts'
import type { Found } from '../../src/formats/runtimes/types.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'
import { memoryHost } from '../../src/system/memory/seed.ts'
import { byHand } from '../support/passes.ts'

const ASKED: Readonly<Record<string, readonly [argv: Argv, find: (text: string) => Found | undefined]>> = {
  docker: [
    ['docker', '--context', 'default', 'container', 'inspect', 'blog', 'ghost'],
    (text) => inspectedOf(parseInspect(text), 'docker', 'blog'),
  ],
  incus: [
    ['incus', 'list', 'local:', '--project', 'default', '--format', 'json'],
    (text) => parseIncusList(text).get('blog'),
  ],
  lxc: [['lxc-info', '-n', 'blog', '-H', '-s', '-p'], (text) => parseLxcInfo(text, 'blog')],
  nspawn: [
    ['machinectl', 'show', 'blog', '-p', 'Name', '-p', 'Leader', '-p', 'State'],
    (text) => parseMachine(text, 'blog'),
  ],
  podman: [
    ['podman', 'container', 'inspect', 'ghost', 'blog'],
    (text) => inspectedOf(parseInspect(text), 'podman', 'blog'),
  ],
}

async function found(host: MemoryHost, type: string): Promise<Found | undefined> {
  const [argv = ['true'] as const, find] = ASKED[type] ?? []
  return find?.(await host.query(argv, { answers: [1, 125] }))
}

describe.each(Object.keys(ASKED))('a container of %s in memory', (type) => {
  it('is told by its runtime as it comes, freezes, starts again and goes', async () => {
    const host = memoryHost()
    expect((await found(host, type))?.state ?? 'absent').toBe('absent')
    await byHand(host, `container start ${type} blog`)
    expect(await found(host, type)).toEqual({ state: 'running', pid: 1001 })
    await byHand(host, `container freeze ${type} blog`)
    expect(await found(host, type)).toEqual({ state: 'running', pid: 1001 })
    await byHand(host, `container restart ${type} blog`)
    expect(await found(host, type)).toEqual({ state: 'running', pid: 1002 })
    await byHand(host, `container stop ${type} blog`)
    expect((await found(host, type))?.state).toBe('absent')
    await byHand(host, `container remove ${type} blog`)
    expect((await found(host, type))?.state ?? 'absent').toBe('absent')
  })
})

it('starts in another namespace each time, with another pair on its bridge', async () => {
  const host = memoryHost()
  await byHand(host, 'ip link add name br0 type bridge', 'container start lxc blog on br0')
  const first = await host.readLink('/proc/1001/ns/net')
  const [, mac] = /netns lxc blog link eth0 .*"mac":"([^"]+)".*"peer":"\/veth1001"/.exec(host.dump()) ?? []
  expect(host.dump()).toMatch(/^host link veth1001 .*"master":"br0"/m)
  await byHand(host, 'container restart lxc blog')
  expect(await host.readLink('/proc/1002/ns/net')).not.toBe(first)
  await expect(host.readLink('/proc/1001/ns/net')).rejects.toMatchObject({ code: 'not-found' })
  expect(host.dump()).not.toContain('veth1001')
  expect(host.dump()).toMatch(/^host link veth1002 .*"master":"br0"/m)
  expect(mac).toBeDefined()
  expect(host.dump()).not.toContain(mac)
})

it.each([
  'container start lxc',
  'container start jail blog',
  'container start lxc blog br0',
  'container stop lxc blog on br0',
  'container kill lxc blog',
])('does not know %s', async (command) => {
  await expect(byHand(memoryHost(), command)).rejects.toMatchObject({
    message: expect.stringContaining('not modelled'),
  })
})

it.each(['container stop lxc blog', 'container start lxc blog on br0', 'container restart docker blog'])(
  'fails as a runtime does: %s',
  async (command) => {
    await expect(byHand(memoryHost(), command)).rejects.toMatchObject({
      message: expect.stringMatching(/no such (container|bridge)/),
    })
  },
)

it.each<Argv>([
  ['lxc-info', '-n', 'blog'],
  ['lxc-info', '-n', '-H', '-H', '-s', '-p'],
  ['docker', 'container', 'inspect', 'blog'],
  ['docker', '--context', 'default', 'container', 'inspect'],
  ['docker', '--context', 'default', 'ps'],
  ['podman', 'ps'],
  ['incus', 'list'],
  ['machinectl', 'show', 'a', 'b', '-p', 'Name', '-p', 'Leader', '-p', 'State'],
])('answers what is asked, and no other form: %j', async (tool, ...args) => {
  await expect(memoryHost().query([tool, ...args])).rejects.toMatchObject({
    message: expect.stringContaining('not modelled'),
  })
})

describe('beginnings of IDs', () => {
  const ask = async (tool: string, ...names: readonly string[]): Promise<string> => {
    const host = memoryHost()
    for (let at = 0; at < 40; at++) await byHand(host, `container start ${tool} name${at}`)
    const context = tool === 'docker' ? ['--context', 'default'] : []
    return host.query([tool, ...context, 'container', 'inspect', ...names], { answers: [1, 125] })
  }

  it('of several containers: docker goes on, podman stops', async () => {
    const docker = parseInspect(await ask('docker', '0', 'name1'))
    expect(inspectedOf(docker, 'docker', '0').state).toBe('absent')
    expect(inspectedOf(docker, 'docker', 'name1').state).toBe('running')
    const podman = parseInspect(await ask('podman', '0', 'name1'))
    expect(inspectedOf(podman, 'podman', '0').state).toBe('absent')
    expect(inspectedOf(podman, 'podman', 'name1').state).toBe('unknown')
  })
})
