import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../../../src/report/log/entry.ts'
import { createRepeats } from '../../../src/report/log/repeats.ts'

function entry(parts: Partial<LogEntry> = {}): LogEntry {
  return { level: 'error', event: 'problem', message: 'm', fields: { code: 'S64-A001' }, ...parts }
}

/** What passes of the same entry at these milliseconds: how often it was left out before, or `-`. */
function told(times: readonly number[], one = entry()): readonly unknown[] {
  const repeats = createRepeats()
  return times.map((time) => repeats(one, time).map(({ fields }) => fields['repeated'] ?? 0)[0] ?? '-')
}

describe('the same condition', () => {
  test('passes once a minute, and says how often it was left out', () => {
    expect(told([0, 1, 30_000, 59_999, 60_000, 60_001, 120_000])).toEqual([0, '-', '-', '-', 3, '-', 1])
  })

  test('that comes rarely always passes', () => {
    expect(told([0, 60_000, 600_000])).toEqual([0, 0, 0])
  })

  test('is held back as a warning and as a detail, too, and told otherwise', () => {
    expect(told([0, 1], entry({ level: 'warning' }))).toEqual([0, '-'])
    expect(told([0, 1], entry({ level: 'info' }))).toEqual([0, 0])
    expect(told([0, 1], entry({ level: 'debug' }))).toEqual([0, '-'])
  })

  test('passes as it is', () => {
    const [passed] = createRepeats()(entry(), 0)
    expect(passed).toEqual(entry())
  })

  test('does not depend on the numbers of processes that it names', () => {
    const repeats = createRepeats()
    const hung = (pid: number) => entry({ message: `killed (nft, process ${pid}: state S)` })
    expect(repeats(hung(12), 0)).toHaveLength(1)
    expect(repeats(hung(345), 1)).toEqual([])
  })

  test('does not depend on its other fields', () => {
    const repeats = createRepeats()
    repeats(entry({ fields: { code: 'S64-A001', changes: 1 } }), 0)
    expect(repeats(entry({ fields: { code: 'S64-A001', changes: 2 } }), 1)).toEqual([])
  })
})

test.each<[string, Partial<LogEntry>]>([
  ['event', { event: 'fault' }],
  ['message', { message: 'n' }],
  ['code', { fields: { code: 'S64-A002' } }],
  ['resource', { fields: { code: 'S64-A001', resource: 'route a' } }],
])('another %s is another condition', (_what, parts) => {
  const repeats = createRepeats()
  repeats(entry(), 0)
  expect(repeats(entry(parts), 1)).toHaveLength(1)
})

test('what was told longest ago is forgotten first', () => {
  const repeats = createRepeats()
  const tell = (index: number, time: number) => repeats(entry({ message: String(index) }), time)
  for (let index = 0; index < 1_000; index += 1) tell(index, 0)
  expect(tell(0, 60_000)).toHaveLength(1)
  // The 1,001st condition takes the place of number 1: number 0 was told again since.
  expect(tell(1_000, 60_000)).toHaveLength(1)
  expect(tell(0, 60_001)).toEqual([])
  expect(tell(2, 59_999)).toEqual([])
  expect(tell(1, 59_999)).toHaveLength(1)
})
