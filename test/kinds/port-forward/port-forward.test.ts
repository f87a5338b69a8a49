import { describe, expect, it } from 'vitest'
import { portForward } from '../../../src/kinds/port-forward/index.ts'
import type { Forward } from '../../../src/model/types.ts'
import type { World } from '../../../src/model/world.ts'
import { capturedModel, forward, tcp, udp, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const [SSH, VOICE] = capturedModel().nat.forwards

function withForwards(...forwards: readonly (Forward | undefined)[]): World {
  const present = forwards.flatMap((one) => one ?? [])
  return world({ ...capturedModel(), nat: { source: 'snat', forwards: present } })
}

describe('the elements of a forward', () => {
  it('that keeps its ports is one, however wide', () => {
    expect(keys(onBareHost(portForward, withForwards(forward(udp(1000, 60000), 'db', '10.64.0.3'))))).toEqual(
      ['+ ranges4 17 . 1000-60000'],
    )
  })

  it('that shifts them has one a port: nft cannot add an offset', () => {
    const shifted = forward(tcp(8000, 8002), 'db', '10.64.0.3', { to: { first: 80, last: 82 } })
    expect(commands(onBareHost(portForward, withForwards(shifted)))).toEqual([
      'nft add element inet slash64 forwards4 { 6 . 8000 : 10.64.0.3 . 80 }',
      'nft add element inet slash64 forwards4 { 6 . 8001 : 10.64.0.3 . 81 }',
      'nft add element inet slash64 forwards4 { 6 . 8002 : 10.64.0.3 . 82 }',
    ])
  })

  it('with `from` is limited first, then allowed, then translated', () => {
    expect(keys(onBareHost(portForward, withForwards(SSH)))).toEqual([
      '+ limited4 6 . 2222',
      '+ allowed4 198.51.100.0/24 . 6 . 2222',
      '+ forwards4 6 . 2222',
    ])
  })

  it('are found again', () => {
    expect(onCapture(portForward)).toMatchObject({ early: [], late: [], inSync: 4 })
  })
})

describe('the connections of a forward', () => {
  it('end when it is removed: those that the old backend answers', () => {
    expect(commands(onCapture(portForward, withForwards(VOICE)))).toEqual([
      'nft delete element inet slash64 forwards4 { 6 . 2222 }',
      'conntrack 2222-2222/tcp of 10.64.0.2',
      'nft delete element inet slash64 limited4 { 6 . 2222 }',
      'nft delete element inet slash64 allowed4 { 198.51.100.0/24 . 6 . 2222 }',
    ])
  })

  it('end when it is retargeted', () => {
    const retargeted = SSH && { ...SSH, container: 'db', address: '10.64.0.3' }
    expect(commands(onCapture(portForward, withForwards(retargeted, VOICE)))).toEqual([
      'nft delete element inet slash64 forwards4 { 6 . 2222 }',
      'nft add element inet slash64 forwards4 { 6 . 2222 : 10.64.0.3 . 22 }',
      'conntrack 2222-2222/tcp of 10.64.0.2',
    ])
  })

  it('live on when another forward is added; a new UDP one frees its port from stale flows', () => {
    const more = withForwards(
      SSH,
      VOICE,
      forward(tcp(25), 'db', '10.64.0.3'),
      forward(udp(53), 'db', '10.64.0.3'),
    )
    expect(commands(onCapture(portForward, more))).toEqual([
      'nft add element inet slash64 ranges4 { 6 . 25 : 10.64.0.3 }',
      'nft add element inet slash64 ranges4 { 17 . 53 : 10.64.0.3 }',
      'conntrack 53-53/udp untranslated',
    ])
  })

  it('of sources that `from` shuts out end, the others live on', () => {
    const narrowed = SSH && { ...SSH, from: ['198.51.100.0/25'] }
    expect(commands(onCapture(portForward, withForwards(narrowed, VOICE)))).toEqual([
      'nft add element inet slash64 allowed4 { 198.51.100.0/25 . 6 . 2222 }',
      'nft delete element inet slash64 allowed4 { 198.51.100.0/24 . 6 . 2222 }',
      'conntrack 2222-2222/tcp of 10.64.0.2 except 198.51.100.0/25',
    ])
  })

  it('end but for the allowed sources when `from` is new', () => {
    const limited = VOICE && { ...VOICE, from: ['192.0.2.0/24'] }
    expect(commands(onCapture(portForward, withForwards(SSH, limited)))).toContain(
      'conntrack 8000-8010/udp of 10.64.0.3 except 192.0.2.0/24',
    )
  })

  it('live on when `from` is lifted', () => {
    const open = SSH && { ...SSH, from: [] }
    expect(
      commands(onCapture(portForward, withForwards(open, VOICE))).filter((text) =>
        text.startsWith('conntrack'),
      ),
    ).toEqual([])
  })
})
