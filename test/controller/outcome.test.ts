import { describe, expect, it } from 'vitest'
import type { PassOfMany } from '../../src/app/types.ts'
import { hasConverged, hasFailed, newest, resultOf, type Postponed } from '../../src/controller/outcome.ts'
import { RESULTS } from '../../src/controller/types.ts'
import type { Plan, Problem } from '../../src/engine/types.ts'
import { planned } from '../engine/kinds.ts'
import { world } from '../support/model.ts'

const ROUTE = planned('create route r')
const LINK = planned('create veth v')
const NONE: Postponed = { failing: [], contended: [] }
const BROKEN: Problem = { code: 'S64-A001', message: 'broken' }
const UNDONE: Problem = { code: 'S64-A003', message: 'it did not come up' }

function plan(more: Partial<Plan> = {}): Plan {
  const nothing = {
    changes: [],
    heldBack: [],
    problems: [],
    inSync: 0,
    foreign: 0,
    blocked: [],
    resources: {},
  }
  return { ...nothing, known: true, ...more }
}

function pass(more: Partial<PassOfMany> = {}): PassOfMany {
  return {
    plan: plan(),
    applied: [],
    failed: [],
    failedChanges: [],
    remaining: undefined,
    facts: world().facts,
    replies: new Map(),
    fresh: new Set(),
    compared: new Map(),
    left: new Set(),
    reads: [],
    phases: {},
    ...more,
  }
}

describe('how a pass ended', () => {
  it.each<[string, Partial<PassOfMany>, Partial<Postponed>, string]>([
    ['nothing to do', {}, {}, 'noop'],
    ['all done', { plan: plan({ changes: [ROUTE] }), applied: [ROUTE], remaining: plan() }, {}, 'success'],
    [
      'one failed',
      { plan: plan({ changes: [ROUTE] }), failed: [BROKEN], remaining: plan({ changes: [ROUTE] }) },
      {},
      'error',
    ],
    ['nothing known', { plan: plan({ known: false }) }, {}, 'error'],
    [
      'unknown after apply',
      { plan: plan({ changes: [ROUTE] }), applied: [ROUTE], remaining: plan({ known: false }) },
      {},
      'error',
    ],
    ['something in the way', { plan: plan({ problems: [BROKEN] }) }, {}, 'error'],
    [
      'more to do after apply',
      { plan: plan({ changes: [ROUTE] }), applied: [ROUTE], remaining: plan({ changes: [LINK] }) },
      {},
      'drifted',
    ],
    ['one waits that failed', { plan: plan({ changes: [ROUTE] }) }, { failing: [ROUTE] }, 'error'],
    [
      'one waits that is fought over',
      { plan: plan({ changes: [ROUTE] }) },
      { contended: [ROUTE] },
      'refused',
    ],
    ['both', { plan: plan({ changes: [ROUTE, LINK] }) }, { contended: [ROUTE], failing: [LINK] }, 'error'],
    ['held back', { plan: plan({ heldBack: [ROUTE] }) }, {}, 'refused'],
    ['undone', { plan: plan({ changes: [ROUTE] }), failed: [UNDONE, UNDONE] }, {}, 'rolled_back'],
    [
      'undone, and another broken',
      { plan: plan({ changes: [ROUTE] }), failed: [UNDONE, BROKEN] },
      {},
      'error',
    ],
  ])('%s', (_, more, postponed, result) => {
    expect(resultOf(pass(more), { ...NONE, ...postponed }, false)).toBe(result)
  })

  it('told to end before all was done: stopped, also when something failed', () => {
    const half = { plan: plan({ changes: [ROUTE, LINK] }), applied: [ROUTE] }
    expect(resultOf(pass(half), NONE, true)).toBe('stopped')
    expect(resultOf(pass({ ...half, failed: [BROKEN] }), NONE, true)).toBe('stopped')
  })

  it('told to end when all was done, or nothing was to do: as if not told', () => {
    expect(resultOf(pass(), NONE, true)).toBe('noop')
    expect(resultOf(pass({ plan: plan({ known: false }) }), NONE, true)).toBe('error')
  })

  it('fails by error and by rolling back; converges by success and by nothing to do', () => {
    expect(RESULTS.filter(hasFailed)).toEqual(['error', 'rolled_back'])
    expect(RESULTS.filter(hasConverged)).toEqual(['noop', 'success'])
  })

  it('is judged by what was found last', () => {
    const [first, last] = [plan(), plan({ inSync: 7 })]
    expect(newest(pass({ plan: first }))).toBe(first)
    expect(newest(pass({ plan: first, remaining: last }))).toBe(last)
  })
})
