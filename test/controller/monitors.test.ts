import { describe, expect, it } from 'vitest'
import { MONITOR_ARGV } from '../../src/controller/monitor-lines.ts'
import { failure } from '../support/recording-system.ts'
import { begin, forget, INTERVAL, outcomes, passes, problemCodes, settled, told } from './support.ts'
import type { Scene } from './support.ts'

const CRASHED = failure('crashed', 'ended by SIGSEGV', 'nft monitor')
const ENDED = failure('other', 'ended with exit code 1', 'nft monitor')

function die({ feeds }: Scene): void {
  feeds.end('nft monitor', CRASHED)
}

describe('a monitor that dies', () => {
  it('is told, stands in the view until it runs again, and then everything is looked at', async () => {
    const scene = await settled()
    die(scene)
    expect(told(scene)).toEqual(['monitor nft down'])
    expect(problemCodes(scene)).toEqual(['S64-W002'])
    expect(scene.controller.view().problems[0]?.message).toMatch(/^nft monitor.* ended/)
    await scene.feeds.advance(199)
    expect(scene.feeds.running()).not.toContain('nft monitor')
    await scene.feeds.advance(11)
    expect(scene.feeds.running()).toContain('nft monitor')
    // What it died of may have been an event.
    expect(outcomes(scene)).toEqual(['monitor nft down', 'pass nft part noop', 'pass monitor whole noop'])
    expect(problemCodes(scene)).toEqual(['S64-W002'])
    // It runs when it says something, or has not ended at once.
    scene.feeds.line('nft monitor', 'add table ip other')
    expect(problemCodes(scene)).toEqual([])
    expect(outcomes(scene).at(-1)).toBe('monitor nft up')
  })

  it.each([
    ['that cannot run', ENDED, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]],
    ['that crashes of what it hears', CRASHED, [200, 400, 800, 1_600, 2_000, 2_000]],
  ])('one %s is started again after longer and longer waits', async (_what, error, expected) => {
    const scene = await begin()
    const waits: number[] = []
    while (waits.length < expected.length) {
      if (error === CRASHED) scene.feeds.line('nft monitor', 'add table ip other')
      scene.feeds.end('nft monitor', error)
      const from = scene.feeds.now()
      while (!scene.feeds.running().includes('nft monitor')) await scene.feeds.advance(100)
      waits.push(scene.feeds.now() - from)
    }
    expect(waits).toEqual(expected)
  })

  it('and never says a word is no routine: it stays in the view', async () => {
    const scene = await begin()
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
      die(scene)
      while (!scene.feeds.running().includes('nft monitor')) await scene.feeds.advance(100)
    }
    await scene.feeds.advance(60_000)
    die(scene)
    await scene.feeds.advance(200)
    expect(scene.feeds.running()).toContain('nft monitor')
  })

  it('does not keep the other from being heard', async () => {
    const scene = await settled()
    die(scene)
    scene.feeds.line('ip', '[ROUTE]x')
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['monitor nft down', 'pass nft part noop', 'pass ip part noop'])
  })

  it('leaves its timer behind it: nothing is looked at because it once loaded', async () => {
    const scene = await begin()
    forget(scene)
    scene.feeds.end('nft monitor', CRASHED)
    scene.feeds.end('nft monitor tables', failure('other', 'killed', 'nft monitor tables'))
    scene.feeds.end('ip', failure('other', 'killed', 'ip monitor'))
    await scene.feeds.advance(2_100)
    const passesMade = outcomes(scene).filter((line) => line.startsWith('pass'))
    expect(passesMade).toEqual(['pass nft part noop', 'pass monitor whole noop'])
    await scene.feeds.advance(200)
    expect(passes(scene)).toHaveLength(3)
  })

  it('while it cannot be started at all, drift is still found at the interval', async () => {
    const scene = await settled({
      before: ({ feeds }) => {
        const follow = feeds.follow.bind(feeds)
        feeds.follow = (argv, listener) => {
          if (argv[0] !== 'nft') return follow(argv, listener)
          const timer = feeds.after(0, () => listener.end(failure('missing-tool', 'ENOENT', 'nft monitor')))
          return { stop: () => timer.cancel() }
        }
      },
    })
    await scene.host.run(['nft', 'flush ruleset'])
    await scene.feeds.advance(INTERVAL)
    expect(passes(scene).some(({ result }) => result === 'success')).toBe(true)
    expect(
      scene.controller
        .view()
        .problems.map(({ hint }) => hint ?? '')
        .join(),
    ).toContain('nftables')
  })
})

describe('a monitor that complains', () => {
  it('has lost events: everything is looked at', async () => {
    const scene = await settled()
    scene.feeds.complain('ip', 'netlink receive error No buffer space available (105)')
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['pass monitor whole noop'])
  })

  it('of a namespace that went while it was looked up has lost nothing', async () => {
    const scene = await settled()
    scene.feeds.complain('ip', 'Error: Peer netns reference is invalid.')
    await scene.feeds.advance(1_000)
    expect(outcomes(scene)).toEqual([])
  })

  it('without end does not keep us busy without end', async () => {
    const scene = await settled()
    for (let tick = 0; tick < 500; tick += 1) {
      scene.feeds.complain('ip', 'netlink receive error No buffer space available (105)')
      await scene.feeds.advance(20)
    }
    expect(passes(scene).length).toBeLessThan(20)
  })
})

describe('the end', () => {
  it('stops the monitors and the watch, also the one that waits to be started', async () => {
    const scene = await settled()
    die(scene)
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
