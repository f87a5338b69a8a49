import { describe, expect, test } from 'vitest'
import { jsonText } from '../../src/text/escape.ts'
import { errorDocument, planDocument, reconcileDocument } from '../../src/report/plan-json.ts'
import { change, DELETE, pass, plan, UPDATE } from './samples.ts'

const created = {
  kind: 'proxy-neighbour',
  key: '2001:db8:1:1::1:2 dev eth0',
  action: 'create',
  cause: 'drift',
  reason: 'was there and is gone',
  before: null,
  after: { address: '2001:db8:1:1::1:2' },
}
const removed = {
  kind: 'route',
  key: '2001:db8:1:1::1:9/128 dev br-ct',
  action: 'delete',
  cause: 'prune',
  reason: 'no longer declared',
  before: { address: '2001:db8:1:1::1:9' },
  after: null,
}

describe('planDocument', () => {
  test('has exactly the names that are promised, and keeps steps to itself', () => {
    const problem = { code: 'S64-K001', message: 'in the way', hint: 'rename it', resource: 'bridge br-ct' }
    const document = planDocument(plan({ changes: [change()], heldBack: [DELETE], problems: [problem] }))
    expect(JSON.parse(jsonText(document))).toStrictEqual({
      formatVersion: '1.0',
      known: true,
      hasChanges: true,
      summary: { create: 1, update: 0, delete: 0, heldBack: 1, inSync: 41, foreign: 2 },
      changes: [created],
      heldBack: [removed],
      dns: [],
      errors: [problem],
    })
  })

  test('has no changes when all that differs is held back', () => {
    const document = planDocument(plan({ heldBack: [DELETE] }))
    expect(document.hasChanges).toBe(false)
    expect(document.summary.heldBack).toBe(1)
  })

  test('leaves out a hint that is not there', () => {
    const document = planDocument(plan({ problems: [{ code: 'S64-H007', message: 'm' }] }))
    expect(document.errors).toStrictEqual([{ code: 'S64-H007', message: 'm' }])
  })

  test('keeps the order of apply', () => {
    const { changes } = planDocument(plan({ changes: [UPDATE, change(), DELETE] }))
    expect(changes.map(({ action }) => action)).toEqual(['update', 'create', 'delete'])
  })
})

describe('reconcileDocument', () => {
  test('adds what was applied, whether the host converged, and what is left', () => {
    const before = plan({ changes: [change()] })
    const document = reconcileDocument(pass({ plan: before, applied: before.changes, remaining: plan() }))
    expect(JSON.parse(jsonText(document))).toStrictEqual({
      formatVersion: '1.0',
      known: true,
      hasChanges: true,
      summary: { create: 1, update: 0, delete: 0, heldBack: 0, inSync: 41, foreign: 2 },
      changes: [created],
      heldBack: [],
      dns: [],
      errors: [],
      applied: 1,
      converged: true,
      remaining: [],
    })
  })

  test('tells a failure once, though both looks and apply report it', () => {
    const problem = { code: 'S64-A001', message: 'refused', resource: 'route x' }
    const before = plan({ changes: [change()], problems: [problem] })
    const remaining = plan({ changes: [change()], problems: [problem] })
    const document = reconcileDocument(pass({ plan: before, failed: [problem], remaining }))
    expect(document.errors).toEqual([problem])
    expect(document.converged).toBe(false)
    expect(document.remaining).toEqual([created])
  })

  test('is not converged when the lock was held, and says by whom', () => {
    const document = reconcileDocument(pass({ lockedBy: 'process 4711' }))
    expect(document.converged).toBe(false)
    expect(document.errors).toHaveLength(1)
    expect(document.errors[0]?.code).toBe('S64-L001')
    expect(document.errors[0]?.message).toContain('process 4711')
  })

  test.each([
    ['held back', { heldBack: [DELETE] }],
    ['unknown', { known: false }],
    ['in error', { problems: [{ code: 'S64-H007', message: 'm' }] }],
    ['different', { changes: [change()] }],
  ])('is not converged while something is %s', (_, rest) => {
    expect(reconcileDocument(pass({ remaining: plan(rest) })).converged).toBe(false)
  })
})

describe('known', () => {
  test.each([
    ['a plan', planDocument(plan()), true],
    ['an unknown plan', planDocument(plan({ known: false })), false],
    ['a pass', reconcileDocument(pass({ remaining: plan() })), true],
    ['a pass of an unknown host', reconcileDocument(pass({ plan: plan({ known: false }) })), false],
    ['a pass whose end is unknown', reconcileDocument(pass({ remaining: plan({ known: false }) })), false],
  ])('of %s', (_, document, known) => {
    expect(document.known).toBe(known)
  })
})

describe('errorDocument', () => {
  test('has the shape of a plan, with the places of the faults', () => {
    const error = { code: 'S64-E001', message: 'unknown key', file: 'network.yaml', line: 14, column: 7 }
    expect(errorDocument([error])).toStrictEqual({
      formatVersion: '1.0',
      known: false,
      hasChanges: false,
      summary: { create: 0, update: 0, delete: 0, heldBack: 0, inSync: 0, foreign: 0 },
      changes: [],
      heldBack: [],
      dns: [],
      errors: [error],
    })
  })
})
