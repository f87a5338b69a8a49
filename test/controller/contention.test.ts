import { describe, expect, it } from 'vitest'
import {
  afterRestores,
  contended,
  nextAllowed,
  NO_CONTENTION,
  tooSoon,
  type Contention,
} from '../../src/controller/contention.ts'
import type { LifeOf } from '../../src/controller/lives.ts'
import type { Wish } from '../../src/controller/types.ts'
import type { PlannedChange } from '../../src/engine/types.ts'
import { nftStep, planned } from '../engine/kinds.ts'
import { wishFor } from './support.ts'

const ROUTE = planned('create route r')
const EVENT = wishFor('route')
const RULE = planned('create exposure r', { steps: [nftStep('add element')] })
const TABLE = planned('create nft-table inet', {
  steps: [{ tool: 'nft', rank: 'table', statement: 'add table inet slash64' }],
})

const LIFELESS = (): undefined => undefined

/** After a pass that made all that it planned. */
function after(
  contention: Contention,
  changes: readonly PlannedChange[],
  wish: Wish,
  now: number,
  lifeOf: LifeOf = LIFELESS,
): Contention {
  return afterRestores(contention, { planned: changes, applied: changes }, wish, now, lifeOf)
}

/** Restored so often, each as soon as it may be; `apart` ms between where it need not wait. */
function restored(
  times: number,
  changes: readonly PlannedChange[] = [ROUTE],
  wish: Wish = EVENT,
  apart = 10,
): { contention: Contention; now: number } {
  let [contention, now]: [Contention, number] = [NO_CONTENTION, 0]
  for (let time = 0; time < times; time += 1) {
    now = Math.max(now + apart, nextAllowed(contention, changes) ?? 0)
    contention = after(contention, changes, wish, now)
  }
  return { contention, now }
}

describe('an object that somebody else changes', () => {
  it('is put right at once the first three times', () => {
    for (const times of [0, 1, 2]) {
      const { contention, now } = restored(times)
      expect(tooSoon(contention, [ROUTE], now)).toEqual([])
      expect(contended(contention, now)).toEqual([])
    }
  })

  it('is fought over from the third time on', () => {
    const { contention, now } = restored(3)
    expect(contended(contention, now)).toEqual([{ resource: 'route r', restores: 3 }])
    expect(tooSoon(contention, [ROUTE, planned('create route other')], now)).toEqual([ROUTE])
  })

  it('in the firewall is named with who did it, also when that is not known the next time', () => {
    const { contention, now } = restored(3, [RULE], { ...EVENT, by: 'process 9 (nft)' })
    const fought = { resource: 'exposure r', by: 'process 9 (nft)' }
    expect(contended(contention, now)).toEqual([{ ...fought, restores: 3 }])
    const again = after(contention, [RULE], EVENT, now + 1_000)
    expect(contended(again, now + 1_000)).toEqual([{ ...fought, restores: 4 }])
  })

  it('elsewhere is nobody’s fault that the kernel told of: the process wrote to the firewall', () => {
    const { contention, now } = restored(3, [ROUTE], { ...EVENT, by: 'process 9 (nft)' })
    expect(contended(contention, now)).toEqual([{ resource: 'route r', restores: 3 }])
  })

  it('waits 1, 2, 4, 5 s', () => {
    const waits = [3, 4, 5, 6, 7].map((times) => {
      const { contention, now } = restored(times)
      return (nextAllowed(contention, [ROUTE]) ?? 0) - now
    })
    expect(waits).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
  })

  it('never waits when it guards, though it is named', () => {
    const chain = planned('create nft-chain guard', { steps: [nftStep('add rule')], protects: true })
    const { contention, now } = restored(9, [chain])
    expect(tooSoon(contention, [chain, ROUTE], now)).toEqual([])
    expect(contended(contention, now)).toEqual([{ resource: 'nft-chain guard', restores: 9 }])
  })

  it('may be put right the moment that its wait is over', () => {
    const { contention, now } = restored(4)
    expect(tooSoon(contention, [ROUTE], now + 1_999)).toEqual([ROUTE])
    expect(tooSoon(contention, [ROUTE], now + 2_000)).toEqual([])
  })

  it('is forgotten after a minute of peace', () => {
    const { contention, now } = restored(5)
    expect(contended(contention, now + 59_999)).toHaveLength(1)
    expect(contended(contention, now + 60_000)).toEqual([])
    expect(after(contention, [], EVENT, now + 60_000)).toEqual(new Map())
    const { contention: slow, now: end } = restored(9, [ROUTE], EVENT, 60_000)
    expect(contended(slow, end)).toEqual([])
  })

  it('begins anew when it is put right to something else: then the host changed, not a rival', () => {
    const { contention, now } = restored(3)
    const other = after(contention, [{ ...ROUTE, after: { other: true } }], EVENT, now)
    expect(contended(other, now)).toEqual([])
  })

  it('nothing is due when nothing was left for later', () => {
    expect(nextAllowed(restored(3).contention, [])).toBeUndefined()
  })
})

