import { describe, expect, test } from 'vitest'
import { ansi, plain } from '../../src/text/paint.ts'
import { planText, resultText } from '../../src/report/plan-text.ts'
import { change, DELETE, HOSTILE, pass, plan, UPDATE } from './samples.ts'

const style = { paint: plain, file: 'network.yaml' }
const failure = { code: 'S64-A001', message: 'RTNETLINK answers: File exists', resource: 'route x' }

function many(count: number) {
  return Array.from({ length: count }, (_, index) => change({ key: `k${index}` }))
}

describe('planText', () => {
  test('shows sign, kind, key, what changes and cause, in the order given', () => {
    const text = planText(plan({ changes: [UPDATE, change(), DELETE] }), style)
    expect(text.split('\n')).toEqual([
      '  ~ bridge-port      vblog                            hairpin: false -> true  drift',
      '  + proxy-neighbour  2001:db8:1:1::1:2 dev eth0       was there and is gone   drift',
      '  - route            2001:db8:1:1::1:9/128 dev br-ct  no longer declared      prune',
      '    (41 in sync, 2 foreign, hidden)',
      'Plan: 1 to create, 1 to update, 1 to delete.',
      '',
    ])
  })

  test('marks what is held back, and counts it', () => {
    const text = planText(plan({ heldBack: [DELETE] }), style)
    expect(text.split('\n')).toEqual([
      '  ! route  2001:db8:1:1::1:9/128 dev br-ct  delete held back: no longer declared  prune',
      '    (41 in sync, 2 foreign, hidden)',
      'Plan: 0 to create, 0 to update, 0 to delete, 1 held back.',
      '',
    ])
  })

  test('says that nothing changes, and names the file', () => {
    const text = planText(plan({ inSync: 42 }), style)
    expect(text).toBe('No changes: the host is what network.yaml says (42 in sync, 2 foreign).\n')
  })

  test('says so differently when nothing was wished for', () => {
    const text = planText(plan({ inSync: 0 }), { paint: plain, file: undefined })
    expect(text).toBe('Nothing to remove: nothing on this host bears our mark (0 in sync, 2 foreign).\n')
  })

  test('never calls an unknown host unchanged', () => {
    const text = planText(plan({ known: false, inSync: 0 }), style)
    expect(text).toMatch(/^Plan: unknown/)
    expect(text).not.toContain('No changes')
  })

  test('never calls a host with errors unchanged', () => {
    const text = planText(plan({ problems: [failure] }), style)
    expect(text).toContain('Plan: 0 to create, 0 to update, 0 to delete. 1 error in the way.')
    expect(text).not.toContain('No changes')
  })

  test('folds more than 200 changes of one kind and action, and no fewer', () => {
    expect(planText(plan({ changes: many(200) }), style).split('\n')).toHaveLength(203)
    const lines = planText(plan({ changes: [...many(201), UPDATE] }), style).split('\n')
    expect(lines).toHaveLength(25)
    expect(lines[19]).toMatch(/^ {2}\+ proxy-neighbour {2}k19 /)
    expect(lines[20]).toMatch(/^ {2}\+ proxy-neighbour {2}\.\.\. and 181 more$/)
    expect(lines[21]).toMatch(/^ {2}~ bridge-port/)
    expect(lines[23]).toBe('Plan: 201 to create, 1 to update, 0 to delete.')
  })

  test('keeps each change on one line, whatever the host calls things', () => {
    const text = planText(
      plan({ changes: [change({ key: HOSTILE, reason: HOSTILE, kind: HOSTILE })] }),
      style,
    )
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
    expect(text.split('\n')).toHaveLength(4)
    expect(text).toContain('x\\x1b[31mred\\u202e\\u2028\\n|`<b>@all')
  })

  test('shortens what changes for a narrow terminal, but neither key nor cause', () => {
    const long = change({ action: 'update', reason: 'z'.repeat(300) })
    for (const width of [100, 120]) {
      const line = planText(plan({ changes: [long] }), { ...style, width }).split('\n')[0]
      expect(line).toContain('2001:db8:1:1::1:2 dev eth0')
      expect(line).toMatch(/zzz\.\.\. {2}drift$/)
      expect(line?.length).toBeLessThanOrEqual(width)
    }
  })

  test('shortens nothing when there is no terminal', () => {
    const long = change({ reason: 'z'.repeat(300) })
    expect(planText(plan({ changes: [long] }), style)).toContain('z'.repeat(300))
  })

  test('colours whole lines, and the same text is below', () => {
    const changes = [UPDATE, change(), DELETE]
    const coloured = planText(plan({ changes }), { ...style, paint: ansi })
    expect(coloured).toContain('\u001b[33m  ~ bridge-port')
    expect(coloured).toContain('\u001b[32m  + proxy-neighbour')
    expect(coloured).toContain('\u001b[31m  - route')
    expect(
      coloured
        .split('\u001b')
        .map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')))
        .join(''),
    ).toBe(planText(plan({ changes }), style))
  })
})

