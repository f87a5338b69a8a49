import { describe, expect, test } from 'vitest'
import { entriesOf } from '../../../src/report/log/entries.ts'
import type { LogEntry } from '../../../src/report/log/entry.ts'
import { passEvent } from '../events.ts'
import { DELETE, plan, UPDATE } from '../samples.ts'

function heads(entries: readonly LogEntry[]): readonly string[] {
  return entries.map(({ level, event, message }) => `${level} ${event}: ${message}`)
}

test('objects that are fought over are told by name', () => {
  const contended = [
    { resource: 'route a', restores: 3, by: 'process 123 (nft)' },
    { resource: 'route b', restores: 4 },
  ]
  expect(entriesOf(passEvent({ contended })).map(({ level, fields }) => [level, fields])).toEqual([
    ['warning', { code: 'S64-W003', ...contended[0] }],
    ['warning', { code: 'S64-W003', ...contended[1] }],
  ])
})

describe('a fight', () => {
  const fought = { resource: `${UPDATE.kind} ${UPDATE.key}`, restores: 4 }
  const remaining = plan()

  test('is told as such, not as each change that undoes the other one’s', () => {
    const pass = { applied: [UPDATE], remaining }
    expect(heads(entriesOf(passEvent({ result: 'success', pass, contended: [fought] })))).toEqual([
      'warning contended: somebody else changes it as often as it is put right',
    ])
  })

  test('hides no other change', () => {
    const pass = { applied: [UPDATE, DELETE], remaining }
    const entries = entriesOf(passEvent({ result: 'success', pass, contended: [fought] }))
    expect(heads(entries)).toEqual([
      'info change: deleted route',
      'info converged: converged',
      'warning contended: somebody else changes it as often as it is put right',
    ])
  })

  test('does not hide that a failure is over', () => {
    const pass = { applied: [UPDATE], remaining }
    const entries = entriesOf(passEvent({ result: 'success', pass, contended: [fought] }), 'error')
    expect(heads(entries)[0]).toBe('info converged: converged again')
  })

  test('of others about an object of the same key, but another kind, hides nothing', () => {
    const contended = [{ resource: `route ${UPDATE.key}`, restores: 3 }]
    const pass = { applied: [UPDATE], remaining }
    expect(heads(entriesOf(passEvent({ result: 'success', pass, contended })))[0]).toBe(
      'info change: updated bridge-port',
    )
  })
})
