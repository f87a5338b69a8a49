/** Numbers that one seed always gives in the same order. */
export interface Random {
  /** From 0 (inclusive) to 1. */
  readonly next: () => number
  /** One of these. */
  readonly pick: <T>(values: readonly [T, ...T[]]) => T
  /** An integer below `limit`. */
  readonly below: (limit: number) => number
}

/** mulberry32: 32 bits of state, good enough to choose by. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { next, below, pick: (values) => values[below(values.length)] ?? values[0] }
}
