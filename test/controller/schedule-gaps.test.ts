import { describe, expect, it } from 'vitest'
import { ended, granted, untilNext, wished, type Outcome } from '../../src/controller/schedule.ts'
import type { Wish } from '../../src/controller/types.ts'
import type { Topic } from '../../src/engine/types.ts'
import { calm, NOTHING, through, WHOLE } from './schedule-scene.ts'
import { wishFor } from './support.ts'

describe('the gap between passes for events', () => {
  /** Milliseconds from the end of one pass until an event at its end is served; each ends at once. */
  function gapsAfter(topic: Topic, outcomes: readonly Outcome[]): readonly number[] {
    let { schedule, now } = calm()
    return outcomes.map((outcome) => {
      schedule = wished(schedule, wishFor(topic), now)
      now += untilNext(schedule, now)
      schedule = through(schedule, { ...outcome, wish: wishFor(topic) }, now)
      return untilNext(wished(schedule, wishFor(topic), now), now)
    })
  }
  const idle = Array.from({ length: 9 }, () => NOTHING)

  it('doubles with each pass that found nothing, up to a second', () => {
    expect(gapsAfter('route', idle)).toEqual([20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000])
  })

  it('of the firewall is a tenth of a second at most', () => {
    expect(gapsAfter('firewall', idle)).toEqual([20, 40, 80, 100, 100, 100, 100, 100, 100])
  })

  it('falls back after one that was of use', () => {
    const gaps = gapsAfter('firewall', [NOTHING, NOTHING, { ...NOTHING, useful: true }, NOTHING])
    expect(gaps).toEqual([20, 40, 10, 20])
  })

  it('does not fall back after one that failed, whatever it did', () => {
    const gaps = gapsAfter('firewall', [NOTHING, { ...NOTHING, useful: true, failed: true }])
    expect(gaps).toEqual([20, 40])
  })

  it('is not set by a pass that reads everything, however long it took', () => {
    const { schedule, now } = calm()
    const after = through(schedule, { ...WHOLE, wish: { trigger: 'interval' }, duration: 9_000 }, now)
    const until = (wish: Wish): number => untilNext(wished(after, wish, now), now)
    expect([wishFor('firewall'), wishFor('route'), wishFor('container netns blog')].map(until)).toEqual([
      5, 5, 5,
    ])
  })

  it('of links and routes is none of the firewall’s, and the other way round', () => {
    const { schedule, now } = calm()
    const busy = Array.from({ length: 9 }, () => ({ ...NOTHING, wish: wishFor('link', 'link veth1') }))
    const after = busy.reduce((before, outcome) => through(before, outcome, now), schedule)
    const until = (wish: Wish): number => untilNext(wished(after, wish, now), now)
    expect(until(wishFor('firewall'))).toBe(5)
    expect(until(wishFor('link', 'link veth1'))).toBe(1_000)
    const fought = through(after, { ...NOTHING, wish: wishFor('firewall') }, now)
    expect(untilNext(wished(fought, wishFor('firewall'), now), now)).toBe(20)
  })

  it('is nothing to a firewall that is gone whole', () => {
    const { schedule, now } = calm()
    const tired = [1, 2, 3, 4, 5, 6, 7].reduce((before) => through(before, NOTHING, now), schedule)
    expect(untilNext(wished(tired, wishFor('firewall'), now), now)).toBe(100)
    const gone: Wish = { ...wishFor('firewall'), urgent: true }
    expect(untilNext(wished(tired, gone, now), now)).toBe(5)
    const late = wished(granted(tired, now).schedule, gone, now + 50)
    expect(
      untilNext(ended(late, { ...NOTHING, duration: 300 }, now + 300, 0.5), now + 300),
    ).toBeLessThanOrEqual(5)
  })

  it('falls back after five seconds without a pass', () => {
    const { schedule, now } = calm(0)
    const tired = [1, 2, 3, 4].reduce(
      (before) => ended(before, { ...NOTHING, wish: wishFor('route') }, now, 0.5),
      schedule,
    )
    expect(untilNext(wished(tired, wishFor('route'), now + 4_999), now + 4_999)).toBe(5)
    expect(wished(tired, wishFor('route'), now + 4_999).paces.host.gap).toBe(160)
    expect(wished(tired, wishFor('route'), now + 5_000).paces.host.gap).toBe(10)
  })

  it('is as long as the pass: at most half of the time is ours', () => {
    const { schedule, now } = calm()
    const after = through(schedule, { ...NOTHING, useful: true, duration: 400 }, now)
    expect(untilNext(wished(after, wishFor('route'), now), now)).toBe(400)
    expect(untilNext(wished(after, wishFor('route'), now + 399), now + 399)).toBe(5)
  })

  it('of the firewall is a quarter of the pass', () => {
    const { schedule, now } = calm()
    const gapAfter = (duration: number): number =>
      untilNext(
        wished(through(schedule, { ...NOTHING, useful: true, duration }, now), wishFor('firewall'), now),
        now,
      )
    expect([20, 400, 4_000].map(gapAfter)).toEqual([10, 100, 100])
  })

  it('holds for events that came while the pass was made', () => {
    const { schedule, now } = calm()
    const working = granted(wished(schedule, wishFor('route'), now), now + 5).schedule
    const heard = wished(working, wishFor('route'), now + 100)
    const after = ended(heard, { ...NOTHING, useful: true, duration: 400 }, now + 405, 0.5)
    expect(untilNext(after, now + 405)).toBe(400)
  })

  it('is two seconds after a pass in which something hung', () => {
    const { schedule, now } = calm()
    const after = through(schedule, { ...NOTHING, duration: 10_000 }, now)
    expect(untilNext(wished(after, wishFor('route'), now + 500), now + 500)).toBe(1_500)
  })

  it('holds for lost events, which come in storms', () => {
    const { schedule, now } = calm()
    const after = through(schedule, { ...WHOLE, wish: { trigger: 'monitor' }, duration: 400 }, now)
    expect(untilNext(wished(after, { trigger: 'monitor' }, now), now)).toBe(400)
  })

  it('keeps no file waiting, which came while the pass was made', () => {
    const { schedule, now } = calm()
    const heard = wished(wished(schedule, wishFor('firewall'), now), { trigger: 'file' }, now + 1)
    const after = ended(heard, { ...NOTHING, duration: 400 }, now + 400, 0.5)
    expect(untilNext(after, now + 400)).toBeLessThanOrEqual(0)
  })
})
