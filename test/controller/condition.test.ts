import { describe, expect, it } from 'vitest'
import { afterLook, firstSeen, isQuiet, joined } from '../../src/controller/condition.ts'
import type { Proof } from '../../src/controller/monitor.ts'
import type { Condition } from '../../src/system/feeds.ts'
import { socket } from '../support/memory-feeds.ts'

const PROOF: Proof = {
  protocol: 0,
  groups: 0x0180_0551,
  echo: { make: () => undefined, isHeard: () => false },
}
const FINE: Condition = { isStopped: false, sockets: [socket('ip')] }

/** The verdict after each look. */
function verdicts(conditions: readonly Condition[], lines: readonly number[] = []): readonly string[] {
  let seen = firstSeen(FINE, PROOF, 0)
  return conditions.map((condition, at) => {
    const look = afterLook(seen, condition, PROOF, lines[at] ?? 0)
    seen = look.seen
    return look.verdict ?? '-'
  })
}

describe('the sockets by which a program hears', () => {
  it('have joined all groups, also one whose number is the sign of 32 bits', () => {
    const wanted = { protocol: 0, groups: 0x8000_0001 }
    const sockets = [
      socket('ip', { groups: 0x8000_0003, inode: 'all' }),
      socket('ip', { groups: 1, inode: 'one' }),
      socket('ip', { groups: 0, inode: 'none' }),
      socket('nft', { groups: 0xffff_ffff, inode: 'another protocol' }),
    ]
    expect(joined({ isStopped: false, sockets }, wanted).map(({ inode }) => inode)).toEqual(['all'])
  })

  it('are quiet when nothing waits in them; others do not matter', () => {
    const answers = socket('ip', { groups: 0, queued: 500 })
    expect(isQuiet({ ...FINE, sockets: [socket('ip'), answers] }, PROOF)).toBe(true)
    expect(isQuiet({ ...FINE, sockets: [socket('ip', { queued: 1 })] }, PROOF)).toBe(false)
  })
})

describe('looks in a row', () => {
  const [stopped, gone] = [
    { ...FINE, isStopped: true },
    { ...FINE, sockets: [] },
  ]
  const full = { ...FINE, sockets: [socket('ip', { queued: 9 })] }
  const dropped = { ...FINE, sockets: [socket('ip', { drops: 2 })] }

  it.each([
    ['stopped twice', [stopped, stopped], ['-', 'stopped']],
    ['stopped now and then', [stopped, FINE, stopped], ['-', '-', '-']],
    ['without a socket', [gone, gone], ['-', 'unsubscribed']],
    ['drops', [FINE, dropped, dropped], ['-', 'lost', '-']],
    ['a queue that nobody reads', [full, full, full, full], ['-', '-', '-', 'starved']],
    ['a queue that empties', [full, full, full, FINE, full], ['-', '-', '-', '-', '-']],
  ])('%s', (_what, conditions, expected) => {
    expect(verdicts(conditions)).toEqual(expected)
  })

  it('a queue of which something is read is that of a busy one', () => {
    expect(verdicts([full, full, full, full, full], [1, 2, 3, 4, 5])).not.toContain('starved')
  })

  it('where /proc never showed a socket, none is missed', () => {
    const seen = firstSeen(gone, PROOF, 0)
    const first = afterLook(seen, gone, PROOF, 0)
    expect(afterLook(first.seen, gone, PROOF, 0).verdict).toBeUndefined()
  })
})
