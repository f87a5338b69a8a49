import { describe, expect, it } from 'vitest'
import {
  INTERVAL,
  READ,
  dropExposure,
  firewallEvent,
  forget,
  isThere,
  looks,
  outcomes,
  passes,
  settled,
  told,
  type Scene,
} from './support.ts'

/** Milliseconds that a look into a container takes. */
const LONG = 2_000

/** A scene in which looks into containers take long; what was asked of them, and when it was answered. */
async function slowInsides(slow: (command: string) => boolean = isInside): Promise<Scene> {
  const scene = await settled()
  const { host, feeds } = scene
  const query = host.query.bind(host)
  host.query = async (argv, asked) => {
    const answer = query(argv, asked)
    if (slow(argv.join(' '))) await new Promise<void>((resolve) => void feeds.after(LONG, resolve))
    return answer
  }
  return scene
}

function isInside(command: string): boolean {
  return command.startsWith('ip -n ')
}

/** Lets a whole look begin. */
async function wholeLook({ feeds, controller }: Scene): Promise<void> {
  controller.hangUp()
  await feeds.advance(0)
}

async function dropRoute({ host, feeds }: Scene): Promise<void> {
  await host.run(['ip', 'route', 'delete', '2001:db8:1:1::1:2', 'dev', 'br-ct'])
  feeds.line('ip', '[ROUTE]Deleted 2001:db8:1:1::1:2 dev br-ct proto 164 metric 164 pref medium')
}

/** Somebody lets the internet in, and the kernel tells of it. */
async function openPort({ host, feeds }: Scene): Promise<void> {
  await host.run(['nft', `add element inet slash64 exposed6 { ${OPENED} }`])
  feeds.line('nft monitor', `add element inet slash64 exposed6 { ${OPENED} }`)
}

const OPENED = '2001:db8:1:1::1:3 . 6 . 22'
const EXPOSURE = 'set exposed6 element {"concat":["2001:db8:1:1::1:2",6,443]}'
const ROUTE = '"dst":"2001:db8:1:1::1:'

describe('while everything is looked at', () => {
  it('a firewall event is served after its burst, by a look at the tables alone', async () => {
    const scene = await slowInsides()
    await wholeLook(scene)
    forget(scene)
    await dropExposure(scene)
    await scene.feeds.advance(5)
    expect(outcomes(scene)).toEqual(['pass nft part success'])
    expect(looks(scene)).toEqual([READ.nft, READ.frames, READ.nft, READ.frames])
    const [begun] = scene.events.filter(({ type }) => type === 'pass-begun')
    expect(begun).toMatchObject({ trigger: 'nft', whole: false, beside: 'whole' })
    await scene.feeds.advance(LONG)
    expect(outcomes(scene)).toEqual(['pass nft part success', 'pass signal whole noop'])
  })

  it('so is one of a route, and no container is entered for it', async () => {
    const scene = await slowInsides()
    await wholeLook(scene)
    forget(scene)
    await dropRoute(scene)
    await scene.feeds.advance(5)
    expect(outcomes(scene)).toEqual(['pass ip part success'])
    expect(looks(scene).filter(isInside)).toEqual([])
    expect(isThere(scene, `${ROUTE}2","dev":"br-ct"`)).toBe(true)
  })

  it('a hundred events each wait for no look but their own', async () => {
    const scene = await slowInsides()
    await wholeLook(scene)
    forget(scene)
    for (let round = 0; round < 100; round += 1) {
      await openPort(scene)
      await scene.feeds.advance(15)
      expect(isThere(scene, '"2001:db8:1:1::1:3",6,22]')).toBe(false)
    }
    expect(outcomes(scene).filter((line) => line === 'pass nft part success')).toHaveLength(100)
    expect(outcomes(scene).filter((line) => line.includes('whole'))).toEqual([])
  })

  it('the whole look is not begun anew by them, and builds on what they read', async () => {
    const scene = await slowInsides()
    await wholeLook(scene)
    forget(scene)
    await dropExposure(scene)
    await scene.feeds.advance(5)
    scene.host.writes.length = 0
    await scene.feeds.advance(LONG)
    // What it had read itself is without the element: by that, it would be added once more.
    expect(scene.host.writes).toEqual([])
    expect(looks(scene).filter((read) => read === READ.blog)).toEqual([])
  })

  it('the look after its own changes lets events go before it, too', async () => {
    const scene = await slowInsides()
    await scene.host.run(['ip', 'addr', 'delete', '10.64.0.1/24', 'dev', 'br-ct'])
    await wholeLook(scene)
    await scene.feeds.advance(LONG)
    forget(scene)
    await dropExposure(scene)
    await scene.feeds.advance(15)
    expect(outcomes(scene)[0]).toBe('pass nft part success')
    expect(isThere(scene, EXPOSURE)).toBe(true)
  })

  it('a change inside the container that an event tells of is made beside it, and no other is entered', async () => {
    const scene = await slowInsides()
    await wholeLook(scene)
    forget(scene)
    await scene.host.run(['ip', '-n', 'blog', 'link', 'set', 'eth0', 'down'])
    scene.feeds.line('ip', '[LINK]7: s64-blog-e9fc4f@if2: <BROADCAST,UP> mtu 1500 master br-ct state DOWN')
    await scene.feeds.advance(3 * LONG)
    expect(outcomes(scene).toSorted()).toEqual(['pass ip part success', 'pass signal whole noop'])
    expect(new Set(looks(scene).filter(isInside))).toEqual(new Set([READ.blog]))
  })

  it('of an event of links, one of the firewall goes before it', async () => {
    const scene = await slowInsides((command) => command === READ.links)
    scene.feeds.line('ip', '[LINK]3: br-ct: <BROADCAST,UP> mtu 1500')
    await scene.feeds.advance(5)
    forget(scene)
    await dropExposure(scene)
    await scene.feeds.advance(5)
    expect(outcomes(scene)).toEqual(['pass nft part success'])
  })

  it('nothing is planned or applied beside something else', async () => {
    const scene = await slowInsides()
    let [running, most] = [0, 0]
    const run = scene.host.run.bind(scene.host)
    scene.host.run = async (...asked) => {
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => void scene.feeds.after(50, resolve))
      running -= 1
      return run(...asked)
    }
    await wholeLook(scene)
    for (let round = 0; round < 5; round += 1) {
      firewallEvent(scene)
      scene.feeds.line('ip', '[ROUTE]x')
      await scene.feeds.advance(300)
    }
    expect(most).toBeLessThanOrEqual(1)
  })
})

