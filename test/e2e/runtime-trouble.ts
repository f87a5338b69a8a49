import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StatusDocument } from '../../src/report/status.ts'
import type { Result } from '../lab/process.ts'
import { expectExit, IPV6, type PlanDocument } from './fixtures.ts'
import {
  ASIDE,
  expectWithdrawn,
  pass,
  portsOf,
  sceneYaml,
  statesOf,
  statusOf,
  type Scene,
  type SceneOptions,
} from './runtime-fixtures.ts'
import { betweenPlanAndApply, instead, noted, without } from './runtime-programs.ts'

type Trouble = readonly [how: string, words: RegExp, options: () => SceneOptions]

/** What goes wrong beside slash64: containers that end while a pass is made, and a runtime that does not answer. */
export function testTrouble(open: () => Promise<Scene>): void {
  let scene: Scene
  const proxies = async (): Promise<string> => scene.lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])
  const expectPinged = async (): Promise<void> => {
    for (const { number } of scene.subjects)
      expect(await scene.lab.ping('internet', `${IPV6}1:${number}`)).toMatchObject({ received: 1 })
  }
  const disturbed = async (between: () => Promise<void>): Promise<PlanDocument> =>
    betweenPlanAndApply(scene, between, async (folder) => pass(scene, { path: [folder] }))

  beforeAll(async () => {
    scene = await open()
    await pass(scene, { yaml: sceneYaml(scene.subjects) })
    await Promise.all(scene.subjects.map(async ({ real }) => real.start()))
    await pass(scene)
  })
  afterAll(async () => scene?.end())

  it('is asked once for what is planned, and entered once', async () => {
    const [asked, entered] = [noted(scene, scene.tool), noted(scene, 'nsenter')]
    const path = [asked.folder, entered.folder]
    expectExit(await scene.slash64(['plan'], { path }), 0)
    expect(entered.calls()).toHaveLength(scene.subjects.length)
    expect(asked.calls().length).toBeLessThanOrEqual(scene.subjects.length)
    expect(new Set(asked.calls()).size).toBe(asked.calls().length)
    expect(await pass(scene, { path })).toMatchObject({ hasChanges: false })
    expect(entered.calls()).toHaveLength(2 * scene.subjects.length)
  })

  it.each(['kill', 'stop', 'restart'] as const)(
    '%s in the middle of a pass is a state, and the next one heals',
    async (what) => {
      const victims = [scene.subjects[0], scene.subjects.at(-1)].flatMap((subject) => subject ?? [])
      const each = async (method: typeof what | 'start'): Promise<unknown> =>
        Promise.all(victims.map(async ({ real }) => real[method]()))
      await each('restart')
      await disturbed(async () => void (await each(what)))
      const states = await statesOf(scene)
      const state = what === 'restart' ? 'running' : 'absent'
      expect(victims.map(({ real }) => states[real.name])).toEqual([state, state])
      if (what !== 'restart') {
        await expectWithdrawn(scene, victims)
        await each('start')
      }
      await pass(scene)
      await expectPinged()
      expect(await portsOf(scene)).toHaveLength(scene.subjects.length)
    },
  )

  const expectUnknown = async (options: SceneOptions): Promise<void> => {
    const status = await scene.slash64(['status', '-o', 'json'], options)
    const { containers }: StatusDocument = JSON.parse(status.stdout)
    const states = containers.map(({ name, state }) => (name === 'aside' ? '' : state))
    expect(new Set(states)).toEqual(new Set(['', 'unknown']))
  }

  const hung = (): string => join(scene.lab.directory, 'hung')
  const troubles: readonly Trouble[] = [
    ['is missing', /was not found in PATH/, () => ({ onlyPath: without(scene) })],
    [
      'hangs',
      /did not end in time/,
      () => ({ path: [instead(scene, `echo run >>'${hung()}'; sleep 4321`)] }),
    ],
    ['prints garbage', /garbage/, () => ({ path: [instead(scene, 'echo "[{garbage"')] })],
    [
      'fails',
      /the daemon is away/,
      () => ({ path: [instead(scene, 'echo "the daemon is away" >&2; exit 1')] }),
    ],
  ]
  it.each(troubles)('only its containers are unknown when its program %s', async (how, words, optionsOf) => {
    const before = { proxies: (await proxies()).split('\n').toSorted(), ports: await portsOf(scene) }
    await scene.lab.ip('host', `neigh delete proxy ${ASIDE} dev eth0`)
    const options = optionsOf()
    // What hangs takes its three seconds each time.
    const isStatusQuick = how !== 'hangs'
    const result: Result = await scene.slash64(['reconcile', '--once', '-o', 'json'], options)
    // Some times for each container: before the changes and after them, in company of others and alone.
    const calls = existsSync(hung()) ? readFileSync(hung(), 'utf8').split('\n').length - 1 : 0
    expect(calls).toBeLessThanOrEqual(4 * scene.subjects.length)
    expectExit(result, 1)
    const { errors, changes }: PlanDocument = JSON.parse(result.stdout)
    expect(errors).toHaveLength(1)
    expect(JSON.stringify(errors)).toContain(scene.tool)
    expect(JSON.stringify(errors)).toMatch(words)
    expect(changes.map(({ kind, action }) => `${action} ${kind}`)).toEqual(['create proxy-neighbour'])
    expect({ proxies: (await proxies()).split('\n').toSorted(), ports: await portsOf(scene) }).toEqual(before)
    if (isStatusQuick) await expectUnknown(options)
    await expectPinged()
    expect(await pass(scene)).toMatchObject({ hasChanges: false })
    expect((await statusOf(scene)).state).toBe('converged')
  })
}
