import { describe, expect, it } from 'vitest'
import { keeperOn } from '../../src/app/keeper.ts'
import { firstDesired } from '../../src/controller/desired.ts'
import { freshHost } from '../support/memory.ts'
import { memoryFeeds } from '../support/memory-feeds.ts'
import { failure } from '../support/recording-system.ts'
import {
  FILE,
  INTERVAL,
  LAST_GOOD,
  LOADER,
  begin,
  clocked,
  firewallEvent,
  forget,
  isThere,
  outcomes,
  passes,
  problemCodes,
  settled,
  told,
} from './support.ts'
import type { Scene } from './support.ts'

describe('a change of the file', () => {
  it('is applied once two reads agree, and told with the time it took', async () => {
    const scene = await settled()
    scene.write('blog')
    await scene.feeds.advance(99)
    expect(told(scene)).toEqual([])
    await scene.feeds.advance(1)
    expect(told(scene)).toEqual(['file right', 'begun file', 'pass file whole success'])
    expect(passes(scene)[0]?.convergence).toBeCloseTo(0.1, 3)
    expect(isThere(scene, '2001:db8:1:1::1:3')).toBe(false)
    expect(scene.controller.view().desired.text).toBe('blog')
  })

  it('that is written in pieces is not applied by halves', async () => {
    const scene = await settled()
    for (const piece of ['b', 'none', 'bl', 'blo', 'blog']) {
      scene.write(piece)
      await scene.feeds.advance(60)
    }
    await scene.feeds.advance(1_000)
    expect(told(scene)).toEqual(['file right', 'begun file', 'pass file whole success'])
    expect(scene.controller.view().desired.source).toBe('blog')
  })

  it('to what it said before is nothing', async () => {
    const scene = await settled()
    scene.write('both')
    await scene.feeds.advance(2_000)
    expect([told(scene), scene.host.writes]).toEqual([[], []])
  })

  it('twice in a row is applied in the end, whatever was on its way', async () => {
    const scene = await settled()
    scene.write('none')
    await scene.feeds.advance(100)
    scene.write('blog')
    await scene.feeds.advance(1_000)
    expect(scene.controller.view().desired.source).toBe('blog')
    expect(scene.controller.view().pass?.remaining?.changes).toEqual([])
    expect(outcomes(scene).at(-1)).toBe('pass file whole success')
  })

  it('while the one before is still being kept is not missed', async () => {
    const scene = await settled()
    const write = scene.host.writeFile.bind(scene.host)
    scene.host.writeFile = async (path, content) => {
      await new Promise<void>((resolve) => void scene.feeds.after(500, resolve))
      return write(path, content)
    }
    scene.write('none')
    await scene.feeds.advance(300)
    scene.write('blog')
    await scene.feeds.advance(5_000)
    expect(scene.controller.view().desired.source).toBe('blog')
    expect(scene.host.world.files.get(LAST_GOOD)).toBe('blog')
  })

  it('between the first read and the watch is not missed', async () => {
    const scene = await begin({
      before: ({ host, feeds }) => {
        const watch = feeds.watch.bind(feeds)
        feeds.watch = (path, changed) => {
          // The watch sees nothing of what came before it.
          host.world.files.set(FILE, 'blog')
          return watch(path, changed)
        }
      },
    })
    await scene.feeds.advance(1_000)
    expect(scene.controller.view().desired.source).toBe('blog')
  })
})

describe('a file that is wrong', () => {
  it('leaves the last good one in force, and is told once', async () => {
    const scene = await settled()
    const before = scene.host.dump()
    scene.write('rubbish')
    await scene.feeds.advance(200)
    scene.write('rubbish')
    await scene.feeds.advance(2_000)
    expect(told(scene)).toEqual(['file wrong, last-good'])
    expect(problemCodes(scene)).toEqual(['S64-W001'])
    expect(scene.controller.view().problems[0]?.message).toContain('"rubbish" means nothing')
    await scene.host.run(['nft', 'flush ruleset'])
    firewallEvent(scene)
    await scene.feeds.advance(100)
    expect(outcomes(scene).at(-1)).toBe('pass nft part success')
    expect(scene.host.dump().replace('"rubbish"', '"both"')).toBe(before)
    expect(scene.host.world.files.get(LAST_GOOD)).toBe('both')
  })

  it('in another way is told again', async () => {
    const scene = await settled()
    for (const text of ['rubbish', 'worse']) {
      scene.write(text)
      await scene.feeds.advance(200)
    }
    expect(told(scene)).toEqual(['file wrong, last-good', 'file wrong, last-good'])
  })

  it('is right again: told, and everything is looked at', async () => {
    const scene = await settled()
    for (const text of ['rubbish', 'both']) {
      scene.write(text)
      await scene.feeds.advance(200)
    }
    expect(outcomes(scene)).toEqual(['file wrong, last-good', 'file right', 'pass file whole noop'])
    expect(problemCodes(scene)).toEqual([])
  })
})

