import { describe, expect, it } from 'vitest'
import { NO_RESTARTS, nextStart, type Life } from '../../src/controller/restarts.ts'

/** The waits after lives that all are like this, one after the other. */
function waits(times: number, life: Omit<Life, 'began' | 'provedAt'> & { proving?: number }, lasts: number) {
  let [restarts, now] = [NO_RESTARTS, 0]
  return Array.from({ length: times }, () => {
    const began = now
    now += lasts
    const provedAt = life.proving === undefined ? undefined : began + life.proving
    const next = nextStart(restarts, { crashed: life.crashed, began, provedAt }, now)
    restarts = next.restarts
    now += next.wait
    return Math.round(next.wait)
  })
}

describe('the next start waits', () => {
  it.each([
    ['longer and longer', { crashed: false }, 0, [200, 400, 800, 1_600, 3_200]],
    [
      'not so after a minute that was fine',
      { crashed: false, proving: 50 },
      60_000,
      [200, 200, 200, 200, 200],
    ],
    [
      'longer and longer where a crash came before its proof',
      { crashed: true },
      100,
      [200, 400, 800, 1_600, 3_200],
    ],
    ['not at all after a crash of what it heard', { crashed: true, proving: 50 }, 100, [0, 0, 0, 0, 0]],
    [
      'as long as a long start took',
      { crashed: true, proving: 2_600 },
      2_700,
      [2_600, 2_600, 2_600, 2_600, 2_600],
    ],
  ])('%s', (_what, life, lasts, expected) => {
    expect(waits(5, life, lasts)).toEqual(expected)
  })

  it('half a second after ten crashes in a row', () => {
    const all = waits(30, { crashed: true, proving: 0 }, 0)
    expect(all.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0))
    expect(all.slice(11)).toEqual(Array.from({ length: 19 }, () => 500))
  })

  it('at most half a minute', () => {
    expect(waits(40, { crashed: false }, 0).at(-1)).toBe(30_000)
  })
})
