import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { NEWER_NFT, notShown } from '../support/newer-nft.ts'
import { holdersOf, tableFlags } from './controller-holders.ts'
import { NO_INTERVAL } from './controller-edits.ts'
import {
  childrenOf,
  converged,
  fileOf,
  startController,
  type RunningController,
} from './controller-fixtures.ts'
import { isAlive } from './controller-wrappers.ts'
import { container, expectExit, forward, HOST, networkYaml } from './fixtures.ts'

let lab: Lab
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  await lab.serve('blog', '22/tcp', '80/tcp')
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

function yaml(...forwards: readonly string[]): string {
  return networkYaml({
    containers: { blog: container(lab, 'blog', 2), db: container(lab, 'db', 3) },
    nat: { source: 'snat', forwards: ['2222/tcp -> blog:22', ...forwards].map((text) => forward(text)) },
  })
}

function changesTold(): readonly string[] {
  return controller.lines().filter((line) => / (created|updated|deleted) /.test(line))
}

it.each(notShown('a table that is held'))('NOT SHOWN HERE: %s', (why) => {
  expect(why).toContain('nft 1.1')
})

/** What is told when both tables get an owner again. */
const ADOPTED = ['inet', 'bridge'].map((family) =>
  expect.stringMatching(new RegExp(`updated nft-table .*"${family} slash64".*persist -> owner, persist`)),
)

describe.each(NEWER_NFT)('a table that is held', ({ nft, env }) => {
  const flags = async (): Promise<string> => tableFlags(lab, nft)
  /** With handles, so that an object that was made anew is seen; without flags and owner. */
  const table = async (): Promise<string> =>
    (await lab.must('host', [nft, '-a', 'list', 'table', 'inet', 'slash64']))
      .replace(/ progname \S+/, '')
      .replace(/\n\tflags .*/, '')
  const begin = async (text: string | undefined): Promise<void> => {
    controller = startController(lab, text, { args: NO_INTERVAL, env })
    await converged(controller)
  }
  const isHeld = async (): Promise<boolean> => (await flags()) === 'owner,persist'

  beforeAll(async () => {
    await begin(yaml())
  })

  beforeEach(async () => {
    if (!(await isHeld())) throw new Error('the table is not held')
  })

  it('is held by one child, and plan finds nothing to do', async () => {
    expect(holdersOf(controller)).toHaveLength(1)
    expectExit(await lab.slash64(['plan', '--detailed-exitcode'], { env }), 0)
  })

  it('nobody else can change or delete it', async () => {
    const before = await table()
    for (const statement of [
      'delete table inet slash64',
      'flush table inet slash64',
      'flush chain inet slash64 guard',
      'add rule inet slash64 guard accept',
      'add element inet slash64 open6 { 2001:db8:1:1::1:3 }',
    ]) {
      const { exitCode, stderr } = await lab.run('host', [nft, statement])
      expect([statement, exitCode, stderr]).toEqual([
        statement,
        1,
        expect.stringContaining('Operation not permitted'),
      ])
    }
    expect(await table()).toBe(before)
  })

  it('a flush of the whole ruleset does nothing to it: a stream through a forward lives on, counters count on', async () => {
    const stream = await lab.stream('internet', HOST, 2222)
    const told = changesTold().length
    expect(await lab.tcp('internet', HOST, 22)).not.toContain('blog')
    const before = await table()
    const answers: string[] = []
    const over = new AbortController()
    const talking = (async () => {
      while (!over.signal.aborted) {
        answers.push(await stream.probe())
        await sleep(10)
      }
    })()
    for (let flush = 0; flush < 20; flush += 1) {
      await lab.must('host', ['nft', 'add table ip theirs'])
      await lab.must('host', [flush % 2 === 0 ? 'nft' : nft, 'flush', 'ruleset'])
      expect((await lab.must('host', [nft, 'list', 'tables'])).trim().split('\n')).toEqual([
        'table inet slash64',
        'table bridge slash64',
      ])
    }
    over.abort()
    await talking
    expect(answers.length).toBeGreaterThan(20)
    expect(new Set(answers)).toEqual(new Set(['alive']))
    // Counters go up with what came meanwhile, and never back.
    const withoutCounts = (text: string): string => text.replaceAll(/packets \d+ bytes \d+/g, '')
    expect(withoutCounts(await table())).toBe(withoutCounts(before))
    expect(changesTold()).toHaveLength(told)
  })

  it('edits of the file reach it', async () => {
    edit(yaml('2223/tcp -> blog:22'))
    expect(await eventually(async () => (await lab.tcp('internet', HOST, 2223)).includes('blog'))).toBe(true)
    edit(yaml())
    expect(await eventually(async () => !(await lab.tcp('internet', HOST, 2223)).includes('blog'))).toBe(true)
    expect(await lab.tcp('internet', HOST, 2222)).toContain('blog')
    await controller.says(/deleted port-forward/)
  })

  it('when the child is killed, the table stays and is adopted by the next one; nothing else changes', async () => {
    const stream = await lab.stream('internet', HOST, 2222)
    const [before, told, [old = 0]] = [await table(), changesTold().length, holdersOf(controller)]
    process.kill(old, 'SIGKILL')
    expect(await eventually(async () => !isAlive(old) && (await isHeld()))).toBe(true)
    expect(await table()).toBe(before)
    expect(holdersOf(controller)).toHaveLength(1)
    await controller.says(/updated nft-table/)
    expect(changesTold().slice(told)).toEqual(ADOPTED)
    await lab.must('host', ['nft', 'flush', 'ruleset'])
    expect(await table()).toBe(before)
    expect(await stream.probe()).toBe('alive')
  })

  it('when the controller is killed, --once can change the table, and the next controller only adopts it', async () => {
    const stream = await lab.stream('internet', HOST, 2222)
    controller.signal('SIGKILL')
    await controller.exit
    expect(await eventually(async () => (await flags()) === 'persist')).toBe(true)
    expectExit(await lab.slash64(['reconcile', '--once'], { env, yaml: yaml('2224/tcp -> blog:22') }), 0)
    expect(await flags()).toBe('persist')
    expect(await lab.tcp('internet', HOST, 2224)).toContain('blog')
    const before = await table()
    await begin(undefined)
    expect(await isHeld()).toBe(true)
    expect(await table()).toBe(before)
    expect(await eventually(() => changesTold().length >= ADOPTED.length)).toBe(true)
    expect(changesTold()).toEqual(ADOPTED)
    expect(await stream.probe()).toBe('alive')
  })

  it('told to end, it lets the table go as it is; teardown removes it', async () => {
    const children = childrenOf(controller.pid)
    const before = await table()
    expect(await controller.stop()).toBe(0)
    expect(children.filter(isAlive)).toEqual([])
    expect(await flags()).toBe('persist')
    expect(await table()).toBe(before)
    expectExit(await lab.slash64(['plan', '--detailed-exitcode'], { env }), 0)
    expectExit(await lab.slash64(['teardown', '--yes'], { env }), 0)
    expect(await lab.must('host', [nft, 'list', 'tables'])).toBe('')
    await begin(yaml())
  })
})

/** A new text of the file, for the controller that runs. */
function edit(text: string): void {
  writeFileSync(fileOf(lab), text)
}