describe('a file that is gone', () => {
  it('for less than a second, as when it is replaced, is not even told', async () => {
    const scene = await settled()
    scene.write(undefined)
    await scene.feeds.advance(900)
    scene.write('blog')
    await scene.feeds.advance(2_000)
    expect(outcomes(scene)).toEqual(['file right', 'pass file whole success'])
  })

  it('never means that nothing is wanted', async () => {
    const scene = await settled()
    scene.write(undefined)
    await scene.feeds.advance(2 * INTERVAL)
    expect(outcomes(scene)).toEqual([
      'file wrong, last-good',
      'pass interval whole noop',
      'pass interval whole noop',
    ])
    expect(scene.host.writes).toEqual([])
    forget(scene)
    scene.write('both')
    await scene.feeds.advance(2_000)
    expect(outcomes(scene)).toEqual(['file right', 'pass file whole noop'])
  })

  it('or may not be read: the same', async () => {
    const scene = await settled()
    for (let time = 0; time < 3; time += 1)
      scene.host.failNext((command) => command === `read ${FILE}`, failure('denied', 'EACCES', FILE))
    scene.feeds.fileChanged()
    await scene.feeds.advance(1_500)
    expect(told(scene)).toEqual(['file wrong, last-good'])
  })
})

describe('the start without a right file', () => {
  async function first(files: Readonly<Record<string, string>>) {
    const feeds = memoryFeeds()
    const host = clocked(freshHost(), feeds)
    for (const [path, text] of Object.entries(files)) host.world.files.set(path, text)
    const { signal: stop } = new AbortController()
    const reading = firstDesired({ keeper: keeperOn(host), feeds, loader: LOADER, file: FILE, stop })
    await feeds.advance(3_000)
    return { desired: await reading, host }
  }

  it('holds to the last good one that was kept', async () => {
    for (const files of [{ [FILE]: 'rubbish', [LAST_GOOD]: 'blog' }, { [LAST_GOOD]: 'blog' }]) {
      const { desired, host } = await first(files)
      expect(desired).toMatchObject({ text: 'blog', source: 'blog', fromDisk: true, fault: { ok: false } })
      expect(host.writes).toEqual([])
    }
  })

  it('is told as such, and the host is kept what it said', async () => {
    const scene = await begin({
      text: 'rubbish',
      before: ({ host }) => void host.world.files.set(LAST_GOOD, 'blog'),
    })
    expect(told(scene)[0]).toBe('file wrong, last-good-from-disk')
    expect(isThere(scene, '2001:db8:1:1::1:2')).toBe(true)
    expect(scene.host.world.files.get(LAST_GOOD)).toBe('blog')
    scene.write('both')
    await scene.feeds.advance(200)
    expect(scene.host.world.files.get(LAST_GOOD)).toBe('both')
    expect(outcomes(scene).slice(-2)).toEqual(['file right', 'pass file whole success'])
  })

  it('with none that was kept, or one that is wrong too: its faults', async () => {
    for (const files of [{ [FILE]: 'rubbish' }, { [FILE]: 'rubbish', [LAST_GOOD]: 'old rubbish' }]) {
      const { desired } = await first(files)
      expect(desired).toMatchObject({ ok: false, text: `${FILE}: "rubbish" means nothing` })
    }
    expect((await first({})).desired).toMatchObject({ ok: false, text: `${FILE}: not-found` })
  })

  it('is not waited for when told to end', async () => {
    const feeds = memoryFeeds()
    const host = clocked(freshHost(), feeds)
    const stop = new AbortController()
    const options = { keeper: keeperOn(host), feeds, loader: LOADER, file: FILE, stop: stop.signal }
    const reading = firstDesired(options)
    await feeds.advance(10)
    stop.abort()
    await feeds.advance(1_000)
    expect(await reading).toBeUndefined()
  })
})

const EROFS = failure('read-only', 'EROFS', LAST_GOOD)

describe('the last good file', () => {
  it('is kept as soon as it was read, before it is applied', async () => {
    const scene = await begin()
    const kept = scene.host.writes.indexOf(`write ${LAST_GOOD}`)
    expect(kept).toBe(0)
  })

  it('that cannot be kept is told until it can, and hinders nothing', async () => {
    const refuse = ({ host }: Pick<Scene, 'host'>, times: number): void => {
      for (let time = 0; time < times; time += 1) {
        host.failNext((command) => command === `write ${LAST_GOOD}`, EROFS)
      }
    }
    const scene = await begin({ before: (stage) => refuse(stage, 2) })
    expect(outcomes(scene).at(-1)).toBe('pass start whole success')
    expect(problemCodes(scene)).toContain('S64-H008')
    // It heals without a new file, at the next look at everything.
    await scene.feeds.advance(INTERVAL)
    expect(problemCodes(scene)).toEqual([])
    expect(scene.host.writes.filter((write) => write === `write ${LAST_GOOD}`)).toHaveLength(3)
  })
})
