import { describe, expect, it } from 'vitest'
import { causeOf, reasonOf } from '../../src/engine/cause.ts'
import type { Cause, Change } from '../../src/engine/types.ts'

const create: Change<unknown> = { key: 'k', action: 'create', after: 1 }
const update: Change<unknown> = { key: 'k', action: 'update', before: 0, after: 1 }
const remove: Change<unknown> = { key: 'k', action: 'delete', before: 0 }

interface Row {
  readonly title: string
  readonly change: Change<unknown>
  readonly record: Readonly<Record<string, string>> | undefined
  readonly wanted: string | undefined
  readonly cause: Cause
}

const ROWS: readonly Row[] = [
  { title: 'first run, not there', change: create, record: undefined, wanted: 'new', cause: 'config' },
  {
    title: 'first run, there and different',
    change: update,
    record: undefined,
    wanted: 'new',
    cause: 'adopt',
  },
  {
    title: 'first run, there and not declared',
    change: remove,
    record: undefined,
    wanted: undefined,
    cause: 'prune',
  },
  { title: 'applied before, now gone', change: create, record: { k: 'new' }, wanted: 'new', cause: 'drift' },
  {
    title: 'applied before, changed by hand',
    change: update,
    record: { k: 'new' },
    wanted: 'new',
    cause: 'drift',
  },
  { title: 'the file changed', change: update, record: { k: 'old' }, wanted: 'new', cause: 'config' },
  {
    title: 'the file changed, and it is gone',
    change: create,
    record: { k: 'old' },
    wanted: 'new',
    cause: 'config',
  },
  { title: 'newly in the file', change: create, record: { other: 'x' }, wanted: 'new', cause: 'config' },
  { title: 'left the file', change: remove, record: { k: 'old' }, wanted: undefined, cause: 'prune' },
  { title: 'joined by somebody', change: remove, record: { other: 'x' }, wanted: undefined, cause: 'drift' },
]

describe('causeOf', () => {
  it.each(ROWS)('$title: $cause', ({ change, record, wanted, cause }) => {
    expect(causeOf(change, record, wanted, false)).toBe(cause)
  })

  it('what is always there (a setting) is not adopted: the file wants another value', () => {
    expect(causeOf(update, undefined, 'new', true)).toBe('config')
  })
})

describe('reasonOf', () => {
  it('tells a lost object from one that was never there', () => {
    expect(reasonOf(create, 'drift')).toBe('was there and is gone')
    expect(reasonOf(create, 'config')).toContain('not on the host')
  })

  it('names each field that differs, before and after', () => {
    const change: Change<unknown> = {
      key: 'k',
      action: 'update',
      before: { mtu: 1500, up: false, alias: 'same', peer: undefined },
      after: { mtu: 1400, up: true, alias: 'same', peer: { mtu: 1400 } },
    }
    expect(reasonOf(change, 'drift')).toMatch(/^mtu: 1500 -> 1400, up: false -> true, peer\b.*none.*1400/)
    expect(reasonOf(change, 'drift')).not.toContain('alias')
  })

  it('cuts long values', () => {
    const change: Change<unknown> = { key: 'k', action: 'update', before: 'x'.repeat(200), after: 'y' }
    expect(reasonOf(change, 'drift').length).toBeLessThan(90)
  })

  it('says why something goes', () => {
    expect(reasonOf(remove, 'prune')).toContain('no longer')
    expect(reasonOf(remove, 'drift')).toContain('among what is ours')
  })
})
