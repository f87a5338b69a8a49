import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { fileOf, type RunningController } from './controller-fixtures.ts'
import { randomEdit, type Edit, type EditSort, type Victims } from './stress-edits.ts'
import { busyLoops, differences, drops, standing, storm } from './stress-host.ts'
import type { Random } from './stress-random.ts'

/** What is not healed after so long (ms) is lost: far more than a busy machine takes, far less than the interval. */
export const BOUND = 30_000
/** Bursts between two writes of the file, by which the controller forgets who fights it for what. */
const CHAPTER = 12
/** Milliseconds without a pass, after which none is to come. */
const CALM = 2_500
/** Of each storm, enough that some overrun the monitor's socket. */
const ROUTES = 4_000

/** Of one sort, so that nothing but its own events can heal it; or of all. */
const ALL: readonly [EditSort, ...EditSort[]] = ['route', 'link', 'address', 'setting', 'proxy', 'firewall']
const ALONE = ALL.map((sort): readonly [EditSort] => [sort])
const SORTS: readonly [typeof ALL, ...(typeof ALL)[]] = [ALL, ALL, ...ALONE, ['route'], ['firewall']]

export interface Stage {
  readonly lab: Lab
  readonly controller: RunningController
  readonly random: Random
  readonly victims: Victims
  readonly yaml: string
}

export interface Burst {
  readonly sort: string
  readonly edits: readonly Edit[]
  /** Milliseconds from the last edit to a host as it was before; undefined: lost. */
  readonly healed: number | undefined
  /** A storm was more than a monitor could read: the kernel dropped some of it. */
  readonly overrun: boolean
}

/** Edits in bursts for so many seconds; what is lost is printed at once, and put right by a SIGHUP before it goes on. */
export async function stress(stage: Stage, seconds: number, loops: number): Promise<readonly Burst[]> {
  const wanted = await standing(stage.lab)
  const stop = busyLoops(stage.lab, loops)
  const bursts: Burst[] = []
  try {
    for (const end = Date.now() + seconds * 1_000; Date.now() < end;) {
      const burst = await oneBurst(stage, wanted)
      bursts.push(burst)
      if (burst.healed === undefined) await recover(stage, wanted, burst, bursts.length)
      if (bursts.length % CHAPTER === 0) bursts.push(...(await closeChapter(stage, bursts)))
    }
    bursts.push(...(await closeChapter(stage, bursts)))
  } finally {
    stop()
  }
  return bursts
}

async function oneBurst(stage: Stage, wanted: readonly string[]): Promise<Burst> {
  const { lab, random } = stage
  const sorts = random.pick(SORTS)
  if (sorts !== ALL && random.next() < 0.5) await untilCalm(stage.controller)
  const edits = Array.from({ length: random.pick([1, 1, 1, 2, 3, 5, 10]) }, () =>
    randomEdit(random.pick(sorts), random, stage.victims),
  )
  const stormy = random.next() < 0.15
  const before = stormy ? await drops(lab) : 0
  const weather = stormy ? storm(lab, ROUTES) : Promise.resolve()
  if (stormy) await sleep(random.below(200))
  for (const { argv, input } of edits) {
    await lab.run('host', argv, input === undefined ? {} : { input })
    await sleep(random.pick([0, 0, 5, 20, 100]))
  }
  const made = performance.now()
  await weather
  const overrun = stormy && (await drops(lab)) > before
  const isHealed = async () => differences(wanted, await standing(lab)).length === 0
  const healed = (await eventually(isHealed, BOUND)) ? performance.now() - made : undefined
  return {
    sort: `${sorts === ALL ? 'all' : sorts.join('+')}${stormy ? ', storm' : ''}`,
    edits,
    healed,
    overrun,
  }
}

/**
 * Until no look at everything is to come, which would heal whatever an event is lost of: a monitor that nft 1.0.6 died of makes
 * one two seconds after it was started again.
 */
async function untilCalm(controller: RunningController): Promise<void> {
  let [seen, since] = [-1, Date.now()]
  await eventually(async () => {
    const passes = await controller.passes()
    if (passes !== seen) [seen, since] = [passes, Date.now()]
    await sleep(200)
    return Date.now() - since > CALM
  }, 20_000)
}

/** Says all that may tell why it was lost; whether it heals by itself later, and by a look at everything. */
async function recover(stage: Stage, wanted: readonly string[], burst: Burst, step: number): Promise<void> {
  const { lab, controller } = stage
  const left = differences(wanted, await standing(lab))
  const said = [
    `LOST at step ${step} (${burst.sort}):`,
    ...burst.edits.map(({ name }) => `  ${name}`),
    ...left,
  ]
  said.push('the controller said:', ...controller.lines().slice(-20), await eventsOf(lab))
  const isHealed = async () => differences(wanted, await standing(lab)).length === 0
  controller.signal('SIGHUP')
  const found = await eventually(isHealed, BOUND)
  console.log([...said, `after SIGHUP: ${found ? 'healed' : 'not healed'}`].join('\n'))
}

/** What the controller's flight recorder tells. */
async function eventsOf(lab: Lab): Promise<string> {
  const program = join(process.cwd(), 'dist/slash64.cjs')
  const words = [process.execPath, program, 'events', '--run-dir', join(lab.directory, 'run')]
  const { exitCode, stdout } = await lab.run('host', words)
  return exitCode === 0 ? stdout.split('\n').slice(-200).join('\n') : '(no events)'
}

/** Nothing differs as slash64 itself sees it, in containers too; then the file is written again, with the same meaning. */
async function closeChapter(stage: Stage, bursts: readonly Burst[]): Promise<readonly Burst[]> {
  const { lab, random, yaml } = stage
  let left: readonly unknown[] = []
  const isClean = async (): Promise<boolean> => {
    const { stdout } = await lab.slash64(['plan', '-o', 'json'])
    left = changesIn(stdout)
    return left.length === 0
  }
  const isFine = await eventually(isClean, BOUND)
  if (!isFine)
    console.log(`LOST in the ${CHAPTER} bursts before step ${bursts.length}: ${JSON.stringify(left)}`)
  writeFileSync(fileOf(lab), `# ${bursts.length}\n${yaml}`)
  // Half of the time what comes next meets the look at everything that this makes.
  await sleep(random.pick([50, 1_500]))
  return isFine ? [] : [{ sort: 'as plan sees it', edits: [], healed: undefined, overrun: false }]
}

function changesIn(text: string): readonly unknown[] {
  try {
    return JSON.parse(text).changes
  } catch {
    return ['no plan']
  }
}
