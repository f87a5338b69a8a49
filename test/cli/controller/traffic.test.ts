import { describe, expect, test } from 'vitest'
import type { Traffic } from '../../../src/app/traffic.ts'
import { trafficSampler } from '../../../src/cli/controller/traffic.ts'
import { memoryFeeds } from '../../support/memory-feeds.ts'
import { model } from '../../support/model.ts'
import { failure } from '../../support/recording-system.ts'

const COUNTED = model({ metrics: { containers: true } })
type Sample = ReadonlyMap<string, Traffic>

function sampleOf(receiveBytes: number): Sample {
  return new Map([['blog', { receiveBytes, receivePackets: 1, transmitBytes: 2, transmitPackets: 1 }]])
}

/** A reader that answers when the test says so, and a page that asks. */
function stage() {
  const feeds = memoryFeeds()
  const reads: { resolve(sample: Sample): void; reject(error: unknown): void }[] = []
  const traffic = async (): Promise<Sample> =>
    new Promise((resolve, reject) => void reads.push({ resolve, reject }))
  const ask = trafficSampler({ traffic, monotonic: feeds.now }, feeds)
  const bytes = async (of = COUNTED) => (await ask(of)).get('blog')?.receiveBytes
  return { feeds, reads, bytes }
}

/** Whether it resolved without the clock moving, and to what. */
async function now<T>(work: Promise<T>): Promise<T | 'waits'> {
  const later = new Promise<'waits'>((resolve) => setImmediate(() => setImmediate(() => resolve('waits'))))
  return Promise.race([work, later])
}

describe('the sampler of traffic', () => {
  test('reads nothing where the file does not ask for it', async () => {
    const { reads, bytes } = stage()
    expect(await now(bytes(model()))).toBeUndefined()
    expect(reads).toEqual([])
  })

  test('hands out what was just read', async () => {
    const { reads, bytes } = stage()
    const asked = bytes()
    reads[0]?.resolve(sampleOf(532))
    expect(await now(asked)).toBe(532)
  })

  test('reads once a second at most', async () => {
    const { feeds, reads, bytes } = stage()
    const asked = bytes()
    reads[0]?.resolve(sampleOf(532))
    await asked
    await feeds.advance(999)
    expect(await now(bytes())).toBe(532)
    expect(reads).toHaveLength(1)
    await feeds.advance(1)
    const again = bytes()
    reads[1]?.resolve(sampleOf(600))
    expect(await now(again)).toBe(600)
  })

  test('waits half a second for a reader that hangs, once, and runs no second one', async () => {
    const { feeds, reads, bytes } = stage()
    const first = bytes()
    await feeds.advance(499)
    expect(await now(first)).toBe('waits')
    await feeds.advance(1)
    expect(await now(first)).toBeUndefined()
    await feeds.advance(10_000)
    expect(await now(bytes())).toBeUndefined()
    expect(reads).toHaveLength(1)
  })

  test('hands out the last sample while a reader hangs, and its own when that comes', async () => {
    const { feeds, reads, bytes } = stage()
    const first = bytes()
    reads[0]?.resolve(sampleOf(1))
    await first
    await feeds.advance(15_000)
    const second = bytes()
    expect(await now(bytes())).toBe(1)
    await feeds.advance(500)
    expect(await now(second)).toBe(1)
    reads[1]?.resolve(sampleOf(2))
    await feeds.advance(0)
    const third = bytes()
    reads[2]?.resolve(sampleOf(3))
    expect([reads.length, await now(third)]).toEqual([2, 2])
  })

  test('hands out nothing when the reader fails, in time or late', async () => {
    const { feeds, reads, bytes } = stage()
    const first = bytes()
    reads[0]?.resolve(sampleOf(1))
    await first
    await feeds.advance(15_000)
    const second = bytes()
    reads[1]?.reject(failure('timeout', 'late'))
    expect(await now(second)).toBeUndefined()
    await feeds.advance(15_000)
    const third = bytes()
    await feeds.advance(500)
    expect(await now(third)).toBeUndefined()
    reads[2]?.reject(failure('timeout', 'late'))
    await feeds.advance(0)
    expect(await now(bytes())).toBeUndefined()
  })

  test('passes a defect on', async () => {
    const { reads, bytes } = stage()
    const asked = bytes()
    reads[0]?.reject(new TypeError('x'))
    await expect(asked).rejects.toThrow(TypeError)
  })

  test('forgets when the file does not ask for it any more', async () => {
    const { reads, bytes } = stage()
    const first = bytes()
    reads[0]?.resolve(sampleOf(1))
    expect(await first).toBe(1)
    expect(await now(bytes(model()))).toBeUndefined()
  })
})
