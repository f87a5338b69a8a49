import { describe, expect, it } from 'vitest'
import {
  VETHS,
  dropExposure,
  firewallEvent,
  isThere,
  linkEvent,
  outcomes,
  passes,
  settled,
} from './support.ts'
import type { Scene } from './support.ts'

const BY = '# new generation 9 by process 4711 (rival)'

/** A rival takes the exposure away whenever it is there, for so long; looks every 50 ms. */
async function rivalry(scene: Scene, milliseconds: number): Promise<readonly number[]> {
  const taken: number[] = []
  for (let passed = 0; passed < milliseconds; passed += 50) {
    if (scene.host.dump().includes('set exposed6 element')) {
      taken.push(scene.feeds.now())
      await dropExposure(scene)
      scene.feeds.line('nft monitor', BY)
    }
    await scene.feeds.advance(50)
  }
  return taken
}

describe('a rival', () => {
  it('is fought at once three times, then less and less often', async () => {
    const scene = await settled()
    const taken = await rivalry(scene, 10_000)
    const gaps = taken.slice(1).map((at, index) => at - (taken[index] ?? 0))
    expect(gaps.slice(0, 3).every((gap) => gap <= 100)).toBe(true)
    expect(gaps.slice(3).map((gap) => Math.round(gap / 1_000))).toEqual([1, 2, 4])
  })

  it('is named, in the view and in what is told, until a minute after', async () => {
    const scene = await settled()
    await rivalry(scene, 5_000)
    const [problem] = scene.controller.view().problems
    expect(problem).toMatchObject({
      code: 'S64-W003',
      resource: 'exposure exposed6 2001:db8:1:1::1:2 . 6 . 443',
    })
    expect(problem?.message).toContain('process 4711 (rival)')
    expect(passes(scene).at(-1)?.contended).toEqual([
      { resource: problem?.resource, restores: 5, by: 'process 4711 (rival)' },
    ])
    await scene.feeds.advance(120_000)
    expect(scene.controller.view().problems).toEqual([])
    expect(passes(scene).at(-1)?.contended).toEqual([])
    expect(isThere(scene, 'set exposed6 element')).toBe(true)
  })

  it('leaves a pass that left it alone as refused, not failed: it is not tried again and again', async () => {
    const scene = await settled()
    await rivalry(scene, 4_000)
    scene.events.length = 0
    firewallEvent(scene)
    await scene.feeds.advance(500)
    expect(outcomes(scene).length).toBeGreaterThan(0)
    expect(new Set(outcomes(scene))).toEqual(new Set(['pass nft part refused']))
  })

  it('of one object does not keep others from being healed at once', async () => {
    const scene = await settled()
    await rivalry(scene, 6_000)
    await scene.host.run(['ip', 'route', 'delete', '2001:db8:1:1::1:2', 'dev', 'br-ct'])
    scene.feeds.line('ip', '[ROUTE]Deleted 2001:db8:1:1::1:2 dev br-ct proto 164')
    await scene.feeds.advance(1_100)
    expect(isThere(scene, '"dst":"2001:db8:1:1::1:2","dev":"br-ct"')).toBe(true)
  })

  it('is found although a container restarts all the while', async () => {
    const scene = await settled()
    for (let time = 0; time < 4; time += 1) {
      await scene.host.run(['ip', 'netns', 'delete', 'blog'])
      linkEvent(scene, VETHS.blog, 'BROADCAST')
      await dropExposure(scene)
      scene.feeds.line('nft monitor', BY)
      await scene.feeds.advance(1_100)
      await scene.host.run(['ip', 'netns', 'add', 'blog'])
      scene.controller.hangUp()
      await scene.feeds.advance(1_100)
    }
    const fought = scene.controller.view().problems.map(({ resource }) => resource)
    expect(fought).toEqual(['exposure exposed6 2001:db8:1:1::1:2 . 6 . 443'])
  })

  it('is forgotten when the file changes', async () => {
    const scene = await settled()
    await rivalry(scene, 4_000)
    expect(scene.controller.view().problems).toHaveLength(1)
    scene.write('blog')
    await scene.feeds.advance(200)
    expect(scene.controller.view().problems).toEqual([])
  })
})

describe('no fight', () => {
  it('a ruleset that is flushed again and again is made again at once, each time', async () => {
    const scene = await settled()
    for (let time = 0; time < 8; time += 1) {
      await scene.host.run(['nft', 'flush ruleset'])
      scene.feeds.line('nft monitor', 'delete table inet slash64')
      await scene.feeds.advance(1_100)
      expect(isThere(scene, 'set bridges element "br-ct"')).toBe(true)
    }
  })

  it('an upstream interface that flaps: what stood on it is there again at once, and nobody is blamed', async () => {
    const scene = await settled()
    for (let time = 0; time < 6; time += 1) {
      for (const flag of ['down', 'up']) await scene.host.run(['ip', 'link', 'set', 'eth0', flag])
      linkEvent(scene, 'eth0', 'BROADCAST')
      linkEvent(scene, 'eth0', 'BROADCAST,UP')
      await scene.feeds.advance(1_100)
      expect(isThere(scene, 'host proxy 2001:db8:1:1::1:2 dev eth0 protocol 164')).toBe(true)
    }
    expect(scene.controller.view().problems.map(({ code }) => code)).not.toContain('S64-W003')
  })

  it('a container that restarts again and again gets its network back at each look', async () => {
    const scene = await settled()
    for (let time = 0; time < 6; time += 1) {
      await scene.host.run(['ip', 'netns', 'delete', 'blog'])
      linkEvent(scene, VETHS.blog, 'BROADCAST')
      await scene.feeds.advance(1_100)
      await scene.host.run(['ip', 'netns', 'add', 'blog'])
      scene.controller.hangUp()
      await scene.feeds.advance(1_100)
      expect(isThere(scene, 'netns blog address 10.64.0.2/24')).toBe(true)
    }
    expect(scene.controller.view().problems).toEqual([])
  })
})
