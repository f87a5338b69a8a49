import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { evidenceOf, parseTask, tasksOf } from '../../src/system/process-group.ts'
import { eventually } from './eventually.ts'

const STAT =
  '123 (a) S b) S 1 123 123 0 -1 4194304 128 0 0 0 30 12 5 7 20 0 1 0 71287 2990080 412 1844674407370 0 0 0'

let child: ChildProcess | undefined
afterEach(() => {
  if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  child = undefined
})

function start(script: string): number {
  child = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true })
  return child.pid ?? 0
}

describe('a thread as /proc shows it', () => {
  it('has a name with whatever in it, and its times in nanoseconds', () => {
    const read = { pid: 123, tid: 123, stat: STAT, schedstat: '1081279 247933 2\n' }
    const expected = {
      pid: 123,
      tid: 123,
      comm: 'a) S b',
      state: 'S',
      ran: 1_081_279 + 120e6,
      waited: 247_933,
    }
    expect(parseTask(read)).toEqual(expected)
  })

  it('shows the time of children that ended for each process once', () => {
    const read = { pid: 100, tid: 123, stat: STAT, schedstat: '1081279 247933 2\n' }
    expect(parseTask(read)).toMatchObject({ ran: 1_081_279 })
  })

  it('is counted in ticks by a kernel that does not keep them', () => {
    const read = { pid: 100, tid: 123, stat: STAT, schedstat: undefined }
    expect(parseTask(read)).toMatchObject({ ran: 420e6, waited: 0 })
  })

  it.each(['', '12', '12 (x)'])('is none of %j', (stat) => {
    expect(parseTask({ pid: 1, tid: 1, stat, schedstat: undefined })).toBeUndefined()
  })
})

describe('a process with all that it started', () => {
  it('is seen from the first to the last, with what it waits for', async () => {
    const pid = start('sh -c "sleep 100; :"; :')
    const names = (): readonly string[] => tasksOf(pid).map(({ comm }) => comm)
    await eventually(() => names().join(' ') === 'sh sh sleep', 'all three')
    const { short, lines } = await evidenceOf(pid)
    expect(short).toMatch(/^sleep, process \d+: state S(, waits in \w*nanosleep\w*)?$/)
    expect(lines).toEqual([
      expect.stringContaining(`sh, process ${pid}: state S`),
      expect.stringMatching(/^sh, process \d+: state S/),
      expect.stringMatching(/^sleep, process \d+: state S/),
    ])
    // Only root may see the stack.
    const more = process.getuid?.() === 0 ? /; system call \d+ 0x.*; stack \w+\+0x.* < / : /./
    expect(lines[2]).toMatch(more)
  })

  it('names the one that is stopped, also if it is another that waits', async () => {
    const pid = start('sleep 100 & kill -STOP $$')
    await eventually(() => tasksOf(pid).some(({ state }) => state === 'T'), 'the stop')
    expect((await evidenceOf(pid)).short).toMatch(new RegExp(`^sh, process ${pid}: state T`))
  })

  it('has worked when it has', async () => {
    const pid = start('while :; do :; done')
    const work = (): number => tasksOf(pid).reduce((sum, { ran, waited }) => sum + ran + waited, 0)
    const before = work()
    await eventually(() => work() - before > 50e6, 'some work')
    expect(tasksOf(pid)).toMatchObject([{ comm: 'sh', state: 'R' }])
  })

  it('is nothing once it has ended', async () => {
    const pid = start('exit 0')
    const ended = child
    child = undefined
    await new Promise((resolve) => ended?.on('close', resolve))
    expect(tasksOf(pid)).toEqual([])
    expect(await evidenceOf(pid)).toEqual({ short: '', lines: [] })
  })
})
