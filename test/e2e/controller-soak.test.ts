import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { container, forward, networkYaml } from './fixtures.ts'
import {
  childrenOf,
  converged,
  fileOf,
  startController,
  type RunningController,
} from './controller-fixtures.ts'

/** `npm run soak` asks for minutes and many containers; without it, a minute of changes in a quarter of that. */
const SECONDS = Number(process.env['SLASH64_SOAK_SECONDS'] ?? 15)
const CONTAINERS = Number(process.env['SLASH64_SOAK_CONTAINERS'] ?? 2)
const PAUSE = SECONDS > 60 ? 1_000 : 250
/** With many containers, looks at everything would leave no time for anything else. */
const INTERVAL = CONTAINERS > 20 ? '30s' : '1s'
/** kB that the resident memory may grow by between the first third of the time, in which V8 finds its size, and the last. */
const GROWTH = 24 * 1024
/** So many descriptors more are no leak: a read may be under way whenever it is looked at. */
const SLACK = 2

const OTHERS = Array.from({ length: CONTAINERS - 2 }, (_, index) => `c${index}`)
let lab: Lab
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db', ...OTHERS] })
  controller = startController(lab, yaml(0), { args: ['--interval', INTERVAL] })
  await converged(controller, 60_000 + 1_000 * CONTAINERS)
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

function yaml(round: number): string {
  const containers = {
    blog: container(lab, 'blog', 2, { expose: ['80/tcp'] }),
    db: container(lab, 'db', 3),
    ...Object.fromEntries(OTHERS.map((name, index) => [name, container(lab, name, index + 4)])),
  }
  const forwards = [forward(`${2000 + (round % 50)}/tcp -> blog:22`)]
  return networkYaml({ containers, nat: { source: 'snat', forwards } })
}

interface Sample {
  /** Resident memory, kB. */
  readonly memory: number
  readonly descriptors: number
  readonly children: number
  /** Resident memory of these, kB. */
  readonly childMemory: number
  readonly files: number
}

function look(): Sample {
  const { pid } = controller
  const children = childrenOf(pid)
  return {
    memory: residentOf(pid),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    children: children.length,
    childMemory: children.reduce((sum, child) => sum + residentOf(child), 0),
    files: readdirSync(`${lab.directory}/run`).length + readdirSync(`${lab.directory}/state`).length,
  }
}

/** Of one that has ended meanwhile, none. */
function residentOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** What a pass needs for a moment is no leak: of memory and files the middle counts, of the rest the least. */
function typical(samples: readonly Sample[]): Sample {
  const sorted = (of: keyof Sample): readonly number[] =>
    samples.map((sample) => sample[of]).toSorted((one, other) => one - other)
  const middle = Math.floor(samples.length / 2)
  return {
    memory: sorted('memory')[middle] ?? Number.NaN,
    descriptors: sorted('descriptors')[0] ?? Number.NaN,
    children: sorted('children')[0] ?? Number.NaN,
    childMemory: sorted('childMemory')[0] ?? Number.NaN,
    files: sorted('files')[middle] ?? Number.NaN,
  }
}

async function changeSomething(round: number): Promise<void> {
  if (round % 3 === 0) writeFileSync(fileOf(lab), yaml(round))
  else if (round % 3 === 1) await lab.run('host', ['nft', 'flush', 'chain', 'inet', 'slash64', 'guard'])
  else await lab.run('host', ['ip', '-6', 'neigh', 'flush', 'proxy'])
}

const DEADLINE = (SECONDS + 600 + 2 * CONTAINERS) * 1_000

it(
  'memory, descriptors, processes and files stay flat while host and file change',
  { timeout: DEADLINE },
  async () => {
    const began = Date.now()
    const isOver = (part: number): boolean => Date.now() > began + SECONDS * 1_000 * part
    const [early, late]: [Sample[], Sample[]] = [[], []]
    let round = 0
    while (!isOver(1) || late.length === 0) {
      round += 1
      const before = await controller.passes()
      await changeSomething(round)
      for (let part = 0; part < 5; part += 1) {
        await sleep(PAUSE / 5)
        if (!isOver(1 / 3) || early.length === 0) early.push(look())
        else if (isOver(2 / 3)) late.push(look())
      }
      // A busy machine makes fewer rounds, not less of each.
      expect(await eventually(async () => (await controller.passes()) > before)).toBe(true)
    }
    writeFileSync(fileOf(lab), yaml(round))
    await converged(controller, 60_000 + 1_000 * CONTAINERS)
    expect(await eventually(async () => (await controller.status()).changes.length === 0)).toBe(true)
    const [passes, first, last] = [await controller.passes(), typical(early), typical(late)]
    console.log(
      `soak: ${CONTAINERS} containers, ${SECONDS} s, ${round} changes, ${passes} passes; first third -> last third: ` +
        `memory ${first.memory} -> ${last.memory} kB, descriptors ${first.descriptors} -> ${last.descriptors}, ` +
        `processes ${first.children} -> ${last.children} with ${first.childMemory} -> ${last.childMemory} kB, files ${first.files} -> ${last.files}`,
    )
    // A busy machine makes few; none at all would prove nothing.
    expect(passes).toBeGreaterThan(SECONDS / 10)
    expect(last.memory - first.memory).toBeLessThan(Math.max(GROWTH, first.memory / 5))
    expect(last.descriptors).toBeLessThanOrEqual(first.descriptors + SLACK)
    // The monitors, and nothing else.
    expect(last.children).toBe(first.children)
    expect(last.childMemory - first.childMemory).toBeLessThan(GROWTH)
    expect(last.files).toBeLessThanOrEqual(first.files)
  },
)
