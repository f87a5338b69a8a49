import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireLock, type LockOptions } from '../../src/system/lock.ts'
import { eventually } from './eventually.ts'

const NOBODY = 65_534
const started: ChildProcess[] = []
let folder = ''
let places = { file: '', kernel: '' }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slash64-lock-'))
  chmodSync(folder, 0o755)
  places = { file: join(folder, 'run/lock'), kernel: join(folder, 'kernel') }
  writeFileSync(places.kernel, '', { mode: 0o600 })
})

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

async function take(self: string, more: Partial<LockOptions> = {}) {
  return acquireLock({ self, path: process.env['PATH'] ?? '', places, ...more })
}

const BUSY = { name: 'SystemError', code: 'busy' }

/** Another program that holds a file's lock; ends when it is told to. */
async function holding(file: string): Promise<ChildProcess> {
  const child = spawn('flock', ['-n', '-o', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  started.push(child)
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await eventually(() => said !== '', 'the other holder')
  return child
}

function openFiles(pid: number | string): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

describe('the lock', () => {
  it('is held once, tells all who want it who has it, and is free again', async () => {
    const lock = await take('process 7 (slash64 reconcile)')
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, async () => take('x')))
    for (const attempt of attempts)
      expect(attempt).toMatchObject({ reason: { ...BUSY, detail: 'process 7 (slash64 reconcile)' } })
    await lock.release()
    await (await take('after')).release()
    expect(openFiles('self').filter((path) => path.startsWith(folder))).toEqual([])
  })

  it('is in a directory and a file that only root can reach', async () => {
    const lock = await take('one')
    expect([statSync(join(folder, 'run')).mode & 0o7777, statSync(places.file).mode & 0o7777]).toEqual([
      0o700, 0o600,
    ])
    await lock.release()
  })

  it('narrows a directory and a file that were open to others', async () => {
    mkdirSync(join(folder, 'run'))
    chmodSync(join(folder, 'run'), 0o777)
    writeFileSync(places.file, 'longer than what is written next\n')
    chmodSync(places.file, 0o666)
    const lock = await take('one')
    expect([statSync(join(folder, 'run')).mode & 0o7777, statSync(places.file).mode & 0o7777]).toEqual([
      0o700, 0o600,
    ])
    expect(readFileSync(places.file, 'utf8')).toBe('one\n')
    await lock.release()
  })

  it.each([
    ['a link', () => symlinkSync('/tmp', join(folder, 'run'))],
    [
      "somebody else's",
      () => {
        mkdirSync(join(folder, 'run'))
        chownSync(join(folder, 'run'), NOBODY, NOBODY)
      },
    ],
    ['a file', () => writeFileSync(join(folder, 'run'), '')],
  ])('refuses a directory that is %s', async (_, make) => {
    make()
    await expect(take('one')).rejects.toMatchObject({ code: 'denied', subject: join(folder, 'run') })
  })

  it('refuses a file that is somebody else’s', async () => {
    mkdirSync(join(folder, 'run'))
    writeFileSync(places.file, '')
    chownSync(places.file, NOBODY, NOBODY)
    await expect(take('one')).rejects.toMatchObject({ code: 'denied', subject: places.file })
  })

  it.each(['file', 'kernel'] as const)('is refused while the %s alone is held', async (place) => {
    mkdirSync(join(folder, 'run'), { mode: 0o700 })
    const other = await holding(places[place])
    await expect(take('one')).rejects.toMatchObject({ ...BUSY, detail: 'another process' })
    other.kill('SIGKILL')
    execFileSync('flock', ['-w', '20', places[place], 'true'])
    await (await take('two')).release()
  })

  it('is had by the kernel’s file alone where the other cannot be made, and says who can be said', async () => {
    const [missing, held] = [
      { ...places, file: '/proc/nowhere/lock' },
      { ...places, kernel: '/proc/nowhere/file' },
    ]
    const lock = await take('one', { places: missing })
    await expect(take('two', { places: missing })).rejects.toMatchObject(BUSY)
    await expect(take('three')).rejects.toMatchObject({ ...BUSY, detail: 'another process' })
    await lock.release()
    const other = await take('four', { places: held })
    await expect(take('five', { places: held })).rejects.toMatchObject({ ...BUSY, detail: 'four' })
    await other.release()
    await expect(take('six', { places: { ...missing, kernel: '/proc/nowhere/file' } })).rejects.toMatchObject(
      {
        name: 'SystemError',
        subject: '/proc/nowhere',
      },
    )
  })

  it('is not another one when somebody removed its directory', async () => {
    const lock = await take('one')
    rmSync(join(folder, 'run'), { recursive: true })
    await expect(take('two')).rejects.toMatchObject({ ...BUSY, detail: 'another process' })
    await lock.release()
  })
})

describe('who waits', () => {
  it('has it as soon as it is free, in the file that is there then', async () => {
    const lock = await take('one')
    let taken = false
    const waiting = take('two', { wait: 60_000 }).then((second) => {
      taken = true
      return second
    })
    await eventually(() => waiters().length === 1, 'somebody who waits')
    expect(taken).toBe(false)
    // As systemd does with the directory of a unit.
    rmSync(join(folder, 'run'), { recursive: true })
    await lock.release()
    const second = await waiting
    expect(readFileSync(places.file, 'utf8')).toBe('two\n')
    await expect(take('three')).rejects.toMatchObject({ ...BUSY, detail: 'two' })
    await second.release()
  })

  it('gives up in time', async () => {
    const lock = await take('one')
    const begun = performance.now()
    await expect(take('two', { wait: 300 })).rejects.toMatchObject({ ...BUSY, detail: 'one' })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(290)
    await lock.release()
  })

  it('gives up when it is told to, and leaves nothing behind', async () => {
    const lock = await take('one')
    const stop = new AbortController()
    const waiting = take('two', { wait: 600_000, stop: stop.signal })
    void waiting.catch(() => undefined)
    await eventually(() => waiters().length === 1, 'somebody who waits')
    stop.abort()
    await expect(waiting).rejects.toMatchObject(BUSY)
    await eventually(() => waiters().length === 0, 'its end')
    await lock.release()
  })
})

/** Processes of ours that wait for the lock. */
function waiters(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return words[0]?.endsWith('/flock') === true && openFiles(pid).some((path) => path.startsWith(folder))
    } catch {
      return false
    }
  })
}
