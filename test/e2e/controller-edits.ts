import { symlinkSync, renameSync } from 'node:fs'
import type { Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { container, forward, networkYaml } from './fixtures.ts'
import { fileOf, sumOf, type RunningController } from './controller-fixtures.ts'

/** Texts of the file that can be told from each other on the host: each opens another port. */
export interface Edits {
  /** Another text at each call. */
  readonly next: () => string
  /** The last text once more. */
  readonly last: () => string
  /** The port that the last text opens. */
  readonly port: () => number
  /** Whether the last text is in force, in time. */
  readonly isInForce: () => Promise<boolean>
  /** Makes the file a symbolic link, or points it elsewhere, by a rename. */
  readonly link: (to: string) => void
}

/** Nothing but the file and events make passes. */
export const NO_INTERVAL = ['--interval', '1h'] as const

export function edits(lab: Lab): Edits {
  let port = 7_000
  const last = (): string =>
    networkYaml({
      containers: {
        blog: container(lab, 'blog', 2, { expose: [`${port}/tcp`] }),
        db: container(lab, 'db', 3),
      },
      nat: { source: 'snat', forwards: [forward('2222/tcp -> blog:22')] },
    })
  const exposed = async () => lab.run('host', ['nft', 'list', 'set', 'inet', 'slash64', 'exposed6'])
  return {
    next: () => {
      port += 1
      return last()
    },
    last,
    port: () => port,
    isInForce: async () => eventually(async () => (await exposed()).stdout.includes(` . ${port} `)),
    link: (to) => {
      symlinkSync(to, `${fileOf(lab)}.new`)
      renameSync(`${fileOf(lab)}.new`, fileOf(lab))
    },
  }
}

/** How many passes were made for this, with whatever result. */
export async function passesFor(controller: RunningController, trigger: string): Promise<number> {
  const page = await controller.get('/metrics')
  const lines = page.split('\n').filter((line) => line.includes(`trigger="${trigger}"`))
  return sumOf(lines.join('\n'), 'slash64_reconcile_total')
}

/**
 * A look at everything, after all that has happened until now: what was to come of it has come when this resolves. So a test
 * sees that something does not happen, without a guess how long it would take.
 */
export async function looksAgain(controller: RunningController): Promise<void> {
  const before = await passesFor(controller, 'signal')
  controller.signal('SIGHUP')
  if (!(await eventually(async () => (await passesFor(controller, 'signal')) > before)))
    throw new Error(`it looks no more:\n${controller.log()}`)
}

/** Whether the file is called right (1) or not (0), in time. */
export async function isCalledValid(controller: RunningController, value: 0 | 1): Promise<boolean> {
  return eventually(async () => (await controller.metric('slash64_config_valid')) === value)
}
