import { describe, expect, it } from 'vitest'
import { countTransactions } from '../../src/controller/transactions.ts'
import { startMonitors, type MonitorsOptions } from '../../src/controller/monitors.ts'
import { runtimeMonitors } from '../../src/controller/runtime-monitors.ts'
import { granted, untilNext, wished } from '../../src/controller/schedule.ts'
import type { MonitorEvent, Wish } from '../../src/controller/types.ts'
import type { Runtime } from '../../src/model/types.ts'
import { memoryFeeds } from '../support/memory-feeds.ts'
import { container, model } from '../support/model.ts'
import { failure } from '../support/recording-system.ts'
import { calm, NOTHING, through } from './schedule-scene.ts'
import { wishFor } from './support.ts'

function of(type: Runtime['type'], name: string, path?: string) {
  const runtime = { type, name, interface: 'eth0', ...(path !== undefined && { path }) }
  return container(`${name}-of-${type}`, 2, { runtime })
}

const LXC = 'lxc-monitor -n .*'
const BLOG = model({ containers: [of('lxc', 'blog')] })
const ENDED = failure('other', 'ended with exit code 1', LXC)

function commands(wanted: Parameters<typeof runtimeMonitors>[0]): readonly string[] {
  return runtimeMonitors(wanted).map(({ name, argv }) => `${name}: ${argv.join(' ')}`)
}

describe('the programs that are followed', () => {
  it('are those of the runtimes of declared containers, each once', () => {
    const containers = [
      of('lxc', 'blog'),
      of('lxc', 'db'),
      of('lxc', 'old', '/srv/lxc'),
      of('podman', 'web'),
      of('nspawn', 'mail'),
      of('netns', 'dns'),
      of('none', 'nas'),
    ]
    expect(commands(model({ containers }))).toEqual([
      `lxc: ${LXC}`,
      'lxc: lxc-monitor -P /srv/lxc -n .*',
      'podman: podman events --filter type=container --format {{json .}}',
    ])
    expect(commands(model({}))).toEqual([])
  })

  it('tell of declared containers only, by the name that the runtime knows', () => {
    const [monitor] = runtimeMonitors(BLOG)
    const read = monitor?.reader() ?? (() => undefined)
    const topics = new Set(['container lxc blog', 'link'])
    expect(read("'blog' changed state to [RUNNING]")).toEqual({ trigger: 'runtime', topics })
    expect(read("'blog' changed state to [STARTING]")).toBeUndefined()
    expect(read("'other' changed state to [RUNNING]")).toBeUndefined()
    expect(monitor?.missed).toEqual({ trigger: 'runtime', topics })
  })
})

function scene(more: Partial<MonitorsOptions> = {}) {
  const feeds = memoryFeeds()
  const [events, wishes]: [MonitorEvent[], Wish[]] = [[], []]
  const monitors = startMonitors({
    feeds,
    monotonic: () => feeds.now(),
    wish: (wish) => void wishes.push(wish),
    emit: (event) => void events.push(event),
    transactions: countTransactions(),
    ...more,
  })
  return { feeds, events, wishes, monitors }
}

describe('while the file changes', () => {
  it('a program is started when it is first needed, kept, and ended when it is needed no more', async () => {
    const { feeds, events, wishes, monitors } = scene()
    monitors.follow(runtimeMonitors(BLOG))
    expect(feeds.running()).toEqual([LXC])
    monitors.follow(runtimeMonitors(model({ containers: [of('lxc', 'blog'), of('lxc', 'db')] })))
    expect(feeds.running()).toEqual([LXC])
    feeds.line(LXC, "'db' changed state to [RUNNING]")
    expect(wishes).toEqual([{ trigger: 'runtime', topics: new Set(['container lxc db', 'link']) }])
    await feeds.advance(0)
    monitors.follow([])
    expect(feeds.running()).toEqual([])
    const told = events.map(({ name, program, up, unwanted }) => ({ name, program, up, unwanted }))
    expect(told).toEqual([
      { name: 'lxc', program: LXC, up: true, unwanted: undefined },
      { name: 'lxc', program: LXC, up: false, unwanted: true },
    ])
  })

  it('one that waits to be started again is not, when it is needed no more', async () => {
    const { feeds, monitors } = scene()
    monitors.follow(runtimeMonitors(BLOG))
    feeds.end(LXC, ENDED)
    monitors.follow([])
    await feeds.advance(60_000)
    expect(feeds.running()).toEqual([])
  })
})

