import { describe, expect, it } from 'vitest'
import type { Lane } from '../../src/controller/lanes.ts'
import {
  ended,
  firstSchedule,
  granted,
  retryDelay,
  untilNext,
  wished,
  type Schedule,
} from '../../src/controller/schedule.ts'
import type { Wish } from '../../src/controller/types.ts'
import { calm, FAILED, INTERVAL, NOTHING, through, WHOLE } from './schedule-scene.ts'
import { wishFor } from './support.ts'

describe('the first pass', () => {
  it('is due at once and reads everything', () => {
    const schedule = firstSchedule(INTERVAL, 77)
    expect(untilNext(schedule, 77)).toBe(0)
    expect(granted(schedule, 77).wish).toEqual({ trigger: 'start' })
  })

  it('is followed by the interval, from its end', () => {
    const { schedule } = calm()
    expect(untilNext(schedule, 0)).toBe(INTERVAL)
    expect(granted(schedule, INTERVAL).wish).toEqual({ trigger: 'interval' })
  })
})

describe('a burst of events', () => {
  it('is one pass for each part of the host, 5 ms after its first, the firewall before all others', () => {
    const { schedule, now } = calm()
    const wishes = [wishFor('link', 'link br-ct'), wishFor('firewall'), wishFor('route')]
    const all = wishes.reduce((before, wish, index) => wished(before, wish, now + index), schedule)
    expect(untilNext(all, now + 2)).toBe(3)
    const first = granted(all, now + 6)
    expect([first.lane, first.wish]).toEqual(['firewall', wishFor('firewall')])
    const second = granted(first.schedule, now + 6)
    expect([second.lane, second.wish]).toEqual(['host', wishFor('link', 'link br-ct', 'route')])
    expect(untilNext(second.schedule, now + 6)).toBe(INTERVAL - now - 6)
  })

  it('keeps the last known culprit and all interfaces that were lost', () => {
    const { schedule, now } = calm()
    const wishes: readonly Wish[] = [
      { ...wishFor('firewall'), by: 'process 1 (nft)' },
      { ...wishFor('link'), lost: new Set(['eth0']) },
      { ...wishFor('link'), lost: new Set(['br-ct']) },
      { ...wishFor('firewall'), by: 'process 2 (docker)' },
      wishFor('route'),
    ]
    const all = wishes.reduce((before, wish) => wished(before, wish, now), schedule)
    const first = granted(all, now + 5)
    expect(first.wish.by).toBe('process 2 (docker)')
    expect(granted(first.schedule, now + 5).wish.lost).toEqual(new Set(['eth0', 'br-ct']))
  })

  it.each(['file', 'signal', 'start'] as const)('%s does not wait, and reads everything', (trigger) => {
    const { schedule, now } = calm()
    for (const order of [
      [wishFor('firewall'), { trigger }],
      [{ trigger }, wishFor('firewall')],
    ] as const) {
      const both = order.reduce<Schedule>((before, wish) => wished(before, wish, now), schedule)
      expect(untilNext(both, now)).toBe(0)
      expect(granted(both, now).wish).toEqual({ trigger })
    }
  })

  it('a lost event and a changed file are one pass, named after the file', () => {
    const { schedule, now } = calm()
    const lost = wished(schedule, { trigger: 'monitor' }, now)
    expect(granted(wished(lost, { trigger: 'file' }, now), now).wish).toEqual({ trigger: 'file' })
  })

  it('goes before the pass that is due anyway, which knows of the interfaces that were lost', () => {
    const { schedule } = calm()
    const heard = wished(schedule, { ...wishFor('link'), lost: new Set(['eth0']) }, INTERVAL - 5)
    const both = wished(heard, wishFor('firewall'), INTERVAL - 1)
    const first = granted(both, INTERVAL)
    expect(first.wish.topics).toEqual(new Set(['link']))
    const late = granted(
      wished(first.schedule, { ...wishFor('link'), lost: new Set(['br-ct']) }, INTERVAL),
      INTERVAL,
    )
    expect(late.wish).toEqual({ trigger: 'interval', lost: new Set(['br-ct']) })
    expect(Object.keys(late.schedule.waiting).toSorted()).toEqual(['firewall', 'host'])
  })
})

