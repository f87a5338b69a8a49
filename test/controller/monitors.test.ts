import { describe, expect, it } from 'vitest'
import { MONITOR_ARGV } from '../../src/controller/monitor-lines.ts'
import { failure } from '../support/recording-system.ts'
import { begin, forget, looks, outcomes, passes, problemCodes, READ, settled, told } from './support.ts'

const CRASHED = failure('crashed', 'ended by SIGSEGV', 'nft monitor')
const KILLED = failure('crashed', 'ended by SIGKILL', 'nft monitor')
const ENDED = failure('other', 'ended with exit code 1', 'nft monitor')

describe('a monitor that dies', () => {
  it('is told, stands in the view until it is proved again, and its topics alone are looked at', async () => {
    const scene = await settled()
    scene.feeds.end('nft monitor', KILLED)
    expect(told(scene)).toEqual(['monitor nft down'])
    expect(problemCodes(scene)).toEqual(['S64-W002'])
    expect(scene.controller.view().problems[0]?.message).toMatch(/^nft monitor.* ended/)
    await scene.feeds.advance(199)
    expect(scene.feeds.running()).not.toContain('nft monitor')
    await scene.feeds.advance(31)
    expect(scene.feeds.running()).toContain('nft monitor')
    // What it died of may have been an event, and so may what came before it heard again.
    expect(outcomes(scene)).toEqual([
      'monitor nft down',
      'pass nft part noop',
      'monitor nft up',
      'pass monitor part noop',
    ])
    expect(new Set(looks(scene))).toEqual(new Set([READ.nft, READ.frames]))
    expect(problemCodes(scene)).toEqual([])
  })

  it('is polled while it is down, each second or for a fifth of the time', async () => {
    const scene = await settled({ before: ({ feeds }) => feeds.deafen('ip', true) })
    forget(scene)
    await scene.feeds.advance(10_000)
    expect(passes(scene).filter(({ trigger, whole }) => trigger === 'monitor' && !whole)).toHaveLength(10)
    const inside = looks(scene).filter((read) => read.startsWith('ip -n '))
    expect(inside).toEqual([])
    expect(looks(scene)).not.toContain(READ.nft)
  })

  it('that cannot run is started again after longer and longer waits', async () => {
    const scene = await begin()
    const waits: number[] = []
    while (waits.length < 10) {
      scene.feeds.end('nft monitor', ENDED)
      const from = scene.feeds.now()
      while (!scene.feeds.running().includes('nft monitor')) await scene.feeds.advance(100)
      waits.push(scene.feeds.now() - from)
    }
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
  })

  it('of what it hears is started again at once, ten times, then twice a second', async () => {
    const scene = await begin()
    const starts: number[] = []
    while (starts.length < 20) {
      scene.feeds.end('nft monitor', CRASHED)
      while (!scene.feeds.running().includes('nft monitor')) await scene.feeds.advance(10)
      await scene.feeds.advance(10)
      starts.push(scene.feeds.now())
    }
    const took = (from: number, to: number): number => (starts[to] ?? 0) - (starts[from] ?? 0)
    expect(took(0, 9)).toBeLessThanOrEqual(200)
    expect(took(9, 19)).toBeGreaterThan(4_000)
    expect(took(9, 19)).toBeLessThan(5_500)
  })

  it('and was never proved is no routine: it stays in the view', async () => {
    const scene = await begin()
    scene.feeds.shows('nft monitor', { sockets: [] })
    for (let time = 0; time < 4; time += 1) {
      scene.feeds.end('nft monitor', CRASHED)
      expect(problemCodes(scene)).toEqual(['S64-W002'])
      while (!scene.feeds.running().includes('nft monitor')) await scene.feeds.advance(100)
    }
    expect(problemCodes(scene)).toEqual(['S64-W002'])
  })

  it.each([
    ['nft monitor', 'ended by SIGSEGV', /nft 1\.0\.6/],
    ['nft monitor', 'ended by SIGTERM', /^$/],
    ['nft monitor', 'ended by SIGKILL', /^$/],
    ['ip', 'ended by SIGSEGV', /^$/],
  ])('%s that %s: the hint speaks of what can be the cause', async (name, detail, hint) => {
    const scene = await settled()
    scene.feeds.end(name, failure('crashed', detail, name))
    expect(problemCodes(scene)).toEqual(['S64-W002'])
    expect(scene.controller.view().problems[0]?.hint ?? '').toMatch(hint)
  })

  it('that lived for a minute is started after 0.2 s again', async () => {
    const scene = await settled()
    for (let time = 0; time < 4; time += 1) {
      scene.feeds.end('nft monitor', KILLED)
      while (!scene.feeds.running().includes('nft monitor')) await scene.feeds.advance(100)
    }
    await scene.feeds.advance(60_000)
    scene.feeds.end('nft monitor', KILLED)
    await scene.feeds.advance(200)
    expect(scene.feeds.running()).toContain('nft monitor')
  })

  it('does not keep the other from being heard', async () => {
    const scene = await settled()
    scene.feeds.end('nft monitor', KILLED)
    scene.feeds.line('ip', '[ROUTE]x')
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['monitor nft down', 'pass nft part noop', 'pass ip part noop'])
  })

  it('leaves no timer of its last life behind it', async () => {
    const scene = await begin()
    await scene.feeds.advance(100)
    forget(scene)
    const lost = ['nft monitor', 'nft -d', 'ip'].map((name) =>
      scene.feeds.end(name, failure('other', 'killed', name)),
    )
    expect(lost).toHaveLength(3)
    scene.stop()
    await scene.done
    forget(scene)
    await scene.feeds.advance(60_000)
    expect([told(scene), scene.feeds.running()]).toEqual([[], []])
  })

  it('while it cannot be started at all, drift is still found, within a second', async () => {
    const scene = await settled({
      before: ({ feeds }) => {
        const follow = feeds.follow.bind(feeds)
        feeds.follow = (argv, listener, how) => {
          if (argv[0] !== 'nft') return follow(argv, listener, how)
          const timer = feeds.after(0, () => listener.end(failure('missing-tool', 'ENOENT', 'nft monitor')))
          const stop = (): void => timer.cancel()
          return { stop, kill: stop, look: async () => ({ isStopped: false, sockets: [] }) }
        }
      },
    })
    await scene.host.run(['nft', 'flush ruleset'])
    await scene.feeds.advance(1_100)
    expect(passes(scene).some(({ result, whole }) => !whole && result === 'success')).toBe(true)
    expect(
      scene.controller
        .view()
        .problems.map(({ hint }) => hint ?? '')
        .join(),
    ).toContain('nftables')
  })
})

describe('the end', () => {
  it('stops the monitors and the watch, also the one that waits to be started', async () => {
    const scene = await settled()
    scene.feeds.end('nft monitor', KILLED)
    scene.stop()
    await scene.done
    expect([scene.feeds.running(), scene.feeds.watched()]).toEqual([[], []])
    await scene.feeds.advance(60_000)
    expect(scene.feeds.running()).toEqual([])
    expect(passes(scene)).toEqual([])
  })
})

it('the monitors are told to tell of what is ours, as text', () => {
  expect(MONITOR_ARGV.nft).toEqual(['nft', 'monitor'])
  expect(MONITOR_ARGV.ip.slice(0, 4)).toEqual(['ip', '-o', 'monitor', 'label'])
})
