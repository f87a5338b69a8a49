import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { vethName } from '../../src/model/identity.ts'
import { NO_INTERVAL } from './controller-edits.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { container, forward, networkYaml } from './fixtures.ts'
import { stress, type Burst } from './stress.ts'
import { prepareStorms } from './stress-host.ts'
import { seeded } from './stress-random.ts'

/** `npm run soak` asks for minutes, and more containers. */
const SECONDS = Number(process.env['SLASH64_STRESS_SECONDS'] ?? 44)
const CONTAINERS = Number(process.env['SLASH64_STRESS_CONTAINERS'] ?? 8)
const LOOPS = Number(process.env['SLASH64_STRESS_LOOPS'] ?? 4)
const SEED = Number(process.env['SLASH64_STRESS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const NAMES = Array.from({ length: CONTAINERS }, (_, index) => `c${index}`)
let lab: Lab
let controller: RunningController
let yaml: string

beforeAll(async () => {
  lab = await createLab({ containers: NAMES })
  await prepareStorms(lab)
  const containers = Object.fromEntries(
    NAMES.map((name, index) => [name, container(lab, name, index + 2, { expose: ['443/tcp'] })]),
  )
  const nat = { source: 'snat' as const, forwards: [forward('2222/tcp -> c0:22')] }
  yaml = networkYaml({ containers, nat, firewall: { eastWest: 'deny' } })
  controller = startController(lab, yaml, { args: NO_INTERVAL })
  await converged(controller, 60_000 + 1_000 * CONTAINERS)
  // The look that ends the monitors' loading: from then on nothing but their lines can tell.
  await eventually(async () => ((await controller.metric(LOADED)) ?? 0) > 0)
})

const LOADED = 'slash64_reconcile_total{trigger="monitor",result="noop"}'

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

function victims() {
  const nameOf = (place: string): string => {
    return vethName({ type: 'netns', name: lab.namespace(place), interface: 'eth0' })
  }
  const [first = '', ...others] = NAMES.map(nameOf)
  return { ports: [first, ...others] as const }
}

it.each([
  ['on a machine without other load', 0],
  [`beside ${LOOPS} busy loops`, LOOPS],
])(
  'each of many random edits is healed by the events that it makes, %s',
  { timeout: (SECONDS + 600) * 1_000 },
  async (name, loops) => {
    const seed = SEED + loops
    console.log(`stress: SLASH64_STRESS_SEED=${SEED}, ${CONTAINERS} containers, ${name}`)
    const bursts = await stress(
      { lab, controller, random: seeded(seed), victims: victims(), yaml },
      SECONDS / 2,
      loops,
    )
    for (const sort of new Set(bursts.map((burst) => burst.sort)))
      console.log(
        summary(
          sort,
          bursts.filter((burst) => burst.sort === sort),
        ),
      )
    console.log(`  storms that overran a monitor: ${bursts.filter(({ overrun }) => overrun).length}`)
    expect(bursts.filter(({ healed }) => healed === undefined)).toEqual([])
  },
)

/** How long healing took, for people: what is asserted is only that nothing was lost. */
function summary(sort: string, bursts: readonly Burst[]): string {
  const edits = bursts.reduce((sum, burst) => sum + burst.edits.length, 0)
  const times = bursts.flatMap(({ healed }) => healed ?? []).toSorted((one, other) => one - other)
  const at = (part: number): string =>
    `${Math.round(times[Math.ceil(part * times.length) - 1] ?? Number.NaN)} ms`
  const lost = bursts.length - times.length
  return `  ${sort}: ${bursts.length} bursts, ${edits} edits, ${lost} lost; healed after ${at(0.5)} (median), ${at(0.99)} (p99), ${at(1)} (most)`
}