describe('a whole look that events fall into all the while', () => {
  it('ends as soon as its reads have', async () => {
    const scene = await slowInsides()
    await wholeLook(scene)
    forget(scene)
    for (let tick = 0; tick < LONG / 20 + 5; tick += 1) {
      firewallEvent(scene)
      scene.feeds.line('ip', '[ROUTE]x')
      await scene.feeds.advance(20)
    }
    expect(outcomes(scene)).toContain('pass signal whole noop')
  })

  it('is followed by the next at the interval', async () => {
    const scene = await slowInsides()
    for (let tick = 0; tick < (2 * INTERVAL + 3 * LONG) / 100; tick += 1) {
      firewallEvent(scene)
      await scene.feeds.advance(100)
    }
    expect(passes(scene).filter(({ whole }) => whole).length).toBeGreaterThanOrEqual(1)
  })
})

describe('a file that has changed', () => {
  it('while it is looked at, events hold the host to what the file said before', async () => {
    const scene = await slowInsides()
    scene.write('blog')
    await scene.feeds.advance(100)
    expect(told(scene)).toEqual(['file right', 'begun file'])
    await scene.host.run(['nft', 'flush set inet slash64 exposed6'])
    scene.feeds.line('nft monitor', 'delete element inet slash64 exposed6 { x }')
    await scene.feeds.advance(5)
    expect(isThere(scene, EXPOSURE)).toBe(true)
    expect(isThere(scene, `${ROUTE}3","dev":"br-ct"`)).toBe(true)
    await scene.feeds.advance(3 * LONG)
    expect(isThere(scene, `${ROUTE}3","dev":"br-ct"`)).toBe(false)
  })
})

describe('what was just made for a changed file', () => {
  it('stands, though the firewall tells of it before it was looked at again', async () => {
    const scene = await slowInsides()
    scene.write('blog')
    await scene.feeds.advance(LONG + 100)
    // It was applied; the look after it has begun.
    expect(isThere(scene, '"2001:db8:1:1::1:3","dev":"br-ct"')).toBe(false)
    forget(scene)
    firewallEvent(scene)
    scene.feeds.line('ip', '[ROUTE]x')
    await scene.feeds.advance(LONG / 2)
    expect(outcomes(scene).toSorted()).toEqual(['pass ip part noop', 'pass nft part noop'])
    expect(scene.host.writes.filter((line) => !line.startsWith('write '))).toEqual([])
  })
})

describe('while changes are made that are none of the firewall’s', () => {
  it('a firewall event goes before what follows', async () => {
    const scene = await settled()
    const run = scene.host.run.bind(scene.host)
    scene.host.run = async (...asked) => {
      if (asked[0].join(' ').startsWith('ip '))
        await new Promise<void>((resolve) => void scene.feeds.after(LONG, resolve))
      return run(...asked)
    }
    await run(['ip', 'addr', 'delete', '10.64.0.1/24', 'dev', 'br-ct'])
    await wholeLook(scene)
    await openPort(scene)
    await scene.feeds.advance(5)
    expect(isThere(scene, '"2001:db8:1:1::1:3",6,22]')).toBe(false)
    expect(outcomes(scene)).toEqual(['pass nft part success'])
    await scene.feeds.advance(3 * LONG)
    expect(outcomes(scene).slice(0, 2)).toEqual(['pass nft part success', 'pass signal whole success'])
    expect(isThere(scene, '10.64.0.1/24 dev br-ct')).toBe(true)
  })
})
