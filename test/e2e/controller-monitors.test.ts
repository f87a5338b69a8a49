import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { edits, NO_INTERVAL, passesFor, type Edits } from './controller-edits.ts'
import {
  argvOf,
  childrenOf,
  converged,
  startController,
  type RunningController,
} from './controller-fixtures.ts'
import { isAlive, slowed, unslowed } from './controller-wrappers.ts'
import { IPV6 } from './fixtures.ts'

const NAMES = ['nft', 'nft-tables', 'ip'] as const
type Name = (typeof NAMES)[number]

let lab: Lab
let controller: RunningController
let edit: Edits

beforeEach(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
})

afterEach(async () => {
  await controller?.stop()
  await lab?.destroy()
})

async function start(env?: Readonly<Record<string, string>>): Promise<void> {
  controller = startController(lab, edit.next(), { args: NO_INTERVAL, ...(env !== undefined && { env }) })
  await converged(controller)
}

async function isUp(name: Name, value: 0 | 1): Promise<boolean> {
  const metric = async () => controller.metric(`slash64_monitor_up{monitor="${name}"}`)
  return eventually(async () => (await metric()) === value)
}

async function areUp(): Promise<void> {
  for (const name of NAMES) expect([name, await isUp(name, 1)]).toEqual([name, true])
}

async function isTold(pattern: RegExp, times = 1): Promise<boolean> {
  return eventually(() => controller.lines().filter((line) => pattern.test(line)).length >= times)
}

/** The processes of a monitor, by the words of their commands. */
function pidsOf(name: Name): readonly number[] {
  return childrenOf(controller.pid).filter((pid) => {
    const words = argvOf(pid)
    if (!words.includes('monitor') || !words[0]?.endsWith(name === 'ip' ? '/ip' : '/nft')) return false
    return words.includes('tables') === (name === 'nft-tables')
  })
}

async function loseRoute(): Promise<void> {
  await lab.must('host', ['ip', '-6', 'route', 'del', `${IPV6}1:2`, 'dev', 'br-ct'])
}

async function isRouteBack(): Promise<boolean> {
  const routes = async () => lab.must('host', ['ip', '-6', 'route', 'show', `${IPV6}1:2`])
  return eventually(async () => (await routes()).includes('br-ct'))
}

