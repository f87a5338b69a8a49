import { describe, expect, it } from 'vitest'
import { failure } from '../support/recording-system.ts'
import { socket } from '../support/memory-feeds.ts'
import { begin, forget, looks, outcomes, passes, problemCodes, READ, settled, told } from './support.ts'
import type { Scene } from './support.ts'

const IP = 'ip -o monitor'
const LONG = 3_600_000
const OVERRUN = 'netlink receive error No buffer space available (105)'

function echoes({ feeds }: Scene): readonly string[] {
  return feeds.ran.filter((command) => !command.startsWith('ip -N'))
}

function downMessages({ events }: Scene): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'monitor' && !event.up ? [event.problem?.message ?? ''] : [],
  )
}

describe('a kernel monitor is up when it has told of an echo', () => {
  it('one for each monitor, which lead to no look of their own', async () => {
    const scene = await settled({ interval: LONG })
    expect(echoes(scene)).toEqual([
      'nft create table inet slash64-echo-1; delete table inet slash64-echo-1',
      'nft create table inet slash64-echo-2; delete table inet slash64-echo-2',
      'ip link set dev lo group 0',
    ])
    forget(scene)
    await scene.feeds.run(['nft', 'create table inet slash64-echo-9; delete table inet slash64-echo-9'])
    await scene.feeds.run(['ip', 'link', 'set', 'dev', 'lo', 'group', '0'])
    await scene.feeds.advance(1_000)
    expect([told(scene), looks(scene)]).toEqual([[], []])
  })

  it('not before it has subscribed', async () => {
    const scene = await begin({ before: ({ feeds }) => feeds.shows(IP, { sockets: [] }) })
    await scene.feeds.advance(1_000)
    expect(echoes(scene)).not.toContain('ip link set dev lo group 0')
    scene.feeds.shows(IP, undefined)
    await scene.feeds.advance(400)
    expect(told(scene)).toContain('monitor ip up')
  })

  it.each([
    ['no permission', failure('denied', 'Operation not permitted', 'ip link set')],
    ['a loopback interface that is down', undefined],
  ])('%s: then its subscription alone is known, and that is told', async (_why, error) => {
    const scene = await begin({
      before: ({ feeds }) => {
        if (error !== undefined) return feeds.refuse('ip link set', error)
        const run = feeds.run.bind(feeds)
        feeds.run = async (argv) => (await run(argv)).replace(',UP,', ',')
      },
    })
    await scene.feeds.advance(0)
    const up = scene.events.find((event) => event.type === 'monitor' && event.name === 'ip')
    expect(up).toMatchObject({ up: true, unheard: expect.stringMatching(/not permitted|tell nothing/) })
  })
})

describe('a monitor that hears nothing', () => {
  it.each([
    ['that is deaf', undefined, /does not tell of a change/],
    ['that never subscribed', { sockets: [] }, /subscribed/],
    ['that is stopped from the start', { isStopped: true, sockets: [] }, /is stopped/],
  ])(
    'one %s is told after 5 s, killed, started again, and polled until it hears',
    async (_what, shown, says) => {
      const scene = await begin({
        interval: LONG,
        before: ({ feeds }) => {
          feeds.deafen(IP, true)
          feeds.shows(IP, shown)
        },
      })
      await scene.feeds.advance(5_000)
      expect(told(scene)).toContain('monitor ip down')
      expect(told(scene)).not.toContain('monitor ip up')
      expect(downMessages(scene)[0]).toMatch(says)
      expect(downMessages(scene)[0]).toContain('links, routes and settings are looked at')
      expect(problemCodes(scene)).toEqual(['S64-W002'])
      forget(scene)
      await scene.feeds.advance(5_000)
      expect(passes(scene).every(({ trigger, whole }) => trigger === 'monitor' && !whole)).toBe(true)
      expect(passes(scene)).toHaveLength(5)
      scene.feeds.deafen(IP, false)
      scene.feeds.shows(IP, undefined)
      await scene.feeds.advance(2_000)
      expect([problemCodes(scene), told(scene).includes('monitor ip up')]).toEqual([[], true])
      await scene.feeds.advance(5_000)
      forget(scene)
      await scene.feeds.advance(5_000)
      expect(passes(scene)).toEqual([])
    },
  )

  it('has twice as long each time to be proved: a large ruleset takes seconds to load', async () => {
    const scene = await begin({ interval: LONG, before: ({ feeds }) => feeds.deafen('nft monitor', true) })
    const downs = [scene.feeds.now()]
    while (downs.length < 4) {
      const before = downMessages(scene).length
      while (downMessages(scene).length === before) await scene.feeds.advance(500)
      downs.push(scene.feeds.now())
    }
    const gaps = downs.slice(1).map((at, index) => at - (downs[index] ?? 0))
    expect(gaps.map((gap) => Math.floor(gap / 1_000))).toEqual([4, 8, 16])
  })
})

