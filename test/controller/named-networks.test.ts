import { describe, expect, it } from 'vitest'
import { afterEnd, afterLook, lifeIn, NO_LIVES } from '../../src/controller/lives.ts'
import { container, model } from '../support/model.ts'
import { isThere, linkEvent, looks, outcomes, READ, settled, VETHS } from './support.ts'

describe('a named namespace', () => {
  it('that is made anew is looked at at once: it and the links, no other one', async () => {
    const scene = await settled({ interval: 3_600_000 })
    expect(scene.feeds.networksWatched()).toEqual(['blog', 'db'])
    scene.feeds.networkChanged('blog')
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['pass runtime part noop'])
    expect(looks(scene)).toEqual(expect.arrayContaining([READ.blog, READ.links]))
    expect(looks(scene)).not.toContain(READ.db)
    expect(looks(scene)).not.toContain(READ.nft)
  })

  it('that is made anew again and again is taken by nobody, though only the pass looks whether it was', async () => {
    const scene = await settled({ interval: 3_600_000 })
    for (let time = 0; time < 5; time += 1) {
      for (const verb of ['delete', 'add']) await scene.host.run(['ip', 'netns', verb, 'blog'])
      scene.feeds.networkChangesUnseen('blog')
      linkEvent(scene, VETHS.blog, 'BROADCAST')
      await scene.feeds.advance(1_100)
      expect(isThere(scene, 'netns blog address 10.64.0.2/24')).toBe(true)
    }
    expect(scene.controller.view().problems).toEqual([])
  })

  it('is watched as long as the file names it', async () => {
    const scene = await settled()
    scene.write('blog')
    await scene.feeds.advance(2_000)
    expect(scene.feeds.networksWatched()).toEqual(['blog'])
    scene.write('none')
    await scene.feeds.advance(2_000)
    expect(scene.feeds.networksWatched()).toEqual([])
    scene.stop()
    await scene.done
  })
})

it('a namespace of the same name is another run of the container, also where no look has missed it', () => {
  const containers = new Map([['blog', { state: 'running' as const, netns: 'blog', ipv4: [], ipv6: [] }]])
  const file = model({ containers: [container('blog', 2)] })
  const runOf = (lives: typeof NO_LIVES): string | undefined =>
    lifeIn(
      lives,
      file,
      containers,
    )({
      kind: 'container-address',
      key: 'blog 2001:db8:1:1::1:2',
      action: 'create',
      cause: 'drift',
      reason: '',
      before: undefined,
      after: undefined,
      needs: [],
      steps: [],
    })
  const first = afterLook(NO_LIVES, containers)
  expect(runOf(afterLook(first, containers))).toBe(runOf(first))
  expect(runOf(afterLook(afterEnd(first, 'blog'), containers))).not.toBe(runOf(first))
  expect(afterEnd(NO_LIVES, 'blog')).toBe(NO_LIVES)
})
