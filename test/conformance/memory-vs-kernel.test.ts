import { afterAll, describe, expect, it } from 'vitest'
import { eventually } from '../lab/process.ts'
import { COUNTER_CASES } from './counter-cases.ts'
import { ELEMENT_CASES } from './element-cases.ts'
import { FRAME_CASES } from './frame-cases.ts'
import { kernelSide, removeKernelSides } from './kernel-side.ts'
import { LINK_CASES } from './link-cases.ts'
import { memorySide } from './memory-side.ts'
import { readLinks, readTables } from './reading.ts'
import { ROUTE_CASES } from './route-cases.ts'
import { RULE_CASES } from './rule-cases.ts'
import { BRIDGE, INSIDE, PAIR } from './step.ts'
import { SYSCTL_CASES, SYSCTLS } from './sysctl-cases.ts'
import type { Outcome, Side } from './side.ts'
import type { Step } from './step.ts'

afterAll(removeKernelSides)

interface Result {
  readonly outcomes: readonly Outcome[]
  readonly state: unknown
}

async function result(
  side: Side,
  steps: readonly Step[],
  read: (side: Side) => Promise<unknown>,
): Promise<Result> {
  const outcomes: Outcome[] = []
  for (const step of steps) outcomes.push(await side.run(step))
  return { outcomes, state: await read(side) }
}

async function both(
  steps: readonly Step[],
  read: (side: Side) => Promise<unknown>,
): Promise<{ fake: Result; real: Result }> {
  const real = await result(kernelSide(), steps, read)
  return { fake: await result(memorySide(), steps, read), real }
}

async function readAtOnce(side: Side): Promise<unknown> {
  return readLinks(side, 'at once')
}

async function readSysctls(side: Side): Promise<unknown> {
  const values = await Promise.all(SYSCTLS.map(async (name) => `${name}=${await side.readSysctl(name)}`))
  return { values, links: await readAtOnce(side) }
}

describe('the memory host does what the kernel does', () => {
  it.each([...LINK_CASES, ...ROUTE_CASES])('ip: $title', async ({ steps }) => {
    const { fake, real } = await both(steps, readAtOnce)
    expect(fake).toEqual(real)
  })

  it.each([...ELEMENT_CASES, ...RULE_CASES, ...FRAME_CASES, ...COUNTER_CASES])(
    'nft: $title',
    async ({ steps }) => {
      const { fake, real } = await both(steps, readTables)
      expect(fake).toEqual(real)
    },
  )

  it.each(SYSCTL_CASES)('sysctl: $title', async ({ steps }) => {
    const { fake, real } = await both(steps, readSysctls)
    expect(fake).toEqual(real)
  })

  it('carrier, and the link-local addresses that follow it', async () => {
    const steps: readonly Step[] = [{ batch: BRIDGE }, { batch: PAIR }, { batch: INSIDE, in: 'c1' }]
    const later: readonly Step[] = [{ ip: 'link set dev eth0 down', in: 'c1' }]
    const sides = [memorySide(), kernelSide()] as const
    for (const round of [steps, later]) {
      for (const side of sides) for (const step of round) await side.run(step)
      const read = async () => Promise.all(sides.map(async (side) => readLinks(side, 'settled')))
      // The kernel's addresses are tentative for two seconds.
      await eventually(async () => {
        const [fake, real] = await read()
        return JSON.stringify(fake) === JSON.stringify(real)
      })
      const [fake, real] = await read()
      expect(fake).toEqual(real)
    }
  })
})