describe('each second a look at what /proc shows', () => {
  it.each([
    ['stopped', { isStopped: true }, /is stopped/],
    ['no longer subscribed', { sockets: [] }, /subscribed/],
    ['starved', { sockets: [socket('ip', { queued: 4_096 })] }, /does not read/],
  ])('%s: down within 5 s, killed and started again', async (_what, condition, says) => {
    const scene = await settled({ interval: LONG })
    scene.feeds.shows(IP, condition)
    await scene.feeds.advance(5_000)
    expect(told(scene)).toContain('monitor ip down')
    expect(downMessages(scene)[0]).toMatch(says)
    scene.feeds.shows(IP, undefined)
    await scene.feeds.advance(5_000)
    expect(told(scene)).toContain('monitor ip up')
    expect(problemCodes(scene)).toEqual([])
  })

  it('one that has much to read, and reads, is fine', async () => {
    const scene = await settled({ interval: LONG })
    scene.feeds.shows(IP, { sockets: [socket('ip', { queued: 4_096 })] })
    for (let second = 0; second < 20; second += 1) {
      scene.feeds.line(IP, '[NEIGH]x')
      await scene.feeds.advance(1_000)
    }
    expect(told(scene)).toEqual([])
  })

  it('one that is stopped for a moment by who traces it is fine', async () => {
    const scene = await settled({ interval: LONG })
    for (let second = 0; second < 20; second += 1) {
      scene.feeds.shows(IP, second % 2 === 0 ? { isStopped: true } : undefined)
      await scene.feeds.advance(1_000)
    }
    expect(told(scene)).toEqual([])
  })

  it('writes nothing, and makes no pass', async () => {
    const scene = await settled({ interval: LONG })
    const ran = scene.feeds.ran.length
    await scene.feeds.advance(15_000)
    expect([scene.feeds.ran.length, told(scene), looks(scene)]).toEqual([ran, [], []])
  })
})

describe('after an overrun', () => {
  it.each([
    ['told by the program', (scene: Scene) => scene.feeds.complain(IP, OVERRUN)],
    ['shown by /proc', (scene: Scene) => scene.feeds.shows(IP, { sockets: [socket('ip', { drops: 3 })] })],
  ])('%s: its topics are looked at at once, and again when an echo is heard', async (_what, lose) => {
    const scene = await settled({ interval: LONG })
    const before = echoes(scene).length
    lose(scene)
    await scene.feeds.advance(1_100)
    expect(echoes(scene).slice(before)).toEqual(['ip link set dev lo group 0'])
    await scene.feeds.advance(2_000)
    expect(passes(scene).every(({ trigger, whole }) => trigger === 'monitor' && !whole)).toBe(true)
    expect(passes(scene).length).toBeGreaterThan(0)
    expect(looks(scene)).not.toContain(READ.nft)
    expect(looks(scene).filter((read) => read.startsWith('ip -n '))).toEqual([])
    expect(told(scene).filter((line) => line.startsWith('monitor'))).toEqual([])
  })

  it('no echo is made before the queue is empty: until then the kernel drops it, too', async () => {
    const scene = await settled({ interval: LONG })
    const before = echoes(scene).length
    scene.feeds.shows(IP, { sockets: [socket('ip', { queued: 100_000, drops: 1 })] })
    scene.feeds.complain(IP, OVERRUN)
    await scene.feeds.advance(1_500)
    expect(echoes(scene)).toHaveLength(before)
    expect(outcomes(scene)).toEqual(['pass monitor part noop', 'pass monitor part noop'])
    scene.feeds.shows(IP, { sockets: [socket('ip', { drops: 1 })] })
    await scene.feeds.advance(1_000)
    expect(echoes(scene)).toHaveLength(before + 1)
    expect(outcomes(scene)).toHaveLength(3)
  })

  it('what is lost behind the first echo is looked for, too', async () => {
    const scene = await settled({ interval: LONG })
    const before = echoes(scene).length
    scene.feeds.complain(IP, OVERRUN)
    await scene.feeds.advance(10)
    scene.feeds.complain(IP, OVERRUN)
    await scene.feeds.advance(3_000)
    expect(echoes(scene)).toHaveLength(before + 2)
  })

  it('without end: no more than one echo a second, and few looks', async () => {
    const scene = await settled({ interval: LONG })
    const before = echoes(scene).length
    for (let tick = 0; tick < 500; tick += 1) {
      scene.feeds.complain(IP, OVERRUN)
      await scene.feeds.advance(20)
    }
    expect(passes(scene).length).toBeLessThan(25)
    expect(echoes(scene).length - before).toBeLessThan(12)
  })

  it('a complaint that is none of a loss leads to nothing', async () => {
    const scene = await settled({ interval: LONG })
    scene.feeds.complain('ip', 'Error: Peer netns reference is invalid.')
    await scene.feeds.advance(1_000)
    expect(outcomes(scene)).toEqual([])
  })
})

describe('while nft monitor is down', () => {
  const GENERATION = 'netlink event: NFT_MSG_NEWGEN'

  it('the one that cannot die of elements tells of every transaction', async () => {
    const scene = await settled({ interval: LONG })
    scene.feeds.shows('nft monitor', { sockets: [] })
    scene.feeds.end('nft monitor', failure('crashed', 'ended by SIGSEGV', 'nft monitor'))
    await scene.feeds.advance(100)
    forget(scene)
    scene.feeds.line('nft -d', 'netlink event: NFT_MSG_NEWSETELEM')
    scene.feeds.line('nft -d', GENERATION)
    await scene.feeds.advance(50)
    expect(outcomes(scene)).toEqual(['pass nft part noop'])
  })

  it('and while it is up, and tells of all of them, it does not: it may be of any table', async () => {
    const scene = await settled({ interval: LONG })
    scene.feeds.line('nft -d', 'netlink event: NFT_MSG_NEWSETELEM')
    scene.feeds.line('nft -d', GENERATION)
    scene.feeds.line('nft monitor', 'add element ip docker x { 10.0.0.1 }')
    scene.feeds.line('nft monitor', '# new generation 9 by process 4711 (dockerd)')
    await scene.feeds.advance(1_000)
    expect(outcomes(scene)).toEqual([])
  })
})
