import { describe, expect, it } from 'vitest'
import { diff } from '../../src/engine/diff.ts'
import { resource } from './kinds.ts'

const equal = (one: string, other: string): boolean => one === other

describe('diff', () => {
  it('creates what is only desired, updates what differs, deletes what is only owned', () => {
    const desired = [resource('a', '1'), resource('b', '2'), resource('c', '3')]
    const owned = [resource('b', '2'), resource('c', '0'), resource('d', '4')]
    expect(diff(desired, owned, equal)).toEqual([
      { key: 'a', action: 'create', after: '1' },
      { key: 'c', action: 'update', before: '0', after: '3' },
      { key: 'd', action: 'delete', before: '4' },
    ])
  })

  it('keeps the order of desired for creates and updates, whatever the order of owned', () => {
    const desired = ['c', 'a', 'b'].map((key) => resource(key, 'new'))
    const owned = ['a', 'b'].map((key) => resource(key, 'old'))
    expect(diff(desired, owned, equal).map(({ key }) => key)).toEqual(['c', 'a', 'b'])
    expect(diff(desired, owned.toReversed(), equal)).toEqual(diff(desired, owned, equal))
  })

  it('deletes in the order of owned', () => {
    const owned = ['z', 'y', 'x'].map((key) => resource(key))
    expect(diff([], owned, equal).map(({ key }) => key)).toEqual(['z', 'y', 'x'])
  })

  it('asks `same` what a difference is', () => {
    const [desired, owned] = [[resource('a', 'A')], [resource('a', 'a')]]
    expect(diff(desired, owned, (one, other) => one.toLowerCase() === other.toLowerCase())).toEqual([])
    expect(diff(desired, owned, equal)).toHaveLength(1)
  })

  it('finds nothing to do between nothing and nothing', () => {
    expect(diff([], [], equal)).toEqual([])
  })
})
