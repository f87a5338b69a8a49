import { describe, expect, test } from 'vitest'
import { jsonText, visible } from '../../src/text/escape.ts'

describe('visible', () => {
  test('leaves plain text alone, in every script', () => {
    expect(visible('br-ct 2001:db8::1 "größe" 日本 🙂')).toBe('br-ct 2001:db8::1 "größe" 日本 🙂')
  })

  test.each([
    ['\u001b[2J', '\\x1b[2J'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\x0dd'],
    ['\u007f\u009b31m', '\\x7f\\x9b31m'],
    ['abc\u202efdp', 'abc\\u202efdp'],
    ['\u2028\u2029\ufeff\u200b', '\\u2028\\u2029\\ufeff\\u200b'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800x', '\\ud800x'],
  ])('shows %j as %j', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })
})

describe('jsonText', () => {
  test('keeps every value while hiding what repaints a terminal', () => {
    const document = { text: 'a\u001b[31m\u009b\u202e\u2028\n\u{e0041}"\\', list: ['\u007f'] }
    const text = jsonText(document)
    expect(JSON.parse(text)).toEqual(document)
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('prints maps, sets and bigints, which JSON itself would lose or refuse', () => {
    const text = jsonText({ map: new Map([['a', 1]]), set: new Set(['b']), big: 2n ** 64n })
    expect(JSON.parse(text)).toEqual({ map: { a: 1 }, set: ['b'], big: '18446744073709551616' })
  })

  test('ends with exactly one newline', () => {
    expect(jsonText({})).toBe('{}\n')
  })
})
