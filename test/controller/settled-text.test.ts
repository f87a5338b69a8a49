import { describe, expect, it } from 'vitest'
import { settledText } from '../../src/controller/settled-text.ts'
import type { SystemError } from '../../src/system/errors.ts'
import { failure } from '../support/recording-system.ts'

type Read = string | SystemError | TypeError

/** Settles on these reads, one after the other (the last one again and again). */
async function settle(reads: readonly Read[], stop = new AbortController(), endAfter = Infinity) {
  const pauses: number[] = []
  const queue = [...reads]
  const text = await settledText(
    async () => {
      const next = queue.length > 1 ? queue.shift() : queue[0]
      if (typeof next !== 'string') throw next
      return next
    },
    async (milliseconds) => {
      pauses.push(milliseconds)
      if (pauses.length >= endAfter) stop.abort()
    },
    stop.signal,
  )
  return { text, pauses }
}

const GONE = failure('not-found', 'ENOENT', 'network.yaml')
const DENIED = failure('denied', 'EACCES', 'network.yaml')

describe('what a file says', () => {
  it('is what two reads say, 100 ms apart', async () => {
    expect(await settle(['a'])).toEqual({ text: 'a', pauses: [100] })
  })

  it('is not what it said while it was written', async () => {
    expect(await settle(['', 'conta', 'containers', 'containers'])).toEqual({
      text: 'containers',
      pauses: [100, 100, 100],
    })
  })

  it('an empty file is an answer too', async () => {
    expect((await settle(['a', '', ''])).text).toBe('')
  })

  it('that is gone is waited for a second, as it may be about to be replaced', async () => {
    expect(await settle([GONE, 'new', 'new'])).toEqual({ text: 'new', pauses: [1_000, 100] })
    expect(await settle([GONE])).toEqual({ text: GONE, pauses: [1_000] })
  })

  it('two different failures do not agree', async () => {
    expect(await settle([GONE, DENIED, DENIED])).toEqual({ text: DENIED, pauses: [1_000, 1_000] })
  })

  it('is nothing when told to end meanwhile, also while it never settles', async () => {
    const changing = Array.from({ length: 50 }, (_, index) => `${index}`)
    const { text, pauses } = await settle(changing, new AbortController(), 3)
    expect(text).toBeUndefined()
    expect(pauses.length).toBeLessThan(6)
  })

  it('a defect is not taken for a file that cannot be read', async () => {
    await expect(settle([new TypeError('defect')])).rejects.toThrow('defect')
  })
})
