import { describe, expect, it } from 'vitest'
import { natAddress } from '../../../src/kinds/nat-address/index.ts'
import type { Model } from '../../../src/model/types.ts'
import { capturedModel, model, network, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

/** A file that does not name the public IPv4: the host's own counts. */
const OBSERVING: Model = model({ upstream: { interface: 'eth0' } })
const UPSTREAM = { name: 'eth0', present: true, up: true, ipv6: [], publicIpv6: [] }

describe('nat-address', () => {
  it('knows the public address, the source on the way out, and the private subnets', () => {
    expect(commands(onBareHost(natAddress))).toEqual([
      'nft add element inet slash64 public4 { 203.0.113.2 }',
      'nft add element inet slash64 source4 { "eth0" : 203.0.113.2 }',
      'conntrack eth0 to 203.0.113.2',
      'nft add element inet slash64 networks4 { 10.64.0.0/24 }',
      'conntrack eth0 to 203.0.113.2',
    ])
  })

  it('is found again', () => {
    expect(onCapture(natAddress)).toMatchObject({ early: [], late: [], inSync: 3 })
  })

  it('takes whatever the interface has when the file names none: all listen, one is the source', () => {
    const two = world(OBSERVING, { upstream: { ...UPSTREAM, ipv4: ['203.0.113.7', '203.0.113.5'] } })
    expect(keys(onBareHost(natAddress, two))).toEqual([
      '+ public4 203.0.113.7',
      '+ public4 203.0.113.5',
      '+ source4 eth0',
      '+ networks4 10.64.0.0/24',
    ])
  })

  it('follows a new public address: the entry is taken out and put in anew', () => {
    const moved = world({ ...capturedModel(), upstream: { interface: 'eth0', ipv4: '203.0.113.9' } })
    const plan = onCapture(natAddress, moved)
    expect(keys(plan)).toEqual(['+ public4 203.0.113.9', '~ source4 eth0', '- public4 203.0.113.2'])
    expect(commands(plan)).toContain('nft delete element inet slash64 source4 { "eth0" }')
    expect(plan.early[1]?.reason).toBe('203.0.113.2 -> 203.0.113.9')
  })

  it.each(['masquerade', 'none'] as const)('has no source with %s', (source) => {
    const plan = onBareHost(natAddress, world(model({ nat: { source, forwards: [] } })))
    expect(keys(plan)).toEqual(['+ public4 203.0.113.2', '+ networks4 10.64.0.0/24'])
  })

  it('has neither source nor subnets on a host without private IPv4', () => {
    const { ipv4: _, ...only6 } = network()
    expect(keys(onBareHost(natAddress, world(model({ networks: [only6] }))))).toEqual([
      '+ public4 203.0.113.2',
    ])
  })
})
