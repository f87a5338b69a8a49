import { describe, expect, it } from 'vitest'
import { countedAddress } from '../../../src/kinds/counted-address/index.ts'
import { capture } from '../../support/captures.ts'
import { behindNatOnly, container, ipv6Only, model, world } from '../../support/model.ts'
import { BLOG_COUNTER, counted, countedModel } from '../../support/traffic.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const TABLE = capture('nftables-1.0.6/table-traffic.json')
const COUNTED = world(countedModel())
const BLOG = [container('blog', 2)]

describe('counted-address', () => {
  it('leads both addresses of a container to the same counter, one each way', () => {
    expect(commands(onBareHost(countedAddress, world(counted(model({ containers: BLOG })))))).toEqual([
      `nft add element inet slash64 receive4 { 10.64.0.2 : receive-${BLOG_COUNTER} }`,
      `nft add element inet slash64 receive6 { 2001:db8:1:1::1:2 : receive-${BLOG_COUNTER} }`,
      `nft add element inet slash64 transmit4 { 10.64.0.2 : transmit-${BLOG_COUNTER} }`,
      `nft add element inet slash64 transmit6 { 2001:db8:1:1::1:2 : transmit-${BLOG_COUNTER} }`,
    ])
  })

  it.each([
    ['IPv4', behindNatOnly(BLOG), ['+ receive4 10.64.0.2', '+ transmit4 10.64.0.2']],
    ['IPv6', ipv6Only(BLOG), ['+ receive6 2001:db8:1:1::1:2', '+ transmit6 2001:db8:1:1::1:2']],
  ] as const)('a container with %s only has the one family', (_, containers, expected) => {
    expect(keys(onBareHost(countedAddress, world(counted(model({ containers })))))).toEqual(expected)
  })

  it('is nothing where the file does not ask for it', () => {
    expect(keys(onBareHost(countedAddress))).toEqual([])
  })

  it('is found again', () => {
    expect(onCapture(countedAddress, COUNTED, { nft: TABLE })).toMatchObject({
      early: [],
      late: [],
      inSync: 8,
    })
  })

  it('stands for a container that does not run', () => {
    const containers = new Map([['blog', { state: 'absent', ipv4: [], ipv6: [] } as const]])
    const of = world(counted(model({ containers: BLOG })), { containers })
    expect(onBareHost(countedAddress, of).early).toHaveLength(4)
  })

  it('one that leads to another counter is led back', () => {
    const nft = TABLE.replace(`["10.64.0.2", "receive-${BLOG_COUNTER}"]`, '["10.64.0.2", "theirs"]')
    expect(nft).not.toBe(TABLE)
    const plan = onCapture(countedAddress, COUNTED, { nft })
    expect(plan.early[0]?.reason).toBe(`theirs -> receive-${BLOG_COUNTER}`)
    expect(commands(plan)).toEqual([
      'nft delete element inet slash64 receive4 { 10.64.0.2 }',
      `nft add element inet slash64 receive4 { 10.64.0.2 : receive-${BLOG_COUNTER} }`,
    ])
  })

  it('all of them go when the file does not ask for it any more', () => {
    const removed = keys(onCapture(countedAddress, undefined, { nft: TABLE }))
    expect(removed).toHaveLength(8)
    expect(removed.filter((key) => !/^- (receive|transmit)[46] /.test(key))).toEqual([])
  })
})