describe('not a fight', () => {
  it.each(['file', 'start'] as const)('what is made because of %s', (trigger) => {
    const { contention, now } = restored(5, [ROUTE], { trigger })
    expect(contended(contention, now)).toEqual([])
  })

  it('a withdrawal', () => {
    const { contention, now } = restored(5, [planned('delete route r', { withdrawn: true })])
    expect(contended(contention, now)).toEqual([])
  })

  it('what is made anew because what it stands on is', () => {
    const address = planned('create address a', { needs: ['bridge br'] })
    const { contention, now } = restored(4, [planned('create bridge br'), address])
    expect(contended(contention, now).map(({ resource }) => resource)).toEqual(['bridge br'])
  })

  it('an object that was withdrawn in between, as its container ended', () => {
    const { contention, now } = restored(3)
    const gone = after(contention, [planned('delete route r', { withdrawn: true })], EVENT, now)
    expect(contended(after(gone, [ROUTE], EVENT, now + 1), now + 1)).toEqual([])
  })

  it('what is made again with each run of its container', () => {
    const { contention, now } = restored(2)
    const next = after(contention, [ROUTE], EVENT, now, () => 'blog 2')
    expect(contended(next, now)).toEqual([])
    const fought = [1, 2].reduce((known) => after(known, [ROUTE], EVENT, now, () => 'blog 2'), next)
    expect(contended(fought, now)).toEqual([{ resource: 'route r', restores: 3 }])
  })

  it('a link that was lost and is not missed', () => {
    const link = planned('create veth s64-blog')
    const { contention, now } = restored(3, [link])
    const ended = { ...wishFor('link'), lost: new Set(['s64-blog']) }
    expect(contended(after(contention, [], ended, now), now)).toEqual([])
    const waiting = afterRestores(contention, { planned: [link], applied: [] }, ended, now, LIFELESS)
    expect(contended(waiting, now)).toHaveLength(1)
  })

  const lost = (name: string): Wish => ({ ...wishFor('link'), lost: new Set([name]) })
  it.each([
    ['proxy-neighbour', '2001:db8::2 dev eth0', 'eth0'],
    ['proxy-neighbour', '2001:db8::2 dev eth0.100', 'eth0.100'],
    ['sysctl', 'net.ipv6.conf.eth0.proxy_ndp', 'eth0'],
    // sysctl(8) writes a dot in a name as a slash.
    ['sysctl', 'net.ipv6.conf.eth0/100.proxy_ndp', 'eth0.100'],
    ['address', '10.64.0.1/24 dev br-ct', 'br-ct'],
  ])('%s %s, when its interface was lost', (kind, key, name) => {
    const change = { ...planned('create route r'), kind, key }
    const { contention, now } = restored(4, [change], lost(name))
    expect(contended(contention, now)).toEqual([])
    const other = restored(4, [change], lost('eth9'))
    expect(contended(other.contention, other.now)).toHaveLength(1)
  })

  it('but the interface itself can be fought over, also one with a dot', () => {
    for (const name of ['br-ct', 'br.1']) {
      const { contention, now } = restored(3, [planned(`create bridge ${name}`)], lost(name))
      expect(contended(contention, now).map(({ resource }) => resource)).toEqual([`bridge ${name}`])
    }
  })
})

describe('our table', () => {
  it('is always made again at once, with all that is in it', () => {
    const { contention, now } = restored(6, [TABLE, RULE])
    expect(tooSoon(contention, [TABLE, RULE], now)).toEqual([])
  })

  it('is what is fought over when it goes, and not all that went with it', () => {
    const { contention, now } = restored(6, [TABLE, RULE])
    expect(contended(contention, now).map(({ resource }) => resource)).toEqual(['nft-table inet'])
    expect(tooSoon(contention, [RULE], now)).toEqual([])
  })

  it('waits when it is only to be changed', () => {
    const update = { ...TABLE, action: 'update' as const }
    const { contention, now } = restored(3, [update])
    expect(tooSoon(contention, [update], now)).toEqual([update])
  })
})