async function loseExposure(): Promise<void> {
  await lab.must('host', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'])
}

/** Delays the monitors of a tool, and nothing else that it does. */
function delayed(tool: string, lines: string): Readonly<Record<string, string>> {
  return slowed(lab, tool, `case "$*" in *monitor*) ${lines};; esac`)
}

describe('a monitor that never listens', () => {
  it.each([
    ['ip', 'sleep 1000', ['ip'] as const, loseRoute, isRouteBack],
    ['nft', 'sleep 1000', ['nft', 'nft-tables'] as const, loseExposure, async () => edit.isInForce()],
  ])(
    '%s: is down and told; what it would tell is polled; once it listens, it is up',
    async (tool, lines, names, lose, isBack) => {
      await start(delayed(tool, lines))
      for (const name of names) expect(await isUp(name, 0)).toBe(true)
      expect(await isTold(/S64-W002.*has not subscribed|has not subscribed.*S64-W002/)).toBe(true)
      const before = await passesFor(controller, 'monitor')
      await lose()
      expect(await isBack()).toBe(true)
      const isPolled = async () => (await passesFor(controller, 'monitor')) > before + 1
      expect(await eventually(isPolled)).toBe(true)
      unslowed(lab, tool)
      await areUp()
      await lose()
      expect(await isBack()).toBe(true)
    },
  )

  it('one that only starts late is proved all the same', async () => {
    await start(delayed('ip', 'sleep 1.5'))
    await areUp()
    await loseRoute()
    expect(await isRouteBack()).toBe(true)
  })
})

describe('a monitor that is stopped', () => {
  it.each(NAMES)('%s: is killed, told and started again; what it did not tell is healed', async (name) => {
    await start()
    await areUp()
    const [pid = 0] = pidsOf(name)
    expect(pid).toBeGreaterThan(0)
    process.kill(pid, 'SIGSTOP')
    const [lose, isBack] =
      name === 'ip' ? [loseRoute, isRouteBack] : [loseExposure, async () => edit.isInForce()]
    await lose()
    expect(await isTold(/is stopped/)).toBe(true)
    expect(await eventually(() => !isAlive(pid))).toBe(true)
    expect(await isBack()).toBe(true)
    await areUp()
    expect(await controller.metric(`slash64_monitor_restarts_total{monitor="${name}"}`)).toBe(1)
  })
})

describe('events that the kernel dropped', () => {
  it('a route that goes during a storm of foreign ones is back', async () => {
    await start()
    await areUp()
    const before = await passesFor(controller, 'monitor')
    const [pid = 0] = pidsOf('ip')
    const storm = Array.from({ length: 3_000 }, (_none, at) => {
      const route = `10.77.${at >> 8}.${at & 255}/32 dev br-ct table 77`
      return [`route add ${route}`, `route del ${route}`]
    })
    process.kill(pid, 'SIGSTOP')
    await lab.ip('host', ...storm.flat())
    await loseRoute()
    if (isAlive(pid)) process.kill(pid, 'SIGCONT')
    expect(await isRouteBack()).toBe(true)
    expect(await eventually(async () => (await passesFor(controller, 'monitor')) > before)).toBe(true)
    await areUp()
    await loseRoute()
    expect(await isRouteBack()).toBe(true)
  })
})

describe('while nft monitor is down', () => {
  it('the one of tables, which cannot die of elements, tells of each transaction', async () => {
    await start(slowed(lab, 'nft', 'case "$*" in monitor) sleep 1000;; esac'))
    expect([await isUp('nft', 0), await isUp('nft-tables', 1), await isUp('ip', 1)]).toEqual([
      true,
      true,
      true,
    ])
    const before = await passesFor(controller, 'nft')
    for (let at = 1; at <= 5; at += 1) {
      const element = `{ ${IPV6}1:3 . 6 . ${8_000 + at} }`
      await lab.must('host', ['nft', `add element inet slash64 exposed6 ${element}`])
      expect(await isGone(`${8_000 + at}`)).toBe(true)
    }
    // The end of the other one asks for such a look, too: twice at most in this time.
    const isHeard = async () => (await passesFor(controller, 'nft')) >= before + 5
    expect(await eventually(isHeard)).toBe(true)
    expect(await controller.metric('slash64_monitor_up{monitor="nft"}')).toBe(0)
  })
})

async function isGone(port: string): Promise<boolean> {
  const set = async () => lab.must('host', ['nft', 'list', 'set', 'inet', 'slash64', 'exposed6'])
  return eventually(async () => !(await set()).includes(port))
}

describe('nft 1.0.6 dies of elements of sets with ranges', () => {
  it('twelve foreign ones, one after the other: each is taken out by its event', async () => {
    await start()
    await areUp()
    const times: number[] = []
    for (let at = 1; at <= 12; at += 1) {
      const element = `{ ${IPV6}1:3 . 6 . ${8_000 + at} }`
      await lab.must('host', ['nft', `add element inet slash64 exposed6 ${element}`])
      const began = performance.now()
      expect(await isGone(`${8_000 + at}`)).toBe(true)
      times.push(Math.round(performance.now() - began))
    }
    console.log(`gone after (ms): ${times.join(' ')}`)
    await areUp()
    expect(controller.lines().filter((line) => line.includes('nft-tables monitor ended'))).toEqual([])
    expect(await controller.metric('slash64_monitor_restarts_total{monitor="nft-tables"}')).toBe(0)
  })
})

describe('a named namespace that is made anew', () => {
  const inside = async () =>
    lab.run('host', ['ip', '-n', lab.namespace('db'), '-6', 'addr', 'show', 'dev', 'eth0'])

  it('is connected, though the interval is an hour, and all was quiet between', async () => {
    await start()
    await areUp()
    const name = lab.namespace('db')
    await lab.must('host', ['ip', 'netns', 'del', name])
    const isWithdrawn = async () =>
      !(await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).includes(`${IPV6}1:3 `)
    expect(await eventually(isWithdrawn)).toBe(true)
    let passes = -1
    const isQuiet = async () => {
      const before = passes
      passes = await controller.passes()
      if (before !== passes) await sleep(2_000)
      return before === passes
    }
    expect(await eventually(isQuiet)).toBe(true)
    await lab.must('host', ['ip', 'netns', 'add', name])
    expect(await eventually(async () => (await inside()).stdout.includes(`${IPV6}1:3/`))).toBe(true)
  })

  it('six times in a row is connected each time, and no fight is told', async () => {
    await start()
    await areUp()
    const name = lab.namespace('db')
    for (let time = 0; time < 6; time += 1) {
      await lab.must('host', ['ip', 'netns', 'del', name])
      await lab.must('host', ['ip', 'netns', 'add', name])
      expect(await eventually(async () => (await inside()).stdout.includes(`${IPV6}1:3/`))).toBe(true)
    }
    expect(controller.lines().filter((line) => line.includes('S64-W003'))).toEqual([])
  })
})
