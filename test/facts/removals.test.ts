import { describe, expect, it } from 'vitest'
import { ACCEPTED_BEFORE, acceptedText } from '../../src/facts/accepted.ts'
import { isTooMuch, removalsOf } from '../../src/facts/removals.ts'
import type { Model } from '../../src/model/types.ts'
import { capture, replies } from '../support/captures.ts'
import { container, model } from '../support/model.ts'

function containers(count: number, first = 2) {
  return Array.from({ length: count }, (_, at) => container(`c${first + at}`, first + at))
}

function file(count: number, more: Partial<Model> = {}, first?: number): Model {
  return model({ containers: containers(count, first), ...more })
}

function after(before: Model | undefined, now: Model) {
  return removalsOf(now, replies(before === undefined ? {} : { [ACCEPTED_BEFORE.id]: acceptedText(before) }))
}

describe('what a file takes away', () => {
  it.each([
    ['three of nine', 9, 6, false],
    ['four of nine', 9, 5, true],
    ['three of three', 3, 0, false],
    ['three in ten of a hundred', 100, 70, false],
    ['one more', 100, 69, true],
  ])('%s', (_what, before, now, isRefused) => {
    const removals = after(file(before), file(now))
    expect(removals).toMatchObject({ before, removed: before - now })
    expect(isTooMuch(removals, file(now))).toBe(isRefused)
  })

  it('a number in the file is the file’s own measure', () => {
    const now = file(1, { policy: { prune: 'own', maxDeletes: 500 } })
    expect(isTooMuch(after(file(100), now), now)).toBe(false)
  })

  it('a container of another name with the same address is the same one', () => {
    const renamed = containers(9).map((one) => ({ ...one, name: `${one.name}-new` }))
    expect(after(file(9), model({ containers: renamed })).removed).toBe(0)
  })

  it('one of the same name with other addresses, too', () => {
    const moved = containers(9).map((one) => ({ ...one, ipv4: undefined, ipv6: '2001:db8:1:1::9:9' }))
    expect(after(file(9), model({ containers: moved as never })).removed).toBe(0)
  })

  it('the same file takes nothing away, and is not taken apart', () => {
    const same = file(9)
    expect(after(same, same)).toEqual({ before: 0, removed: 0, empties: false })
  })
})

describe('a file without a container', () => {
  it('empties what was accepted', () => {
    expect(after(file(1), file(0)).empties).toBe(true)
    expect(after(file(0), file(0)).empties).toBe(false)
  })

  it('is nothing on a host on which nothing was', () => {
    expect(after(undefined, file(0))).toEqual({ before: 0, removed: 0, empties: false })
  })

  it('empties what stands, where it is lost what was accepted', () => {
    const host = replies({
      links: capture('iproute2-6.1.0/links.json'),
      routes6: capture('iproute2-6.1.0/routes6.json'),
      [ACCEPTED_BEFORE.id]: '{"format": 1, "dig',
    })
    expect(removalsOf(file(0), host)).toMatchObject({ empties: true })
    // Also where nothing but a port of somebody else's is left to tell it by.
    const ports = capture('iproute2-6.1.0/links.json').replaceAll('"ifname":"s64-', '"ifname":"lxc-')
    const others = replies({ links: ports, [ACCEPTED_BEFORE.id]: '' })
    expect(removalsOf(file(0), others)).toMatchObject({ before: 0, empties: true })
  })
})
