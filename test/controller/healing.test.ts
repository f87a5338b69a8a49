import { describe, expect, it } from 'vitest'
import {
  INTERVAL,
  READ,
  VETHS,
  begin,
  dropExposure,
  firewallEvent,
  forget,
  isThere,
  linkEvent,
  looks,
  outcomes,
  passes,
  settled,
  told,
  type Scene,
} from './support.ts'

/** A link that is made again has another address of its own. */
function withoutMacs(dump: string): readonly string[] {
  const lines = dump.split('\n').filter((line) => !line.startsWith('file '))
  return lines.map((line) => line.replaceAll(/"mac":"[^"]*"|fe80::[0-9a-f:]+/g, '')).toSorted()
}

const EXPOSED = 'nft add element inet slash64 exposed6 { 2001:db8:1:1::1:2 . 6 . 443 }'

/** What is tracked with another translation, or none, when ours is made. */
const OF_A_NEW_TRANSLATION = 'conntrack -L -f ipv4'

/** Whom a network that is not there yet would cut off. */
const OF_NEW_NETWORKS = [
  '/proc/self',
  'ip -N -j -4 route show table all',
  'ip -N -j -6 route show table all',
  'ps -e -o pid=,ppid=',
  'ss -H -tnp state established',
]

describe('the start', () => {
  it('tells of the file and its monitors, and brings the host to what the file says at once', async () => {
    const scene = await begin()
    expect(told(scene)).toEqual([
      'file right',
      'begun start',
      'monitor nft up',
      'monitor nft-tables up',
      'monitor ip up',
      'pass start whole success',
    ])
    expect(scene.feeds.now()).toBe(2_000)
    expect(isThere(scene, 'host link br-ct')).toBe(true)
    expect(scene.feeds.running()).toEqual([
      'nft monitor',
      'nft -d netlink monitor tables',
      'ip -o monitor label link address route netconf',
    ])
  })

  it('looks once more when the monitors are proved: what happened meanwhile was not told', async () => {
    const scene = await begin()
    await scene.host.run(['ip', 'route', 'delete', '2001:db8:1:1::1:2', 'dev', 'br-ct'])
    forget(scene)
    await scene.feeds.advance(2_100)
    expect(outcomes(scene)).toEqual(['pass monitor part noop', 'pass monitor part success'])
    expect(looks(scene)).toEqual(expect.arrayContaining([READ.nft, READ.links, READ.routes6]))
  })

  it('then only at the interval, everything', async () => {
    const scene = await settled()
    const whole = [...new Set(looks(await begin()))]
    forget(scene)
    await scene.feeds.advance(INTERVAL)
    expect(outcomes(scene)).toEqual(['pass interval whole noop'])
    expect(new Set(whole.filter((read) => !looks(scene).includes(read)))).toEqual(
      new Set(['/etc/slash64/network.yaml', OF_A_NEW_TRANSLATION, ...OF_NEW_NETWORKS]),
    )
    expect(looks(scene)).toContain(READ.nft)
    expect(scene.host.writes).toEqual([])
    await scene.feeds.advance(2 * INTERVAL)
    expect(outcomes(scene)).toHaveLength(3)
  })
})

describe('after a line of nft monitor', () => {
  it('only the table is read, before and after it is healed, and nothing else', async () => {
    const scene = await settled()
    await dropExposure(scene)
    scene.host.writes.length = 0
    const began = scene.feeds.now()
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['pass nft part success'])
    expect(looks(scene)).toEqual([READ.nft, READ.frames, READ.nft, READ.frames])
    expect(scene.host.writes).toEqual([EXPOSED])
    expect(passes(scene)[0]?.at.getTime()).toBe(began + 5)
  })

  it('of another table nothing is done', async () => {
    const scene = await settled()
    scene.feeds.line('nft monitor', 'add table ip docker')
    scene.feeds.line('nft monitor', '# new generation 7 by process 99 (dockerd)')
    await scene.feeds.advance(1_000)
    expect([told(scene), looks(scene)]).toEqual([[], []])
  })

  it('a flushed ruleset is made again in one pass', async () => {
    const scene = await settled()
    await scene.host.run(['nft', 'flush ruleset'])
    scene.feeds.line('nft monitor', 'delete table inet slash64')
    scene.feeds.line('nft monitor', '# new generation 7 by process 99 (nft)')
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['pass nft part success'])
    expect(scene.host.writes.filter((write) => /^(ip|sysctl)/.test(write))).toEqual([])
    expect(isThere(scene, 'nft inet slash64 set bridges element "br-ct"')).toBe(true)
  })

  it('of a table that somebody made ours in nothing but name is read without harm', async () => {
    const scene = await settled()
    firewallEvent(scene)
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['pass nft part noop'])
    expect(looks(scene)).toEqual([READ.nft, READ.frames])
  })
})

