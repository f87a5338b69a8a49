import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, mustRun } from '../lab/process.ts'
import { NEWER_NFT, notShown } from '../support/newer-nft.ts'
import { NO_INTERVAL } from './controller-edits.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { container, expectExit, forward, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'
import { FULL, leftElsewhere, TROUBLES, type Trouble } from './run-directory-troubles.ts'

const ROUTE = ['ip', '-6', 'route', 'show', `${IPV6}1:2`]
const OPEN = ['nft', 'list', 'set', 'inet', 'slash64', 'exposed6']
const WAIT = 60_000
let lab: Lab
let runDir = ''

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  runDir = join(lab.directory, 'run')
  await reconcile(lab, yaml())
})
afterAll(async () => lab?.destroy())

function yaml(): string {
  return networkYaml({
    containers: {
      blog: container(lab, 'blog', 2, { expose: ['22/tcp'] }),
      db: container(lab, 'db', 3),
    },
    nat: { source: 'snat', forwards: [forward('2222/tcp -> blog:22')] },
  })
}

async function is(argv: readonly string[], words: string): Promise<boolean> {
  return (await lab.run('host', argv)).stdout.includes(words)
}

/** The firewall, and a route of ours. */
async function breakHost(): Promise<void> {
  await lab.run('host', ['nft', 'flush', 'ruleset'])
  await lab.must('host', ['ip', '-6', 'route', 'delete', `${IPV6}1:2`])
}

/** And what is inside of a container, of which no event tells. */
async function breakAll(): Promise<void> {
  await breakHost()
  await lab.must('blog', ['ip', 'route', 'flush', 'default'])
}

async function isWhole(): Promise<boolean> {
  return (
    (await is(OPEN, `${IPV6}1:2 . tcp . 22`)) &&
    (await is(ROUTE, 'dev br-ct proto 164 metric 164')) &&
    (await lab.run('blog', ['ip', 'route', 'show', 'default'])).stdout.includes('via 10.64.0.1')
  )
}

describe.each(TROUBLES)('one pass on a run directory that is $name', (trouble: Trouble) => {
  beforeEach(async () => trouble.begin(runDir))

  it('heals all the same, says so, and leaves nothing behind', async () => {
    try {
      await breakAll()
      const healed = await lab.slash64(['reconcile', '--once'])
      expectExit(healed, 0)
      expect(healed.stderr).toMatch(/S64-H009.*the run directory cannot be written/)
      expect(await isWhole()).toBe(true)
      const again = await lab.slash64(['reconcile', '--once', '-o', 'json'])
      expectExit(again, 0)
      expect(JSON.parse(again.stdout)).toMatchObject({
        applied: 0,
        converged: true,
        errors: [{ code: 'S64-H009' }],
      })
      expect(leftElsewhere('/dev/shm', lab.stateDirectory)).toEqual([])
    } finally {
      await trouble.end(runDir)
    }
    expect(await plan(lab)).toMatchObject({ hasChanges: false, errors: [] })
    expect((await reconcile(lab)).stderr).toBe('')
    expect(readdirSync(runDir).filter((name) => name.startsWith('tx-'))).toEqual([])
  })
})

it('uses the state directory where there is no room in memory either', async () => {
  await FULL.begin(runDir)
  await FULL.begin('/dev/shm')
  try {
    await breakAll()
    expectExit(await lab.slash64(['reconcile', '--once']), 0)
    expect(await isWhole()).toBe(true)
    expect(leftElsewhere('/dev/shm', lab.stateDirectory)).toEqual([])
  } finally {
    await FULL.end('/dev/shm')
    await FULL.end(runDir)
  }
})

it('heals with a state directory and a run directory that are full, and tells both', async () => {
  await FULL.begin(runDir)
  await FULL.begin(lab.stateDirectory)
  try {
    await breakAll()
    await lab.writeSysctl('host', 'net/ipv6/conf/all/proxy_ndp', 0)
    const healed = await lab.slash64(['reconcile', '--once'])
    expectExit(healed, 1)
    expect(healed.stderr).toMatch(/S64-H008/)
    expect(healed.stderr).toMatch(/S64-H009/)
    expect(await isWhole()).toBe(true)
  } finally {
    await FULL.end(lab.stateDirectory)
    await FULL.end(runDir)
  }
  await reconcile(lab)
})

it('a directory of a killed run is swept from memory, if it is ours and old', async () => {
  const old = ['slash64-tx-old000', 'slash64-tx-theirs'].map((name) => join('/dev/shm', name))
  const others = ['slash64-tx-new000', 'other-tx-old000'].map((name) => join('/dev/shm', name))
  const all = [...old, ...others]
  try {
    await mustRun(['mkdir', '-m', '0700', ...all])
    await mustRun(['touch', join(old[0] ?? '', 'tx')])
    await mustRun(['chown', '65534', old[1] ?? ''])
    await mustRun(['touch', '-d', '1 hour ago', ...old, others[1] ?? ''])
    await reconcile(lab)
    const left = readdirSync('/dev/shm')
    expect(left).not.toContain('slash64-tx-old000')
    expect(left).toEqual(
      expect.arrayContaining(['slash64-tx-theirs', 'slash64-tx-new000', 'other-tx-old000']),
    )
  } finally {
    await mustRun(['rm', '-rf', ...all])
  }
})

it.each(notShown('a table that is held'))('NOT SHOWN HERE: %s', (why) => expect(why).toContain('nft 1.1'))

describe.each([
  { name: 'the usual nft', env: {} },
  ...NEWER_NFT.map(({ env }) => ({ name: 'a held table', env })),
])('a controller with $name', ({ env }) => {
  let controller: RunningController
  afterEach(async () => {
    await controller.stop()
  })

  it.each(TROUBLES)(
    'heals on a run directory that is $name, says so, and no more when it is back',
    async (trouble) => {
      controller = startController(lab, yaml(), { args: NO_INTERVAL, env })
      await converged(controller)
      await trouble.begin(runDir)
      const told = async () => (await controller.status()).errors.map(({ code }) => code)
      try {
        for (let round = 0; round < 2; round += 1) {
          await breakHost()
          expect(await eventually(isWhole, WAIT)).toBe(true)
        }
        expect(await eventually(async () => (await told()).includes('S64-H009'), WAIT)).toBe(true)
        await controller.says(/warning.*S64-H009|S64-H009/)
        expect(
          await eventually(async () => leftElsewhere('/dev/shm', lab.stateDirectory).length === 0, WAIT),
        ).toBe(true)
      } finally {
        await trouble.end(runDir)
      }
      controller.signal('SIGHUP')
      expect(await eventually(async () => (await told()).length === 0, WAIT)).toBe(true)
      expect(controller.lines().filter((line) => line.includes('S64-H009'))).toHaveLength(1)
    },
  )
})
