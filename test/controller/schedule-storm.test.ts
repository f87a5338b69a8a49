import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ended, firstSchedule, granted, untilNext, wished } from '../../src/controller/schedule.ts'
import { TRIGGERS } from '../../src/controller/types.ts'
import type { Wish } from '../../src/controller/types.ts'
import type { Topic } from '../../src/engine/types.ts'

const INTERVAL = 30_000
/** No pass of the simulation takes longer (ms). */
const LONGEST = 2_000
const TOPICS: readonly Topic[] = ['firewall', 'link', 'route', 'setting', 'link br-ct']

interface Arrival {
  /** Milliseconds after the arrival before. */
  readonly after: number
  readonly wish: Wish
}

interface Work {
  readonly duration: number
  readonly useful: boolean
  readonly failed: boolean
  readonly unfinished: boolean
}

const EVENT: fc.Arbitrary<Wish> = fc
  .record({ trigger: fc.constantFrom('nft', 'ip'), topics: fc.subarray([...TOPICS], { minLength: 1 }) })
  .map(({ trigger, topics }) => ({ trigger: trigger === 'nft' ? 'nft' : 'ip', topics: new Set(topics) }))
const OTHER = fc.constantFrom(...TRIGGERS).map((trigger): Wish => ({ trigger }))
const ARRIVALS = fc.array(
  fc.record({
    after: fc.oneof(fc.nat(20), fc.nat(20), fc.nat(8_000)),
    wish: fc.oneof(EVENT, EVENT, EVENT, OTHER),
  }),
  { minLength: 1, maxLength: 150 },
)
const WORK = fc.record({
  duration: fc.oneof(fc.nat(30), fc.nat(LONGEST)),
  useful: fc.boolean(),
  failed: fc.boolean(),
  unfinished: fc.boolean(),
})

const NO_WORK: Work = { duration: 0, useful: false, failed: false, unfinished: false }

interface Done {
  readonly began: number
  readonly ended: number
  readonly wish: Wish
  /** When the first wish that it granted came; undefined: nobody asked. */
  readonly asked: number | undefined
}

/** Runs the schedule through the arrivals, and one interval beyond the last. */
function simulate(arrivals: readonly Arrival[], works: readonly Work[], chance: number): readonly Done[] {
  let now = 0
  const queue: { at: number; wish: Wish }[] = []
  for (const { after, wish } of arrivals) queue.push({ at: (queue.at(-1)?.at ?? 0) + after, wish })
  const end = (queue.at(-1)?.at ?? 0) + INTERVAL + LONGEST
  let schedule = firstSchedule(INTERVAL, now)
  let asked: number | undefined = 0
  const done: Done[] = []
  const hear = (until: number): void => {
    while (queue[0] !== undefined && queue[0].at <= until) {
      const { at, wish } = queue.shift() ?? { at: 0, wish: { trigger: 'start' as const } }
      schedule = wished(schedule, wish, at)
      asked ??= at
    }
  }
  while (now <= end) {
    const due = now + Math.max(0, untilNext(schedule, now))
    const next = queue[0]?.at ?? Infinity
    if (next <= due) {
      now = Math.max(now, next)
      hear(next)
      continue
    }
    now = due
    const given = granted(schedule, now)
    const work = works[done.length % works.length] ?? NO_WORK
    const entry = { began: now, wish: given.wish, asked }
    schedule = given.schedule
    asked = undefined
    now += work.duration
    hear(now)
    const whole = given.wish.topics === undefined
    schedule = ended(schedule, { wish: given.wish, whole, ...work }, now, chance)
    done.push({ ...entry, ended: now })
  }
  return done
}

/** Passes for both lanes, or for none, are like no other. */
function laneOf({ topics }: Wish): unknown {
  if (topics === undefined) return Symbol('everything')
  if (!topics.has('firewall')) return 'host'
  return topics.size === 1 ? 'firewall' : Symbol('both')
}

describe('whatever happens', () => {
  const storm = [
    ARRIVALS,
    fc.array(WORK, { minLength: 1, maxLength: 40 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ] as const

  it('a wish is granted soon: after one pass, and a gap no longer than it or a second', () => {
    fc.assert(
      fc.property(...storm, (arrivals, works, chance) => {
        const waits = simulate(arrivals, works, chance).map(({ asked, began }) => began - (asked ?? began))
        expect(Math.max(...waits)).toBeLessThanOrEqual(2 * LONGEST + 1_000)
      }),
      { numRuns: 150, seed: 64 },
    )
  })

  it('everything is read at least once in an interval, and the time of one pass', () => {
    fc.assert(
      fc.property(...storm, (arrivals, works, chance) => {
        const whole = simulate(arrivals, works, chance).filter(({ wish }) => wish.topics === undefined)
        const gaps = whole.slice(1).map(({ began }, index) => began - (whole[index]?.ended ?? 0))
        for (const gap of gaps) expect(gap).toBeLessThanOrEqual(INTERVAL + LONGEST)
        expect(whole.length).toBeGreaterThan(1)
      }),
      { numRuns: 150, seed: 64 },
    )
  })

  it('passes for events of one lane leave at least as much time as they took', () => {
    fc.assert(
      fc.property(...storm, (arrivals, works, chance) => {
        const done = simulate(arrivals, works, chance)
        for (const [index, { began, wish }] of done.entries()) {
          const before = done[index - 1]
          if (before === undefined || laneOf(wish) !== laneOf(before.wish)) continue
          expect(began - before.ended).toBeGreaterThanOrEqual(before.ended - before.began - 0.001)
        }
      }),
      { numRuns: 150, seed: 64 },
    )
  })
})