describe('after a line of ip monitor', () => {
  it('of a link: links, routes, proxy neighbours, settings, and the inside of that container alone', async () => {
    const scene = await settled()
    linkEvent(scene, VETHS.blog)
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['pass ip part noop'])
    const programs = looks(scene).filter((read) => !read.startsWith('sysctl'))
    expect(programs.toSorted()).toEqual(
      [READ.links, READ.routes4, READ.routes6, READ.proxies, READ.blog].toSorted(),
    )
  })

  it('of a link that is nobody’s container: no inside', async () => {
    const scene = await settled()
    linkEvent(scene, 'eth0')
    await scene.feeds.advance(10)
    expect(looks(scene)).toContain(READ.proxies)
    expect(looks(scene).filter((read) => read.startsWith('ip -n '))).toEqual([])
    expect(looks(scene)).not.toContain(READ.nft)
  })

  it('of a route: the routes alone', async () => {
    const scene = await settled()
    scene.feeds.line('ip', '[ROUTE]Deleted 2001:db8:1:1::1:2 dev br-ct proto 164 metric 164 pref medium')
    await scene.feeds.advance(10)
    expect(looks(scene).toSorted()).toEqual([READ.routes4, READ.routes6].toSorted())
  })

  it('the proxy neighbours that vanished with the upstream interface come back', async () => {
    const scene = await settled()
    for (const flag of ['down', 'up']) await scene.host.run(['ip', 'link', 'set', 'eth0', flag])
    linkEvent(scene, 'eth0', 'BROADCAST')
    linkEvent(scene, 'eth0', 'BROADCAST,UP')
    await scene.feeds.advance(10)
    expect(outcomes(scene)[0]).toMatch(/^pass ip part (success|error)$/)
    expect(isThere(scene, 'host proxy 2001:db8:1:1::1:2 dev eth0 protocol 164')).toBe(true)
  })

  it('a container that stopped is withdrawn, one that is back gets all of its network', async () => {
    const scene = await settled()
    const before = scene.host.dump()
    await scene.host.run(['ip', 'netns', 'delete', 'blog'])
    linkEvent(scene, VETHS.blog, 'BROADCAST')
    await scene.feeds.advance(10)
    expect(isThere(scene, 'host proxy 2001:db8:1:1::1:2 dev eth0')).toBe(false)
    await scene.host.run(['ip', 'netns', 'add', 'blog'])
    await scene.feeds.advance(INTERVAL)
    expect(outcomes(scene)).toEqual(['pass ip part success', 'pass interval whole success'])
    expect(withoutMacs(scene.host.dump())).toEqual(withoutMacs(before))
  })
})

describe('what the controller does itself', () => {
  it('is heard, looked at once, and leads to nothing more', async () => {
    const scene = await begin({
      before: ({ host, feeds }) => {
        const run = host.run.bind(host)
        host.run = async (argv, ...asked) => {
          const answer = await run(argv, ...asked)
          if (feeds.running().length < 2) return answer
          if (argv[0] === 'nft') firewallEvent({ feeds })
          if (argv[0] === 'ip') linkEvent({ feeds }, 'br-ct')
          return answer
        }
      },
    })
    await scene.feeds.advance(1_000)
    const passed = outcomes(scene).filter((line) => line.startsWith('pass'))
    expect(passed).toEqual(['pass start whole success', 'pass monitor part noop', 'pass monitor part noop'])
    await scene.feeds.advance(9_000)
    await dropExposure(scene)
    forget(scene)
    await scene.feeds.advance(5_000)
    expect(outcomes(scene)).toEqual(['pass nft part success', 'pass nft part noop'])
  })
})

describe('a storm of events', () => {
  it.each([
    { of: 'links', event: (scene: Scene) => linkEvent(scene, 'eth0'), most: 60, gap: 1_000 },
    { of: 'the firewall', event: firewallEvent, most: 420, gap: 100 },
  ])('of $of is answered each $gap ms in the end, and the interval is held', async ({ event, most, gap }) => {
    const scene = await settled()
    for (let tick = 0; tick < 1_000; tick += 1) {
      event(scene)
      await scene.feeds.advance(40)
    }
    const made = passes(scene)
    const last = made
      .filter(({ whole }) => !whole)
      .slice(-10)
      .map(({ at }) => at.getTime())
    expect(made.length).toBeLessThan(most)
    for (const [index, at] of last.slice(1).entries())
      expect(at - (last[index] ?? 0)).toBeGreaterThanOrEqual(gap)
    expect(made.filter(({ whole }) => whole)).toHaveLength(1)
  })

  it('slow passes take half of the time at most, though events come all the while', async () => {
    const scene = await settled()
    const query = scene.host.query.bind(scene.host)
    scene.host.query = async (argv, stdin) => {
      await new Promise<void>((resolve) => void scene.feeds.after(400, resolve))
      return query(argv, stdin)
    }
    for (let tick = 0; tick < 200; tick += 1) {
      scene.feeds.line('ip', '[ROUTE]x')
      await scene.feeds.advance(20)
    }
    expect(passes(scene).length).toBeLessThanOrEqual(5)
    expect(passes(scene).length).toBeGreaterThanOrEqual(3)
  })
})
