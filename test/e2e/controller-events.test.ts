import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { requestText } from '../../src/app/control-words.ts'
import type { Recording } from '../../src/report/recorder/entry.ts'
import { exchange } from '../../src/system/exchange.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, mustRun, type Result } from '../lab/process.ts'
import { edits, NO_INTERVAL, type Edits } from './controller-edits.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { slowed } from './controller-wrappers.ts'
import { expectExit } from './fixtures.ts'

const PROGRAM = join(process.cwd(), 'dist/slash64.cjs')

let lab: Lab
let edit: Edits
let controller: RunningController
let run: string

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
  run = join(lab.directory, 'run')
})
afterEach(async () => {
  await controller?.stop()
})
afterAll(async () => {
  await lab?.destroy()
})

async function begin(): Promise<void> {
  controller = startController(lab, edit.next(), { args: NO_INTERVAL })
  await converged(controller)
}

async function asNobody(...words: readonly string[]): Promise<Result> {
  const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  return lab.run('host', [...user, process.execPath, PROGRAM, ...words, '--run-dir', run])
}

/** The first pass may still look at what it made, and then tells of that later. */
function madeExposure({ what, first }: Recording['events'][number]): boolean {
  return what === 'applied' && JSON.stringify(first).includes('+ exposure')
}

describe('slash64 events', () => {
  it('tells root by which line a pass came up, what it read, and what it made', async () => {
    await begin()
    await lab.must('host', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'])
    expect(await edit.isInForce()).toBe(true)
    const page = async (): Promise<Recording> => {
      const said = await lab.slash64(['events', '-o', 'json'])
      expectExit(said, 0)
      return JSON.parse(said.stdout)
    }
    const since = ({ events }: Recording): Recording['events'] =>
      events.slice(
        events.findIndex(({ line }) => String(line).startsWith('delete element inet slash64 exposed6')),
      )
    const isTold = async (): Promise<boolean> => since(await page()).some(madeExposure)
    expect(await eventually(isTold)).toBe(true)
    const { events, controller: who, ...rest } = await page()
    expect(who.process).toBe(controller.pid)
    const after = since({ events, controller: who, ...rest })
    expect(after[0]).toMatchObject({ what: 'heard', monitor: 'nft', topics: ['firewall'] })
    expect(after.some(madeExposure)).toBe(true)
    expect(after.find(({ what }) => what === 'reads')?.['ids']).toContain('nft')
    const times = events.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    const text = await lab.slash64(['events', '--last', '3'])
    expectExit(text, 0)
    expect(text.stdout.trim().split('\n')).toHaveLength(4)
  })

  it('is refused to everybody else, even where the way to the socket is open', async () => {
    await begin()
    expect(statSync(join(run, 'control.sock')).mode & 0o777).toBe(0o600)
    await mustRun(['chmod', '755', lab.directory, run])
    const { exitCode, stdout, stderr } = await asNobody('events')
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain('only root may ask the controller')
  })

  it('says so where no controller runs', async () => {
    await begin()
    await controller.stop()
    const { exitCode, stderr } = await lab.slash64(['events'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('S64-T007')
  })

  it('and what another version asks for is refused in words', async () => {
    await begin()
    const answer = await exchange(join(run, 'control.sock'), '{"do":"confirm","id":7}\n')
    expect(JSON.parse(answer)).toMatchObject({ ok: false, problems: [{ code: 'S64-T004' }] })
    const events = await exchange(join(run, 'control.sock'), requestText('events', {}))
    expect(JSON.parse(events)).toMatchObject({ ok: true })
  })
})

describe('SIGUSR2', () => {
  /** Where it says that it has written them. */
  async function written(): Promise<string> {
    const before = controller.lines().length
    controller.signal('SIGUSR2')
    const said = (): string | undefined =>
      controller
        .lines()
        .slice(before)
        .map((line) => /the last events were written file=(\S+)/.exec(line)?.[1])
        .find((file) => file !== undefined)
    expect(await eventually(() => said() !== undefined)).toBe(true)
    return said() ?? ''
  }

  function expectPrivate(file: string): void {
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const recording: Recording = JSON.parse(readFileSync(file, 'utf8'))
    expect(recording.controller.process).toBe(controller.pid)
    expect(recording.events.map(({ what }) => what)).toContain('pass-begun')
  }

  it('writes them where only root can read', async () => {
    await begin()
    const file = await written()
    expect(file).toBe(join(run, 'events.json'))
    expectPrivate(file)
    // A link that waits there is replaced, not followed.
    const decoy = join(lab.directory, 'decoy')
    writeFileSync(decoy, 'as it was')
    await mustRun(['ln', '-sf', decoy, file])
    expectPrivate(await written())
    expect(readFileSync(decoy, 'utf8')).toBe('as it was')
    expect((await controller.status()).state).toBe('converged')
  })

  it.each([
    ['full', async () => mustRun(['sh', '-c', `cat /dev/zero > ${run}/full 2>/dev/null || true`])],
    ['read-only', async () => mustRun(['mount', '-o', 'remount,ro', run])],
  ])('writes them elsewhere when the run directory is %s', async (_, spoil) => {
    await mustRun(['mount', '-t', 'tmpfs', '-o', 'size=64k,mode=700', 'slash64-run', run])
    try {
      await begin()
      await spoil()
      const file = await written()
      expect(file).toMatch(/^\/dev\/shm\/slash64-[^/]+\/events\.json$/)
      expectPrivate(file)
      expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
      expect(await written()).toBe(file)
      rmSync(dirname(file), { recursive: true })
      expect(await controller.stop()).toBe(0)
    } finally {
      await controller.stop()
      await mustRun(['umount', run])
    }
  })

  it('does not end a single pass', async () => {
    const env = slowed(lab, 'nft', `touch ${lab.directory}/begun; sleep 1`)
    controller = startController(lab, edit.next(), { args: ['--once'], env })
    expect(await eventually(() => existsSync(join(lab.directory, 'begun')))).toBe(true)
    controller.signal('SIGUSR2')
    expect(await controller.exit).toBe(0)
  })
})

describe('as it starts', () => {
  /** Waits until it takes these signals itself (numbers), as the kernel says. */
  async function takes(...signals: readonly number[]): Promise<void> {
    const caught = (): bigint => {
      const text = readFileSync(`/proc/${controller.pid}/status`, 'utf8')
      const isNode = /^Name:\s*node/m.test(text)
      return isNode ? BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(text)?.[1] ?? '0'}`) : 0n
    }
    const all = (): boolean => signals.every((signal) => ((caught() >> BigInt(signal - 1)) & 1n) === 1n)
    const end = Date.now() + 30_000
    while (!all()) if (Date.now() > end) throw new Error('it takes no signals')
  }
  const [HUP, USR1, USR2] = [1, 10, 12]

  it('ends of no signal that asks for something, from its first line on', async () => {
    controller = startController(lab, edit.next(), { args: NO_INTERVAL })
    await takes(HUP, USR2)
    expect(controller.log()).toBe('')
    for (const name of ['SIGHUP', 'SIGUSR2', 'SIGUSR1'] as const) controller.signal(name)
    await converged(controller)
  })

  it('closes the debugger that Node opens before there is a first line', async () => {
    controller = startController(lab, edit.next(), { args: NO_INTERVAL })
    await takes(USR1)
    controller.signal('SIGUSR1')
    await converged(controller)
    expect(await lab.must('host', ['ss', '-H', '-ltn', 'sport = :9229'])).toBe('')
  })
})
