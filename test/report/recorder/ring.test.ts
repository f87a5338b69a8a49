import { describe, expect, it } from 'vitest'
import { createRing } from '../../../src/report/recorder/ring.ts'

describe('a ring of three', () => {
  it.each([
    [0, [], 0],
    [1, [1], 0],
    [3, [1, 2, 3], 0],
    [4, [2, 3, 4], 1],
    [8, [6, 7, 8], 5],
  ])('after %i entries holds the newest, oldest first', (count, kept, forgotten) => {
    const ring = createRing<number>(3)
    for (let entry = 1; entry <= count; entry += 1) ring.add(entry)
    expect(ring.all()).toEqual(kept)
    expect(ring.forgotten()).toBe(forgotten)
  })

  it.each([1, 3, 5])('of %i, puts another in the place of the newest', (count) => {
    const ring = createRing<number>(3)
    for (let entry = 1; entry <= count; entry += 1) ring.add(entry)
    ring.replace(9)
    expect(ring.all().at(-1)).toBe(9)
    expect(ring.all()).toHaveLength(Math.min(count, 3))
    ring.add(10)
    expect(ring.all().slice(-2)).toEqual([9, 10])
  })

  it('has nothing to replace when it is empty', () => {
    const ring = createRing<number>(3)
    ring.replace(9)
    expect(ring.all()).toEqual([])
  })
})
