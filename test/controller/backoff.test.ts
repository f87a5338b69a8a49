import { describe, expect, it } from 'vitest'
import { afterTries, notYet, NO_BACKOFF, type Backoff } from '../../src/controller/backoff.ts'
import type { PlannedChange } from '../../src/engine/types.ts'
import { nftStep, planned } from '../engine/kinds.ts'

const ROUTE = planned('create route r')
const LINK = planned('create veth v')
const CHAIN = planned('create nft-chain guard', { steps: [nftStep('add chain guard')] })

/** After so many failures in a row of these changes, each tried when it was due. */
function failedTimes(times: number, changes: readonly PlannedChange[]): { backoff: Backoff; now: number } {
  let [backoff, now]: [Backoff, number] = [NO_BACKOFF, 0]
  for (let time = 0; time < times; time += 1) {
    now = Math.max(now, ...[...backoff.values()].map(({ at }) => at))
    backoff = afterTries(backoff, { planned: changes, failed: changes }, now)
  }
  return { backoff, now }
}

function waits(changes: readonly PlannedChange[]): readonly number[] {
  return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((times) => {
    const { backoff, now } = failedTimes(times, changes)
    return ([...backoff.values()][0]?.at ?? 0) - now
  })
}

describe('a change that fails', () => {
  it('waits 0.1, 0.2, 0.4 s and so on, a minute at most', () => {
    expect(waits([ROUTE]).slice(0, 5)).toEqual([100, 200, 400, 800, 1_600])
    expect(waits([ROUTE]).slice(-3)).toEqual([51_200, 60_000, 60_000])
  })

  it('is not tried before, and then is', () => {
    const { backoff, now } = failedTimes(2, [ROUTE])
    expect(notYet(backoff, [ROUTE, LINK], now + 199)).toEqual([ROUTE])
    expect(notYet(backoff, [ROUTE, LINK], now + 200)).toEqual([])
  })

  it('is the same change in another plan: by kind and key, whatever is to be done with it', () => {
    const { backoff, now } = failedTimes(1, [ROUTE])
    expect(notYet(backoff, [planned('delete route r')], now)).toHaveLength(1)
    expect(notYet(backoff, [planned('create veth r')], now)).toEqual([])
  })

  it('keeps its wait through a pass that did not try it', () => {
    const { backoff, now } = failedTimes(3, [ROUTE])
    const later = afterTries(backoff, { planned: [ROUTE, LINK], failed: [LINK] }, now + 50)
    expect(later.get('route r')).toEqual(backoff.get('route r'))
    expect(later.get('veth v')).toEqual({ failures: 1, at: now + 150 })
  })

  it('is forgotten once it worked', () => {
    const { backoff, now } = failedTimes(3, [ROUTE])
    expect(afterTries(backoff, { planned: [ROUTE], failed: [] }, now + 4_000)).toEqual(new Map())
  })

  it('is forgotten once nobody wants it', () => {
    const { backoff, now } = failedTimes(3, [ROUTE])
    expect(afterTries(backoff, { planned: [LINK], failed: [] }, now + 1)).toEqual(new Map())
  })
})

describe('while the firewall waits', () => {
  it('everything waits that comes behind it', () => {
    const { backoff, now } = failedTimes(1, [CHAIN])
    expect(notYet(backoff, [CHAIN, ROUTE, LINK], now)).toEqual([CHAIN, ROUTE, LINK])
    expect(notYet(backoff, [CHAIN, ROUTE, LINK], now + 100)).toEqual([])
  })

  it('what is planned without it is made', () => {
    const { backoff, now } = failedTimes(1, [CHAIN])
    expect(notYet(backoff, [ROUTE], now)).toEqual([])
  })

  it('a guard that waits for its bridge to be gone keeps nothing else from being made', () => {
    const bridge = planned('delete bridge br')
    const guard = planned('delete guarded-interface br', {
      needs: ['bridge br'],
      steps: [nftStep('delete element bridges { br }')],
    })
    const { backoff, now } = failedTimes(1, [bridge, guard])
    expect(notYet(backoff, [ROUTE, LINK, bridge, guard], now)).toEqual([bridge, guard])
  })
})
