import { describe, expect, it } from 'vitest'
import { address } from '../../../src/kinds/address/index.ts'
import { capture } from '../../support/captures.ts'
import { capturedModel, model, network, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const LINKS = capture('iproute2-6.1.0/links.json')

describe('address', () => {
  it('gives the gateways our metric as mark; IPv6 as /128 and without duplicate detection', () => {
    expect(commands(onBareHost(address))).toEqual([
      'ip addr replace 10.64.0.1/24 dev br-ct metric 164',
      'ip addr replace 2001:db8:1:1::1:1/128 dev br-ct nodad metric 164 preferred_lft 0',
    ])
  })

  it('needs its bridge', () => {
    expect(onBareHost(address).early.map(({ needs }) => needs)).toEqual([['bridge br-ct'], ['bridge br-ct']])
  })

  it('finds its own again, and looks at no link that is not ours', () => {
    expect(onCapture(address)).toMatchObject({ early: [], late: [], inSync: 2, foreign: 0 })
  })

  it('takes the old gateway away when the slice changes, link-local ones never', () => {
    const ipv6 = { cidr: '2001:db8:1:1::2:0/112', gateway: '2001:db8:1:1::2:1', length: 112 }
    const plan = onCapture(address, world({ ...capturedModel(), networks: [network({ ipv6 })] }))
    expect(keys(plan)).toEqual(['+ 2001:db8:1:1::2:1/128 dev br-ct', '- 2001:db8:1:1::1:1/128 dev br-ct'])
  })

  it('one of which the host sends is made none, without a gap', () => {
    const links = LINKS.replace('"nodad":true,"deprecated":true,', '"nodad":true,')
    expect(links).not.toBe(LINKS)
    const plan = onCapture(address, undefined, { links })
    expect(commands(plan)).toEqual([
      'ip addr replace 2001:db8:1:1::1:1/128 dev br-ct nodad metric 164 preferred_lft 0',
    ])
  })

  it('leaves a foreign address on our bridge, and counts it', () => {
    const links = LINKS.replace(
      '"local":"10.64.0.1","prefixlen":24,"metric":164',
      '"local":"10.99.0.1","prefixlen":24',
    )
    expect(links).not.toBe(LINKS)
    const plan = onCapture(address, undefined, { links })
    expect(keys(plan)).toEqual(['+ 10.64.0.1/24 dev br-ct'])
    expect(plan.foreign).toBe(1)
  })

  it('a wanted address that somebody else put there serves', () => {
    const links = LINKS.replace(
      '"local":"10.64.0.1","prefixlen":24,"metric":164',
      '"local":"10.64.0.1","prefixlen":24',
    )
    expect(onCapture(address, undefined, { links })).toMatchObject({ early: [], inSync: 2, foreign: 1 })
  })

  it('the same address on another interface is a conflict that names both', () => {
    const elsewhere = world(model(), { foreignAddresses: new Map([['10.64.0.1', 'docker0']]) })
    const plan = onBareHost(address, elsewhere)
    expect(keys(plan)).toEqual(['+ 2001:db8:1:1::1:1/128 dev br-ct'])
    expect(plan.conflicts[0]?.message).toMatch(/10\.64\.0\.1.*br-ct.*docker0/)
    expect(plan.conflicts[0]?.hint).toContain('ip addr delete 10.64.0.1 dev docker0')
  })
})