describe('beside a look', () => {
  const { schedule, now } = calm()
  const all = [
    wishFor('firewall'),
    wishFor('link'),
    { ...wishFor('container netns blog'), trigger: 'runtime' as const },
    { trigger: 'file' as const },
  ].reduce((before, wish) => wished(before, wish, now), schedule)
  const servedWithin = (lane: Lane): readonly string[] => {
    let rest = all
    const served: string[] = []
    while (untilNext(rest, now + 5, lane) <= 0) {
      const given = granted(rest, now + 5, lane)
      served.push(given.lane)
      rest = given.schedule
    }
    return served
  }

  it.each<[Lane, readonly string[]]>([
    ['whole', ['firewall', 'runtime', 'host']],
    ['host', ['firewall']],
    ['runtime', ['firewall']],
    ['firewall', []],
  ])('of %s, these are served: %j', (lane, expected) => {
    expect(servedWithin(lane)).toEqual(expected)
  })

  it('no interval is due', () => {
    expect(untilNext(schedule, 2 * INTERVAL, 'whole')).toBe(Infinity)
  })
})

describe('a pass that failed', () => {
  it('is made again after 0.1, 0.2, 0.4 s and so on, up to the interval, and reads everything', () => {
    let { schedule, now } = calm()
    const waits = Array.from({ length: 12 }, () => {
      schedule = through(schedule, FAILED, now)
      const wait = untilNext(schedule, now)
      expect(granted(schedule, now + wait).wish.topics).toBeUndefined()
      now += wait
      return wait
    })
    expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800])
    expect(waits.slice(-5)).toEqual([12_800, 25_600, INTERVAL, INTERVAL, INTERVAL])
  })

  it('begins with 0.1 s again after one that worked', () => {
    const { schedule, now } = calm()
    const twice = through(through(schedule, FAILED, now), FAILED, now)
    const again = through(through(twice, WHOLE, now), FAILED, now)
    expect(untilNext(again, now)).toBe(100)
  })

  it('is spread by a fifth either way', () => {
    const delays = [0, 0.5, 1].map((chance) => retryDelay(3, INTERVAL, chance))
    expect(delays.map(Math.round)).toEqual([320, 400, 480])
  })

  it('stays finite after any number of failures', () => {
    expect(retryDelay(5_000, INTERVAL, 0.5)).toBe(INTERVAL)
  })

  it('of part of the host does not move the interval', () => {
    const { schedule, now } = calm(20_000)
    const after = through(wished(schedule, wishFor('firewall'), now - 5), { ...FAILED, whole: false }, now)
    expect(untilNext(after, now)).toBe(100)
    const fine = ended(after, NOTHING, now, 0.5)
    expect(untilNext(fine, now)).toBe(100)
  })

  it('waits longer each time, though events are served well in between', () => {
    const { schedule, now } = calm()
    const served = ended(through(schedule, FAILED, now), NOTHING, now, 0.5)
    expect(untilNext(through(served, FAILED, now + 100), now + 100)).toBe(200)
  })
})

describe('a host that differs still after what was done', () => {
  const unfinished = { ...NOTHING, useful: true, unfinished: true }

  it('is gone on with at once, and read whole', () => {
    const { schedule, now } = calm()
    const after = through(wished(schedule, wishFor('firewall'), now - 5), unfinished, now)
    expect(untilNext(after, now)).toBe(10)
    expect(granted(after, now + 10).wish).toEqual({ trigger: 'retry' })
  })

  it('but not for more than half of the time', () => {
    const { schedule, now } = calm()
    expect(untilNext(through(schedule, { ...unfinished, whole: true, duration: 700 }, now), now)).toBe(700)
  })
})

describe('something that was left for later', () => {
  it('is due then, if that is before the interval', () => {
    const { schedule, now } = calm(0)
    expect(untilNext(through(schedule, { ...WHOLE, resumeAt: now + 700 }, now), now)).toBe(700)
    expect(untilNext(through(schedule, { ...WHOLE, resumeAt: now + 2 * INTERVAL }, now), now)).toBe(INTERVAL)
  })

  it('that is overdue is due now, not before', () => {
    const { schedule, now } = calm(1_000)
    expect(untilNext(through(schedule, { ...WHOLE, resumeAt: 3 }, now), now)).toBe(0)
  })
})
