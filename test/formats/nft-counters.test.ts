import { describe, expect, it } from 'vitest'
import { parseCounters } from '../../src/formats/nft-counters.ts'
import { capture } from '../support/captures.ts'
import { BLOG_COUNTER, DB_COUNTER } from '../support/traffic.ts'
import { NO_LISTINGS, truncated } from './garbage.ts'

const COUNTERS = capture('nftables-1.0.6/counters.json')

describe('nft -j list counters, nft 1.0.6', () => {
  it('reads each counter by its name', () => {
    expect([...parseCounters(COUNTERS)]).toEqual([
      ['dropped', { packets: 0, bytes: 0 }],
      ['spoofed', { packets: 0, bytes: 0 }],
      ['invalid', { packets: 0, bytes: 0 }],
      [`receive-${BLOG_COUNTER}`, { packets: 6, bytes: 532 }],
      [`transmit-${BLOG_COUNTER}`, { packets: 6, bytes: 532 }],
      [`receive-${DB_COUNTER}`, { packets: 4, bytes: 336 }],
      [`transmit-${DB_COUNTER}`, { packets: 4, bytes: 336 }],
    ])
  })

  it('nft 1.1.3 prints the same names', () => {
    const newer = parseCounters(capture('nftables-1.1.3/counters.json'))
    expect([...newer.keys()]).toEqual([...parseCounters(COUNTERS).keys()])
    expect(newer.get('dropped')).toEqual({ packets: 0, bytes: 0 })
  })

  it('none is an answer', () => {
    expect(parseCounters('{"nftables": [{"metainfo": {"version": "1.0.6"}}]}').size).toBe(0)
  })
})

describe('what is not that', () => {
  const garbled = expect.objectContaining({ name: 'SystemError', code: 'garbled' })

  it.each(NO_LISTINGS)('%s is garbled', (_, text) => {
    expect(() => parseCounters(text)).toThrow(garbled)
  })

  it.each([1, 2, 3, 200])('a text that lacks its last %i characters is garbled', (count) => {
    expect(() => parseCounters(truncated(COUNTERS, count))).toThrow(garbled)
  })

  it.each([
    ['"packets": 6', '"packets": "6"'],
    [', "bytes": 532', ''],
    [`"name": "receive-${BLOG_COUNTER}"`, '"name": 7'],
  ])('%s as %s is garbled, not zero', (found, replacement) => {
    const text = COUNTERS.replace(found, replacement)
    expect(text).not.toBe(COUNTERS)
    expect(() => parseCounters(text)).toThrow(garbled)
  })
})
