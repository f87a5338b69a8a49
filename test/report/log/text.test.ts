import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../../../src/report/log/entry.ts'
import { LOG_FORMATS, logText } from '../../../src/report/log/text.ts'
import { at } from '../events.ts'
import { HOSTILE } from '../samples.ts'

const ENTRY: LogEntry = {
  level: 'warning',
  event: 'monitor-down',
  message: 'ip monitor ended',
  fields: { code: 'S64-W002', restarts: 3, again: true, hint: 'see why' },
}

function entry(parts: Partial<LogEntry>): LogEntry {
  return { ...ENTRY, ...parts }
}

describe('the forms of one line', () => {
  test('text has time, level, message and fields', () => {
    expect(logText(ENTRY, 'text', at())).toBe(
      '2026-11-24T02:40:11.123Z warning ip monitor ended code=S64-W002 restarts=3 again=true hint="see why"\n',
    )
  })

  test.each([
    ['error', 3],
    ['warning', 4],
    ['info', 6],
    ['debug', 7],
  ] as const)('the journal reads %s as %i', (level, priority) => {
    expect(logText(entry({ level, fields: {} }), 'journal', at())).toBe(`<${priority}>ip monitor ended\n`)
  })

  test('json is an object, with what every line has first', () => {
    const text = logText(ENTRY, 'json', at())
    expect(JSON.parse(text)).toEqual({
      time: '2026-11-24T02:40:11.123Z',
      level: 'warning',
      event: 'monitor-down',
      message: 'ip monitor ended',
      code: 'S64-W002',
      restarts: 3,
      again: true,
      hint: 'see why',
    })
    expect(Object.keys(JSON.parse(text)).slice(0, 4)).toEqual(['time', 'level', 'event', 'message'])
  })

  test('a field cannot take the place of what every line has', () => {
    const text = logText(entry({ fields: { level: 'debug', time: 'never', more: 1 } }), 'json', at())
    expect(JSON.parse(text)).toEqual({
      time: '2026-11-24T02:40:11.123Z',
      level: 'warning',
      event: 'monitor-down',
      message: 'ip monitor ended',
      more: 1,
    })
  })
})

test.each([
  ['a', 'a'],
  ['2001:db8::1/128', '2001:db8::1/128'],
  ['', '""'],
  ['a b', '"a b"'],
  ['a=b', '"a=b"'],
  ['say "x"', '"say \\"x\\""'],
  ['a\\b', '"a\\\\b"'],
  ['a\nb', '"a\\nb"'],
  ['\u202e', '"\\u202e"'],
  ['größe', 'größe'],
])('the value %j is written %s', (value, written) => {
  expect(logText(entry({ message: 'm', fields: { value } }), 'journal', at())).toBe(`<4>m value=${written}\n`)
})

describe.each(LOG_FORMATS)('hostile text as %s', (format) => {
  const hostile = `${HOSTILE}\r\n<0>2026-11-24T02:40:11.123Z error forged\u0000\u{e0041}`
  const text = logText(entry({ message: hostile, fields: { key: hostile } }), format, at())

  test('is one line', () => {
    expect(text.split('\n')).toHaveLength(2)
    expect(text.endsWith('\n')).toBe(true)
  })

  test('can neither repaint a terminal nor reorder', () => {
    expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
  })
})

test('json keeps every value as it is', () => {
  const message = `${HOSTILE}  two  blanks`
  expect(JSON.parse(logText(entry({ message }), 'json', at()))).toHaveProperty('message', message)
})