describe('resultText', () => {
  const before = plan({ changes: [change(), UPDATE] })

  test('says that the host is what the file says now', () => {
    const text = resultText(pass({ plan: before, applied: before.changes, remaining: plan() }), style)
    expect(text).toBe('Applied 2 of 2 changes: the host is what network.yaml says.\n')
  })

  test('lists what still differs after a failure', () => {
    const remaining = plan({ changes: [UPDATE] })
    const text = resultText(pass({ plan: before, applied: [change()], failed: [failure], remaining }), style)
    expect(text.split('\n')).toEqual([
      'Applied 1 of 2 changes, 1 failed. Still different:',
      '  ~ bridge-port  vblog  hairpin: false -> true  drift',
      '',
    ])
  })

  test('counts changes, not problems, because one problem may stand for many', () => {
    const four = plan({ changes: many(4) })
    const folded = { code: 'S64-H003', message: 'not writable (and 2 more like it)' }
    const report = pass({ plan: four, applied: many(1), failed: [folded], remaining: plan() })
    expect(resultText(report, style)).toMatch(/^Applied 1 of 4 changes, 3 failed\./)
  })

  test('does not guess what is left when the second look failed', () => {
    const remaining = plan({ known: false, problems: [failure] })
    const text = resultText(pass({ plan: before, applied: before.changes, remaining }), style)
    expect(text).toBe(
      'Applied 2 of 2 changes. What is left is unknown, because the host could not be read whole.\n',
    )
  })

  test('after a stop, says that nobody looked at what is left', () => {
    const nine = plan({ changes: many(9) })
    const [applied, failedChanges] = [many(3), many(5).slice(3)]
    expect(resultText(pass({ plan: nine, applied, failedChanges: [] }), style)).toBe(
      'Applied 3 of 9 changes, 6 not begun. What is left was not looked at.\n',
    )
    const broken = pass({ plan: nine, applied, failed: [failure], failedChanges })
    expect(resultText(broken, style)).toBe(
      'Applied 3 of 9 changes, 2 failed, 4 not begun. What is left was not looked at.\n',
    )
    expect(resultText(pass({ plan: nine, applied: nine.changes, failedChanges: [] }), style)).toBe(
      'Applied 9 of 9 changes. What is left was not looked at.\n',
    )
  })

  test('stopped before anything was begun, what differs is what was planned', () => {
    const text = resultText(pass({ plan: before, applied: [], failedChanges: [] }), style)
    expect(text).toMatch(/^Applied 0 of 2 changes, 2 not begun\. Still different:\n/)
  })

  test('is empty when there was nothing to do', () => {
    expect(resultText(pass(), style)).toBe('')
    expect(resultText(pass({ plan: before, lockedBy: 'process 7' }), style)).toBe('')
  })
})
