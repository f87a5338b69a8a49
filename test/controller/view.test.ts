import { describe, expect, it } from 'vitest'
import { firewallEvent, INTERVAL, settled } from './support.ts'
import type { Scene } from './support.ts'

/** The next queries never end. */
function hang({ host }: Scene): () => void {
  const query = host.query.bind(host)
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  host.query = async (argv, stdin) => {
    await released
    return query(argv, stdin)
  }
  return release
}

describe('the view', () => {
  it('of a calm host: the file, the last pass, no problem, nothing overdue', async () => {
    const { controller, feeds } = await settled()
    await feeds.advance(20_000)
    const { desired, pass, problems, stalled } = controller.view()
    expect([desired.text, pass?.plan.changes, problems, stalled]).toEqual(['both', [], [], 0])
  })

  it('has a version that grows with all that changes it', async () => {
    const scene = await settled()
    const versions = [scene.controller.view().version]
    const next = async (happens: () => void): Promise<void> => {
      happens()
      await scene.feeds.advance(200)
      versions.push(scene.controller.view().version)
    }
    await next(() => undefined)
    expect(versions[1]).toBe(versions[0])
    await next(() => firewallEvent(scene))
    await next(() => scene.write('rubbish'))
    await next(() => scene.write('both'))
    expect(versions.slice(2).every((version, index) => version > (versions[index + 1] ?? 0))).toBe(true)
  })
})

describe('a pass that hangs', () => {
  it('is seen by the time without a step', async () => {
    const scene = await settled()
    const release = hang(scene)
    firewallEvent(scene)
    await scene.feeds.advance(5)
    expect(scene.controller.view().stalled).toBe(0)
    await scene.feeds.advance(120_000)
    expect(scene.controller.view().stalled).toBe(120_000)
    release()
    await scene.feeds.advance(10)
    expect(scene.controller.view().stalled).toBe(0)
  })

  it('but makes steps is not stalled, however long it takes', async () => {
    const scene = await settled()
    const release = hang(scene)
    scene.controller.hangUp()
    for (let step = 0; step < 10; step += 1) {
      await scene.feeds.advance(20_000)
      expect(scene.controller.view().stalled).toBe(20_000)
      scene.controller.progressed()
    }
    release()
  })
})

it('a loop that does not go on is seen by how long the next pass is overdue', async () => {
  const scene = await settled()
  // The clock moves, and no timer rings.
  const now = scene.feeds.now()
  scene.host.monotonic = () => now + INTERVAL + 70_000
  expect(scene.controller.view().stalled).toBeGreaterThan(60_000)
})
