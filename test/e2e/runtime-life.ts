import { afterAll, beforeAll, expect, it } from 'vitest'
import { MARK_TEXT } from '../../src/model/identity.ts'
import { expectExit, IPV6 } from './fixtures.ts'
import {
  expectReached,
  expectWithdrawn,
  pass,
  planOf,
  portsOf,
  sceneYaml,
  statesOf,
  type Scene,
  type Subject,
} from './runtime-fixtures.ts'

/** The life of containers of one runtime, from before slash64 is there until it is gone. */
export function testLife(open: () => Promise<Scene>): void {
  let scene: Scene
  const early = (): readonly Subject[] => scene.subjects.filter(({ isPort }) => !isPort)
  const late = (): readonly Subject[] => scene.subjects.filter(({ isPort }) => isPort)
  const allStates = (state: string): Readonly<Record<string, string>> =>
    Object.fromEntries(scene.subjects.map(({ real }) => [real.name, state]))
  const reachAll = async (): Promise<unknown> =>
    Promise.all(scene.subjects.map(async (subject) => expectReached(scene, subject)))
  const each = async (method: 'start' | 'restart' | 'kill' | 'remove', some = scene.subjects) =>
    Promise.all(some.map(async ({ real }) => real[method]()))

  beforeAll(async () => {
    scene = await open()
  })
  afterAll(async () => scene.end())

  it('is given its network where it runs before slash64 does, and is absent, no error, where it does not', async () => {
    await each('start', early())
    await pass(scene, { yaml: sceneYaml(scene.subjects) })
    await Promise.all(early().map(async (subject) => expectReached(scene, subject)))
    const states = await statesOf(scene)
    for (const { real, isPort } of scene.subjects)
      expect(states[real.name]).toBe(isPort ? 'absent' : 'running')
    await expectWithdrawn(scene, late())
  })

  it('is given it where it is started after, and a second pass changes nothing', async () => {
    await each('start', late())
    expect((await planOf(scene)).hasChanges).toBe(late().length > 0)
    await pass(scene)
    await reachAll()
    expect(await statesOf(scene)).toEqual(allStates('running'))
    expect(await pass(scene)).toMatchObject({ hasChanges: false })
  })

  it('has inside what is declared: addresses, default routes, no router but the host', async () => {
    for (const { real, number, runtime } of scene.subjects) {
      const device = runtime.interface ?? 'eth0'
      const said = async (...argv: readonly string[]): Promise<string> => (await real.exec(argv)).stdout
      const addresses = await said('ip', '-o', 'addr', 'show', 'dev', device)
      expect(addresses).toContain(` 10.64.0.${number}/24 `)
      expect(addresses).toContain(` ${IPV6}1:${number}/112 `)
      expect(await said('ip', 'route')).toContain(`default via 10.64.0.1 dev ${device}`)
      expect(await said('ip', '-6', 'route')).toContain(`default via ${IPV6}1:1 dev ${device}`)
      expect(await said('cat', `/proc/sys/net/ipv6/conf/${device}/accept_ra`)).toBe('0\n')
    }
  })

  it('is drift when it was started again, and is healed; nothing of the last one stays', async () => {
    const before = await portsOf(scene)
    await each('restart')
    expect(await planOf(scene)).toMatchObject({ hasChanges: true, errors: [] })
    await pass(scene)
    await reachAll()
    expect(await portsOf(scene)).toHaveLength(before.length)
    expect(await pass(scene)).toMatchObject({ hasChanges: false })
  })

  it('is absent when it was killed, draws nothing, leaves nothing, and comes back', async () => {
    await each('kill')
    await pass(scene)
    expect(await statesOf(scene)).toEqual(allStates('absent'))
    await expectWithdrawn(scene, scene.subjects)
    expect(await portsOf(scene)).toEqual([])
    expect(await planOf(scene)).toMatchObject({ hasChanges: false, errors: [] })
    await each('start')
    await pass(scene)
    await reachAll()
  })

  it('loses with teardown what is ours and no more, running as it is', async () => {
    const ports = new Set(await portsOf(scene))
    const result = await scene.slash64(['teardown', '--yes'])
    expectExit(result, 0)
    expect(await portsOf(scene)).toEqual([...ports].filter((name) => !name.startsWith('s64-')))
    for (const { real, number, isPort } of scene.subjects) {
      const addresses = (await real.exec(['ip', '-o', 'addr'])).stdout
      expect(addresses).not.toContain(` 10.64.0.${number}/`)
      expect(addresses).not.toContain(`${IPV6}1:${number}/`)
      expect(addresses.includes('eth0') || addresses.includes('host0')).toBe(isPort)
      const routes = await Promise.all(['-4', '-6'].map(async (flag) => real.exec(['ip', flag, 'route'])))
      expect(routes.map(({ stdout }) => stdout).join('')).not.toMatch(`proto ${MARK_TEXT}`)
    }
    await pass(scene)
    await reachAll()
  })

  it('is absent when its runtime does not know it any more', async () => {
    await each('remove')
    await pass(scene)
    expect(await statesOf(scene)).toEqual(allStates('absent'))
    await expectWithdrawn(scene, scene.subjects)
    expect(await portsOf(scene)).toEqual([])
    expect(await pass(scene)).toMatchObject({ hasChanges: false })
  })
}
