import { describe, expect, it } from 'vitest'
import { controllerUnit } from '../../src/report/units/controller.ts'
import { UNIT_DEFAULTS } from '../../src/report/units/options.ts'
import { STALLED } from '../../src/cli/controller/pages.ts'
import { factor } from '../../src/system/busyness.ts'
import { hardLimit, idleLooks, judge, LONGEST } from '../../src/system/patience.ts'
import type { Look, Task } from '../../src/system/patience.ts'

const SECOND = 1e9

/** A thread that has done nothing yet, but for what is told. */
function task(parts: Partial<Task> = {}): Task {
  return { pid: 7, tid: 7, comm: 'ip', state: 'S', ran: 0, waited: 0, ...parts }
}

/** Looks a second apart. */
function looks(...seen: readonly (readonly Task[])[]): readonly Look[] {
  return seen.map((tasks, index) => ({ at: 1_000 * (index + 1), tasks, heard: 0 }))
}

describe('a program that is late', () => {
  it.each<[string, readonly Look[]]>([
    ['sleeps', looks([task()], [task()])],
    ['is stopped', looks([task({ state: 'T' })], [task({ state: 'T' })])],
    ['has ended, and something holds its pipes', looks([], [])],
    [
      'polls, in a loop of short sleeps',
      looks([task()], [task({ ran: 0.1 * SECOND, waited: 0.1 * SECOND })]),
    ],
    [
      'polls by a program that it starts again and again',
      looks([task(), task({ tid: 8, ran: 0.01 * SECOND })], [task(), task({ tid: 9, ran: 0.01 * SECOND })]),
    ],
    [
      'is a shell that waits for one that sleeps',
      looks([task(), task({ tid: 8 })], [task(), task({ tid: 8 })]),
    ],
    [
      'worked until a while ago',
      looks([task()], [task({ state: 'R', ran: SECOND })], [task({ ran: SECOND })]),
    ],
  ])('hangs when it %s', (_how, seen) => {
    expect(judge(seen, 1)).toBe('hung')
  })

  it.each<[string, readonly Look[]]>([
    ['was looked at only once', looks([task()])],
    ['works', looks([task()], [task({ ran: 0.3 * SECOND })])],
    ['waits for a processor, now and then', looks([task()], [task({ waited: 0.3 * SECOND })])],
    ['waits for one all the while', looks([task({ state: 'R' })], [task({ state: 'R' })])],
    ['works in the kernel', looks([task({ state: 'D' })], [task({ state: 'D' })])],
    [
      'is a shell that waits for one that works',
      looks([task(), task({ tid: 8 })], [task(), task({ tid: 8, ran: SECOND })]),
    ],
    ['has just started one that has worked', looks([task()], [task(), task({ tid: 8, ran: SECOND })])],
    ['is a shell whose programs have worked and ended', looks([task()], [task({ ran: 0.5 * SECOND })])],
  ])('is slow when it %s', (_how, seen) => {
    expect(judge(seen, 1)).toBe('slow')
  })

  it('is slow as long as it prints', () => {
    const [first, second] = looks([task()], [task()])
    expect(judge([{ ...first, heard: 1 } as Look, { ...second, heard: 2 } as Look], 1)).toBe('slow')
  })

  it('may sleep in some looks before it hangs, where another may keep it waiting', () => {
    const asleep = [[task()], [task()], [task()]] as const
    expect([3, 4].map((count) => judge(looks(...asleep, [task()]).slice(0, count), 3))).toEqual([
      'slow',
      'hung',
    ])
    const awake = task({ ran: SECOND })
    expect(judge(looks([task()], [awake], [awake], [awake]), 3)).toBe('slow')
    expect(judge(looks([task()], [awake], [awake], [awake], [awake]), 3)).toBe('hung')
  })
})

describe('in how many looks a program must sleep', () => {
  it.each([
    ['ip', 6, 1],
    ['nft', 6, 1],
    ['docker', 1, 1],
    ['docker', 2.4, 2],
    ['systemctl', 6, 6],
  ])('%s, on a machine that is busy %s times: %s', (program, busyness, expected) => {
    expect(idleLooks(program, busyness)).toBe(expected)
  })
})

describe('how busy a machine is', () => {
  it.each([
    ['0.00 0.00 0.00 1/90 1', 2, 1],
    ['8.00 1.00 1.00 1/90 1', 2, 4],
    // A burst: the mean does not know of it yet.
    ['0.10 0.10 0.10 9/90 1', 2, 4],
    ['99.0 99.0 99.0 100/900 1', 2, 6],
    ['what is this', 2, 1],
  ])('%j, of %i processors: %s', (loadavg, processors, expected) => {
    expect(factor(loadavg, processors)).toBe(expected)
  })
})

describe('the longest that a program is waited for', () => {
  it.each([
    [3_000, 30_000, 30_000],
    [5_000, 30_000, 50_000],
    [30_000, 30_000, 60_000],
    [200, 200, 2_000],
    [90_000, 30_000, 90_000],
  ])('of a deadline of %i, where %i is usual: %i', (deadline, usual, expected) => {
    expect(hardLimit(deadline, usual)).toBe(expected)
  })

  it('is less than a controller may be silent, and than systemd waits for it', () => {
    const unit = controllerUnit({ ...UNIT_DEFAULTS, program: ['slash64'], file: '/f' })
    const [watchdog = 0, stop = 0] = ['WatchdogSec', 'TimeoutStopSec'].map(
      (name) => 1_000 * Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(unit)?.[1]),
    )
    expect(LONGEST).toBeLessThan(STALLED)
    expect(LONGEST).toBeLessThan(stop)
    expect(STALLED).toBeLessThan(watchdog)
  })
})
