import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ended, firstSchedule, granted, untilNext, wished } from '../../src/controller/schedule.ts'
import { TRIGGERS } from '../../src/controller/types.ts'
import type { Wish } from '../../src/controller/types.ts'
import { laneOf, type Lane } from '../../src/controller/lanes.ts'
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
  readonly lane: Lane
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
  const asked = new Map<Lane, number>([['whole', 0]])
  const done: Done[] = []
  const hear = (until: number): void => {
    while (queue[0] !== undefined && queue[0].at <= until) {
      const { at, wish } = queue.shift() ?? { at: 0, wish: { trigger: 'start' as const } }
      schedule = wished(schedule, wish, at)
      if (!asked.has(laneOf(wish))) asked.set(laneOf(wish), at)
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
    const { lane } = given
    const entry = { began: now, wish: given.wish, lane, asked: asked.get(lane) }
    schedule = given.schedule
    asked.delete(lane)
    now += work.duration
    hear(now)
    const whole = given.wish.topics === undefined
    schedule = ended(schedule, { wish: given.wish, whole, ...work }, now, chance)
    done.push({ ...entry, ended: now })
  }
  return done
}

/** Passes for parts of the host that are paced by what they took; the firewall's are not. */
function isPaced({ topics }: Wish): boolean {
  return topics !== undefined && !(topics.size === 1 && topics.has('firewall'))
}

describe('whatever happens', () => {
  const storm = [
    ARRIVALS,
    fc.array(WORK, { minLength: 1, maxLength: 40 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ] as const

  it('a wish is granted soon: after a pass of each part, and a gap no longer than that or a second', () => {
    fc.assert(
      fc.property(...storm, (arrivals, works, chance) => {
        const waits = simulate(arrivals, works, chance).map(({ asked, began }) => began - (asked ?? began))
        expect(Math.max(...waits)).toBeLessThanOrEqual(6 * LONGEST + 1_000)
      }),
      { numRuns: 150, seed: 64 },
    )
  })

  it('everything is read at least once in an interval, and the time of a pass of each part', () => {
    fc.assert(
      fc.property(...storm, (arrivals, works, chance) => {
        const whole = simulate(arrivals, works, chance).filter(({ wish }) => wish.topics === undefined)
        const gaps = whole.slice(1).map(({ began }, index) => began - (whole[index]?.ended ?? 0))
        for (const gap of gaps) expect(gap).toBeLessThanOrEqual(INTERVAL + 4 * LONGEST)
        expect(whole.length).toBeGreaterThan(1)
      }),
      { numRuns: 150, seed: 64 },
    )
  })

  it('passes for events of links and routes leave at least as much time as they took', () => {
    fc.assert(
      fc.property(...storm, (arrivals, works, chance) => {
        const done = simulate(arrivals, works, chance).filter(({ wish }) => isPaced(wish))
        for (const [index, { began }] of done.entries()) {
          const before = done[index - 1]
          if (before === undefined) continue
          expect(began - before.ended).toBeGreaterThanOrEqual(before.ended - before.began - 0.001)
        }
      }),
      { numRuns: 150, seed: 64 },
    )
  })

  it('an event of the firewall waits for two passes at most, and a tenth of a second', () => {
    fc.assert(
      fc.property(...storm, (arrivals, works, chance) => {
        const all = simulate(arrivals, works, chance).filter(({ lane }) => lane === 'firewall')
        for (const { asked, began } of all)
          expect(began - (asked ?? began)).toBeLessThanOrEqual(2 * LONGEST + 105)
      }),
      { numRuns: 150, seed: 64 },
    )
  })
})
