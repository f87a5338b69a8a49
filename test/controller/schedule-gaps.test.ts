import { describe, expect, it } from 'vitest'
import { ended, granted, untilNext, wished, type Outcome } from '../../src/controller/schedule.ts'
import type { Wish } from '../../src/controller/types.ts'
import { calm, NOTHING, through, WHOLE } from './schedule-scene.ts'
import { wishFor } from './support.ts'

describe('the gap between passes for events', () => {
  /** Milliseconds from the end of one pass until an event at its end is served; each ends at once. */
  function gapsAfter(outcomes: readonly Outcome[]): readonly number[] {
    let { schedule, now } = calm()
    return outcomes.map((outcome) => {
      schedule = wished(schedule, wishFor('firewall'), now)
      now += untilNext(schedule, now)
      schedule = through(schedule, outcome, now)
      return untilNext(wished(schedule, wishFor('firewall'), now), now)
    })
  }

  it('doubles with each pass that found nothing, up to a second', () => {
    const gaps = gapsAfter(Array.from({ length: 9 }, () => NOTHING))
    expect(gaps).toEqual([20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000])
  })

  it('falls back after one that was of use', () => {
    const gaps = gapsAfter([NOTHING, NOTHING, { ...NOTHING, useful: true }, NOTHING])
    expect(gaps).toEqual([20, 40, 10, 20])
  })

  it('does not fall back after one that failed, whatever it did', () => {
    const gaps = gapsAfter([NOTHING, { ...NOTHING, useful: true, failed: true }])
    expect(gaps).toEqual([20, 40])
  })

  it('of links and routes is none of the firewall’s, and the other way round', () => {
    const { schedule, now } = calm()
    const busy = Array.from({ length: 9 }, () => ({ ...NOTHING, wish: wishFor('link', 'link veth1') }))
    const after = busy.reduce((before, outcome) => through(before, outcome, now), schedule)
    const until = (wish: Wish): number => untilNext(wished(after, wish, now), now)
    expect(until(wishFor('firewall'))).toBe(5)
    expect(until(wishFor('link', 'link veth1'))).toBe(1_000)
    const fought = through(after, { ...NOTHING, wish: wishFor('firewall') }, now)
    expect(untilNext(wished(fought, wishFor('firewall'), now), now)).toBe(40)
  })

  it('is nothing to a firewall that is gone whole', () => {
    const { schedule, now } = calm()
    const tired = [1, 2, 3, 4, 5, 6, 7].reduce((before) => through(before, NOTHING, now), schedule)
    expect(untilNext(wished(tired, wishFor('firewall'), now), now)).toBe(1_000)
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
      (before) => through(wished(before, wishFor('route'), now), NOTHING, now),
      schedule,
    )
    expect(untilNext(wished(tired, wishFor('route'), now + 4_999), now + 4_999)).toBe(5)
    expect(wished(tired, wishFor('route'), now + 4_999).paces.host.gap).toBe(320)
    expect(wished(tired, wishFor('route'), now + 5_000).paces.host.gap).toBe(10)
  })

  it('is as long as the pass: at most half of the time is ours', () => {
    const { schedule, now } = calm()
    const after = through(schedule, { ...NOTHING, useful: true, duration: 400 }, now)
    expect(untilNext(wished(after, wishFor('firewall'), now), now)).toBe(400)
    expect(untilNext(wished(after, wishFor('firewall'), now + 399), now + 399)).toBe(5)
  })

  it('holds for events that came while the pass was made', () => {
    const { schedule, now } = calm()
    const working = granted(wished(schedule, wishFor('firewall'), now), now + 5).schedule
    const heard = wished(working, wishFor('firewall'), now + 100)
    const after = ended(heard, { ...NOTHING, useful: true, duration: 400 }, now + 405, 0.5)
    expect(untilNext(after, now + 405)).toBe(400)
  })

  it('holds after a pass of ten seconds too', () => {
    const { schedule, now } = calm()
    const after = through(schedule, { ...NOTHING, duration: 10_000 }, now)
    expect(untilNext(wished(after, wishFor('firewall'), now + 6_000), now + 6_000)).toBe(4_000)
  })

  it('holds for lost events, which come in storms', () => {
    const { schedule, now } = calm()
    const after = through(schedule, { ...WHOLE, duration: 400 }, now)
    expect(untilNext(wished(after, { trigger: 'monitor' }, now), now)).toBe(400)
  })

  it('keeps no file waiting, which came while the pass was made', () => {
    const { schedule, now } = calm()
    const heard = wished(wished(schedule, wishFor('firewall'), now), { trigger: 'file' }, now + 1)
    const after = ended(heard, { ...NOTHING, duration: 400 }, now + 400, 0.5)
    expect(untilNext(after, now + 400)).toBeLessThanOrEqual(0)
  })
})
