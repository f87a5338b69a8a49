import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { edits, NO_INTERVAL, passesFor, type Edits } from './controller-edits.ts'
import {
  childrenOf,
  converged,
  startController,
  type ControllerStart,
  type RunningController,
} from './controller-fixtures.ts'
import { isAlive, slowed } from './controller-wrappers.ts'
import { unitsOf } from '../support/unit.ts'
import { expectClearMessage, expectExit, HOST } from './fixtures.ts'

let lab: Lab
let edit: Edits
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
  await lab.serve('blog', '22/tcp')
})

afterEach(async () => {
  controller?.signal('SIGKILL')
  await controller?.exit
})

afterAll(async () => {
  await lab?.destroy()
})

async function begin(yaml: string, start: ControllerStart = {}): Promise<void> {
  controller = startController(lab, yaml, { args: NO_INTERVAL, ...start })
  await converged(controller)
}

describe('beside a controller', () => {
  it('no other writes, and is told who is at work; plan and status look', async () => {
    await begin(edit.next())
    const holder = new RegExp(`another instance.*process ${controller.pid}\\b`)
    expectClearMessage(await lab.slash64(['reconcile', '--once']), 4, holder)
    expectClearMessage(await lab.slash64(['reconcile']), 4, holder)
    expectClearMessage(await lab.slash64(['teardown', '--yes']), 4, holder)
    expectExit(await lab.slash64(['plan', '--detailed-exitcode']), 0)
    expectExit(await lab.slash64(['status', '--detailed-exitcode']), 0)
    expect(await controller.status()).toMatchObject({ state: 'converged', errors: [] })
  })
})

describe('killed', () => {
  it('leaves no process, the lock is free at once, and the data path stands', async () => {
    await begin(edit.next())
    const stream = await lab.stream('internet', HOST, 2222)
    const children = childrenOf(controller.pid)
    expect(children.length).toBeGreaterThanOrEqual(2)
    controller.signal('SIGKILL')
    expect(await controller.exit).toBe(137)
    expect(await eventually(() => !children.some(isAlive))).toBe(true)
    await begin(edit.last())
    expect(await stream.probe()).toBe('alive')
    expect(controller.log()).not.toMatch(/ (created|updated|deleted) /)
  })
})

describe('told to end', () => {
  it('ends with 0 in the time of some starts, and everything stays as it is', async () => {
    await begin(edit.next())
    const stream = await lab.stream('internet', HOST, 2222)
    const children = childrenOf(controller.pid)
    const before = await dataPath()
    expect(await unitsOf(async () => expect(await controller.stop()).toBe(0))).toBeLessThan(40)
    expect(children.filter(isAlive)).toEqual([])
    expect(await dataPath()).toEqual(before)
    expect(await stream.probe()).toBe('alive')
    expect(controller.lines().at(-1)).toMatch(/stopping/)
  })

  it('in the middle of a pass, it finishes the step and begins no other', async () => {
    const { env, begun, goOn } = await heldFirewall()
    controller = startController(lab, edit.next(), { env })
    expect(await eventually(begun)).toBe(true)
    controller.signal('SIGTERM')
    await controller.says(/stopping/)
    goOn()
    expect(await controller.exit).toBe(0)
    expectExit(await lab.run('host', ['nft', 'list', 'table', 'inet', 'slash64']), 0)
    expect((await lab.run('host', ['ip', 'link', 'show', 'br-ct'])).exitCode).not.toBe(0)
    expect(controller.lines().at(-1)).toMatch(/ended before all was done/)
  })

  it('twice, it ends at once', async () => {
    const { env, begun, goOn } = await heldFirewall()
    controller = startController(lab, edit.next(), { env })
    expect(await eventually(begun)).toBe(true)
    controller.signal('SIGTERM')
    await controller.says(/stopping/)
    // While the step is held, and goes on until it is not.
    expect(await controller.stop()).toBe(143)
    goOn()
    // The firewall's transaction is not ours to end in the middle.
    const isWhole = async () =>
      (await lab.run('host', ['nft', 'list', 'table', 'inet', 'slash64'])).exitCode === 0
    expect(await eventually(isWhole)).toBe(true)
  })

  it('a single pass finishes the step, says what it did not begin, and ends with 143', async () => {
    const { env, begun, goOn } = await heldFirewall()
    controller = startController(lab, edit.next(), { env, args: ['--once'] })
    expect(await eventually(begun)).toBe(true)
    controller.signal('SIGTERM')
    goOn()
    expect(await controller.exit).toBe(143)
    expectExit(await lab.run('host', ['nft', 'list', 'table', 'inet', 'slash64']), 0)
    expect((await lab.run('host', ['ip', 'link', 'show', 'br-ct'])).exitCode).not.toBe(0)
    expect(controller.log()).toMatch(/\b\d+ .*not begun/)
  })
})

/** An empty host, on which the first step of the first pass waits; whether that step was begun, and what lets it go on. */
async function heldFirewall(): Promise<{
  readonly env: Readonly<Record<string, string>>
  readonly begun: () => boolean
  readonly goOn: () => void
}> {
  expectExit(await lab.slash64(['teardown', '--yes'], { yaml: edit.next() }), 0)
  const [mark, over] = ['begun', 'over'].map((word) => join(lab.directory, `${word}-${edit.port()}`))
  const wait = `touch ${mark}; while [ -e ${mark} ] && [ ! -e ${over} ]; do sleep 0.05; done`
  const env = slowed(lab, 'nft', `case " $* " in *" -f "*) ${wait};; esac`)
  return { env, begun: () => existsSync(String(mark)), goOn: () => writeFileSync(String(over), '') }
}

async function dataPath(): Promise<readonly string[]> {
  const looks = [
    ['nft', '-s', '-a', 'list', 'ruleset'],
    ['ip', 'link'],
    ['ip', 'address'],
    ['ip', 'route', 'show', 'table', 'all'],
    ['ip', '-6', 'route', 'show', 'table', 'all'],
    ['ip', '-6', 'neigh', 'show', 'proxy'],
  ]
  const texts = await Promise.all(looks.map((argv) => lab.must('host', argv)))
  return texts.map((text) => text.replaceAll(/ expires \d+sec| (valid|preferred)_lft \S+/g, ''))
}

describe('hung up', () => {
  it('makes a pass', async () => {
    await begin(edit.next())
    controller.signal('SIGHUP')
    expect(await eventually(async () => (await passesFor(controller, 'signal')) === 1)).toBe(true)
    expect(await controller.status()).toMatchObject({ state: 'converged' })
  })
})

describe('wrong usage', () => {
  it.each([
    ['an output format', ['-o', 'json'], /--log-format/],
    ['the file from standard input', ['-f', '-'], /--once/],
    ['a metrics text file', ['--metrics-textfile', 'x.prom'], /--listen/],
    ['a detailed exit code', ['--detailed-exitcode'], /--once/],
    ['no time', ['--interval', '0s'], /--interval/],
    ['no address', ['--listen', 'nowhere'], /--listen/],
  ])('%s', async (_name, args, words) => {
    // After the fixtures' own --file.
    controller = startController(lab, edit.last(), { args })
    expect(await controller.exit).toBe(64)
    expect(controller.log()).toMatch(words)
  })
})
