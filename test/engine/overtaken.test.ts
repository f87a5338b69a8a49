import { describe, expect, it } from 'vitest'
import type { Applied } from '../../src/engine/apply.ts'
import { overtaken, together, withoutMoot } from '../../src/engine/overtaken.ts'
import { unknownPlan } from '../../src/engine/plan.ts'
import type { Plan, PlannedChange } from '../../src/engine/types.ts'

function change(key: string, line = key): PlannedChange {
  const steps = [{ tool: 'ip' as const, line }]
  return {
    kind: 'pair',
    key,
    action: 'create',
    cause: 'drift',
    reason: '',
    before: null,
    after: {},
    needs: [],
    steps,
  }
}

function tried(isGone: boolean, ...failed: readonly PlannedChange[]): Applied {
  const failures = failed.map((one) => ({
    change: one,
    problem: { code: 'S64-A001', message: one.key },
    isGone,
  }))
  return { applied: [], failed: failures.map(({ problem }) => problem), failedChanges: failed, failures }
}

function plan(...changes: readonly PlannedChange[]): Plan {
  return { ...unknownPlan([]), known: true, changes }
}

describe('a change that failed because its container was gone', () => {
  it('is no fault when nobody asks for it any more', () => {
    expect(withoutMoot(tried(true, change('a')), plan())).toMatchObject({ failed: [], failedChanges: [] })
  })

  it('is one as long as it is asked for, or that is not known', () => {
    expect(withoutMoot(tried(true, change('a')), plan(change('a'))).failed).toHaveLength(1)
    expect(withoutMoot(tried(true, change('a')), unknownPlan([])).failed).toHaveLength(1)
  })

  it('is made once more in its new network, with what came up beside it', () => {
    const now = plan(change('a', 'in another'), change('b'))
    expect(overtaken(tried(true, change('a')), now).changes).toEqual(now.changes)
  })

  it('is not when the steps are the same: they would fail again', () => {
    expect(overtaken(tried(true, change('a')), plan(change('a'))).changes).toEqual([])
    expect(overtaken(tried(true, change('a')), unknownPlan([])).changes).toEqual([])
  })

  it('is told by its second try', () => {
    const second = { ...tried(true), applied: [change('a', 'in another')] }
    expect(together(tried(true, change('a'), change('b')), second)).toMatchObject({
      applied: second.applied,
      failedChanges: [change('b')],
    })
  })
})

it('any other failure is told whatever is asked for now, and makes nothing new', () => {
  const failed = tried(false, change('a'))
  expect(withoutMoot(failed, plan())).toEqual(failed)
  expect(overtaken(failed, plan(change('a', 'another'), change('b'))).changes).toEqual([])
})
