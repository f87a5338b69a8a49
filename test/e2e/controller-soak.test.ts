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

/** `npm run soak` asks for minutes; without it, a minute of changes in a quarter of that. */
const SECONDS = Number(process.env['SLASH64_SOAK_SECONDS'] ?? 15)
const PAUSE = SECONDS > 60 ? 1_000 : 250
/** kB that the resident memory may grow by after the first third, in which V8 finds its size. */
const GROWTH = 24 * 1024

let lab: Lab
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  controller = startController(lab, yaml(0), { args: ['--interval', '1s'] })
  await converged(controller)
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

function yaml(round: number): string {
  const containers = { blog: container(lab, 'blog', 2, { expose: ['80/tcp'] }), db: container(lab, 'db', 3) }
  const forwards = [forward(`${2000 + (round % 50)}/tcp -> blog:22`)]
  return networkYaml({ containers, nat: { source: 'snat', forwards } })
}

interface Sample {
  /** Resident memory, kB. */
  readonly memory: number
  readonly descriptors: number
  readonly children: number
  readonly files: number
}

/** Between two passes, so that what a pass needs for a moment is not taken for a leak. */
async function sample(): Promise<Sample> {
  let found = look()
  for (let again = 0; again < 20; again += 1) {
    await sleep(20)
    const next = look()
    if (next.descriptors <= found.descriptors && next.children <= found.children) found = next
  }
  return found
}

function look(): Sample {
  const { pid } = controller
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    memory: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    children: childrenOf(pid).length,
    files: readdirSync(`${lab.directory}/run`).length + readdirSync(`${lab.directory}/state`).length,
  }
}

const DEADLINE = (SECONDS + 600) * 1_000

it(
  'memory, descriptors, processes and files stay flat while host and file change',
  { timeout: DEADLINE },
  async () => {
    const end = Date.now() + SECONDS * 1_000
    let [warm, round]: [Sample | undefined, number] = [undefined, 0]
    const warmAt = Date.now() + (SECONDS * 1_000) / 3
    while (Date.now() < end) {
      round += 1
      const before = await controller.passes()
      if (round % 3 === 0) writeFileSync(fileOf(lab), yaml(round))
      else if (round % 3 === 1) await lab.run('host', ['nft', 'flush', 'chain', 'inet', 'slash64', 'guard'])
      else await lab.run('host', ['ip', '-6', 'neigh', 'flush', 'proxy'])
      await sleep(PAUSE)
      // A busy machine makes fewer rounds, not less of each.
      expect(await eventually(async () => (await controller.passes()) > before)).toBe(true)
      if (warm === undefined && Date.now() > warmAt) warm = await sample()
    }
    writeFileSync(fileOf(lab), yaml(round))
    await converged(controller)
    expect(await eventually(async () => (await controller.status()).changes.length === 0)).toBe(true)
    const last = await sample()
    const [passes, first] = [await controller.passes(), warm ?? last]
    console.log(
      `soak: ${SECONDS} s, ${round} changes, ${passes} passes; memory ${first.memory} -> ${last.memory} kB, ` +
        `descriptors ${first.descriptors} -> ${last.descriptors}, processes ${first.children} -> ${last.children}`,
    )
    expect(passes).toBeGreaterThan(round / 2)
    expect(last.memory - first.memory).toBeLessThan(GROWTH)
    expect(last.descriptors).toBeLessThanOrEqual(first.descriptors)
    // The monitors, and nothing else.
    expect(last.children).toBe(3)
    expect(last.files).toBeLessThanOrEqual(first.files)
  },
)
