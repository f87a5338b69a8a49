import { describe, expect, it } from 'vitest'
import { natAddress } from '../../../src/kinds/nat-address/index.ts'
import { nftChain } from '../../../src/kinds/nft-chain/index.ts'
import { capturedModel, model, world } from '../../support/model.ts'
import { commands, onBareHost, onCapture } from '../support.ts'

const UPSTREAM = { name: 'eth0', present: true, up: true, ipv6: [], publicIpv6: [] }

function conntrack(plan: Parameters<typeof commands>[0]): readonly string[] {
  return [...new Set(commands(plan).filter((text) => text.startsWith('conntrack')))]
}

describe('connections to the outside', () => {
  it('end where the source address changes', () => {
    const moved = world({ ...capturedModel(), upstream: { interface: 'eth0', ipv4: '203.0.113.9' } })
    expect(conntrack(onCapture(natAddress, moved))).toEqual(['conntrack eth0 to 203.0.113.9'])
  })

  it('end where the chain is made anew, by what the interface has', () => {
    expect(conntrack(onBareHost(nftChain))).toEqual(['conntrack eth0 to 203.0.113.2'])
    const masquerade = model({ nat: { source: 'masquerade', forwards: [] } })
    const two = world(masquerade, { upstream: { ...UPSTREAM, ipv4: ['203.0.113.7', '203.0.113.5'] } })
    expect(conntrack(onBareHost(nftChain, two))).toEqual(['conntrack eth0 to 203.0.113.7,203.0.113.5'])
  })

  it('end where NAT is switched off, and not where it always was', () => {
    const none = world({ ...capturedModel(), nat: { source: 'none', forwards: [] } })
    expect(conntrack(onCapture(nftChain, none))).toEqual(['conntrack eth0 to source'])
    expect(conntrack(onBareHost(nftChain, none))).toEqual([])
    expect(conntrack(onBareHost(natAddress, none))).toEqual([])
  })

  it('wait for an address: begun anew without one, they would show their private source', () => {
    const observing = world(model({ upstream: { interface: 'eth0' } }), {
      upstream: { ...UPSTREAM, ipv4: [] },
    })
    expect(conntrack(onBareHost(nftChain, observing))).toEqual([])
    expect(conntrack(onBareHost(natAddress, observing))).toEqual([])
  })

  it('do not end where nothing changes', () => {
    expect(conntrack(onCapture(natAddress))).toEqual([])
    expect(conntrack(onCapture(nftChain))).toEqual([])
  })
})