describe('a program of which nothing can prove that it hears', () => {
  const topics = new Set(['container lxc blog', 'link'])
  const polls = (wishes: readonly Wish[]): readonly Wish[] =>
    wishes.filter(({ trigger }) => trigger === 'monitor')

  it('counts as up after two seconds of life, or with its first line', async () => {
    const { feeds, events, wishes, monitors } = scene()
    monitors.follow(runtimeMonitors(BLOG))
    await feeds.advance(1_900)
    expect(events).toEqual([])
    await feeds.advance(200)
    expect([events.map(({ up }) => up), wishes]).toEqual([[true], [{ trigger: 'runtime', topics }]])
    expect(feeds.ran).toEqual([])
  })

  it('is polled each 10 s, also while it is up', async () => {
    const { feeds, wishes, monitors } = scene()
    monitors.follow(runtimeMonitors(BLOG))
    await feeds.advance(60_500)
    expect(polls(wishes)).toEqual(
      Array.from({ length: 6 }, () => ({ trigger: 'monitor', topics: new Set(['container lxc blog']) })),
    )
    monitors.stop()
    await feeds.advance(60_000)
    expect(polls(wishes)).toHaveLength(6)
  })

  it('is polled for a fiftieth of the time at most', async () => {
    const { feeds, wishes, monitors } = scene({ pollCost: () => 1_200 })
    monitors.follow(runtimeMonitors(BLOG))
    await feeds.advance(125_000)
    expect(polls(wishes)).toHaveLength(2)
  })

  it('and is stopped: killed, told and started again', async () => {
    const { feeds, events, monitors } = scene()
    monitors.follow(runtimeMonitors(BLOG))
    await feeds.advance(5_000)
    feeds.shows(LXC, { isStopped: true })
    await feeds.advance(3_000)
    expect(events.at(-1)).toMatchObject({ up: false, problem: { code: 'S64-W002' } })
    expect(events.at(-1)?.problem?.message).toMatch(/is stopped.*seen by their links/)
    feeds.shows(LXC, undefined)
    await feeds.advance(3_000)
    expect([feeds.running(), events.at(-1)?.up]).toEqual([[LXC], true])
  })
})

describe('a program that ends at once, each time', () => {
  it('is told once a minute, whatever it says, and started less and less often', async () => {
    const { feeds, events, monitors } = scene()
    monitors.follow(runtimeMonitors(BLOG))
    let starts = 0
    while (feeds.now() < 180_000) {
      if (feeds.running().length > 0) {
        starts += 1
        feeds.end(LXC, failure('other', `time=${feeds.now()} no daemon`, LXC))
      }
      await feeds.advance(100)
    }
    expect(starts).toBeLessThan(16)
    expect(events.every(({ up, problem }) => !up && problem?.code === 'S64-W002')).toBe(true)
    expect(events.filter(({ routine }) => routine !== true)).toHaveLength(3)
  })

  it('says what it costs', () => {
    const { feeds, events, monitors } = scene()
    monitors.follow(runtimeMonitors(BLOG))
    feeds.end(LXC, failure('missing-tool', '/usr/bin', 'lxc-monitor'))
    expect(events[0]?.problem).toMatchObject({
      message: expect.stringContaining('seen by their links'),
      hint: expect.stringContaining('apt-get install lxc'),
    })
  })
})

describe('a container that starts', () => {
  const start: Wish = { trigger: 'runtime', topics: new Set(['container lxc blog', 'link']) }

  it('is looked at at once, though links have told of nothing for long', () => {
    let { schedule, now } = calm()
    for (let round = 0; round < 8; round += 1) {
      schedule = wished(schedule, wishFor('link'), now)
      now += Math.max(0, untilNext(schedule, now))
      schedule = through(schedule, { ...NOTHING, wish: wishFor('link') }, now)
    }
    const linked = wished(schedule, wishFor('link'), now)
    expect(untilNext(linked, now)).toBe(1_000)
    const both = wished(linked, start, now)
    expect(untilNext(both, now)).toBe(5)
    expect(granted(both, now + 5).wish.topics).toEqual(new Set(['link', 'container lxc blog']))
  })
})
