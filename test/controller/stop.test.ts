import { describe, expect, it } from 'vitest'
import { begin, forget, isThere, outcomes, passes, settled, told } from './support.ts'
import type { Scene } from './support.ts'

/** Each command that changes something takes so long (ms). */
function slowDown({ host, feeds }: Pick<Scene, 'host' | 'feeds'>, milliseconds: number): void {
  const run = host.run.bind(host)
  host.run = async (...asked) => {
    await new Promise<void>((resolve) => void feeds.after(milliseconds, resolve))
    return run(...asked)
  }
}

describe('told to end in the middle of a pass', () => {
  it('the step that runs is finished, no other begun, and the pass is told as stopped', async () => {
    const scene = await begin({ before: (one) => slowDown(one, 100) })
    await scene.feeds.advance(50)
    scene.stop()
    expect(passes(scene)).toEqual([])
    await scene.feeds.advance(100)
    await scene.done
    expect(outcomes(scene).at(-1)).toBe('pass start whole stopped')
    const { host } = scene
    expect(isThere({ host }, 'nft inet slash64')).toBe(true)
    expect(host.writes.filter((write) => /^(ip|sysctl)/.test(write))).toEqual([])
    const [pass] = passes(scene)
    expect(pass?.pass.applied.every(({ steps }) => steps.every(({ tool }) => tool === 'nft'))).toBe(true)
    expect(pass?.pass.failed).toEqual([])
    // Who is told to end does not look again.
    expect(pass?.pass.remaining).toBeUndefined()
  })

  it('while it only reads: it ends with what it found', async () => {
    const scene = await settled()
    const query = scene.host.query.bind(scene.host)
    scene.host.query = async (argv, stdin) => {
      await new Promise<void>((resolve) => void scene.feeds.after(100, resolve))
      return query(argv, stdin)
    }
    await scene.host.run(['nft', 'flush ruleset'])
    scene.host.writes.length = 0
    scene.controller.hangUp()
    await scene.feeds.advance(50)
    scene.stop()
    await scene.feeds.advance(500)
    await scene.done
    expect(outcomes(scene)).toEqual(['pass signal whole stopped'])
    expect(scene.host.writes.filter((write) => write.startsWith('nft'))).toEqual([])
  })

  it('a start that was stopped half-way is gone on with by the next one', async () => {
    const first = await begin({ before: (one) => slowDown(one, 100) })
    await first.feeds.advance(50)
    first.stop()
    await first.feeds.advance(1_000)
    await first.done
    Reflect.deleteProperty(first.host, 'run')
    const second = await begin({ host: first.host })
    expect(outcomes(second).at(-1)).toBe('pass start whole success')
    expect(second.controller.view().pass?.remaining?.changes).toEqual([])
  })
})

describe('told to end while it waits', () => {
  it('ends at once, and leaves the data path as it is', async () => {
    const scene = await settled()
    const before = scene.host.dump()
    scene.stop()
    await scene.done
    expect([told(scene), scene.host.writes, scene.host.dump()]).toEqual([[], [], before])
  })

  it('nothing is done after it, whatever is heard', async () => {
    const scene = await settled()
    scene.stop()
    await scene.done
    forget(scene)
    scene.controller.hangUp()
    scene.feeds.fileChanged()
    await scene.feeds.advance(100_000)
    expect([told(scene), scene.host.reads]).toEqual([[], []])
  })
})
