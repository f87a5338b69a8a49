import { describe, expect, it } from 'vitest'
import { proxyNeighbour } from '../../../src/kinds/proxy-neighbour/index.ts'
import { capture } from '../../support/captures.ts'
import { capturedModel, world } from '../../support/model.ts'
import { commands, everyContainer, keys, onBareHost, onCapture, without } from '../support.ts'

const PROXIES = capture('iproute2-6.1.0/proxies.json')

describe('proxy-neighbour', () => {
  it('answers for the gateway and every container that runs, idempotent and marked', () => {
    expect(commands(onBareHost(proxyNeighbour))).toEqual([
      'ip neigh replace proxy 2001:db8:1:1::1:1 dev eth0 protocol 164',
      'ip neigh replace proxy 2001:db8:1:1::1:2 dev eth0 protocol 164',
      'ip neigh replace proxy 2001:db8:1:1::1:3 dev eth0 protocol 164',
    ])
  })

  it('is found again; the one without our protocol is foreign', () => {
    expect(onCapture(proxyNeighbour)).toMatchObject({ early: [], late: [], inSync: 3, foreign: 1 })
  })

  it('goes with its container; foreign ones stay', () => {
    expect(commands(onCapture(proxyNeighbour, without('blog')))).toEqual([
      'ip neigh delete proxy 2001:db8:1:1::1:2 dev eth0',
    ])
  })

  it('an absent container draws no traffic; a managed one does', () => {
    expect(keys(onCapture(proxyNeighbour, everyContainer('absent')))).toEqual([
      '- 2001:db8:1:1::1:2 dev eth0',
      '- 2001:db8:1:1::1:3 dev eth0',
    ])
    expect(keys(onCapture(proxyNeighbour, everyContainer('managed')))).toEqual([])
  })

  it('of a container that could not be read is left as it is, there or not', () => {
    expect(keys(onCapture(proxyNeighbour, everyContainer('unknown')))).toEqual([])
    expect(keys(onBareHost(proxyNeighbour, everyContainer('unknown')))).toEqual([
      '+ 2001:db8:1:1::1:1 dev eth0',
    ])
  })

  it.each(['routed', 'tunnel'] as const)('a %s prefix needs none, and ours go', (delivery) => {
    const of = world({ ...capturedModel(), prefix: { cidr: '2001:db8:1:1::/64', delivery } })
    expect(onBareHost(proxyNeighbour, of).early).toEqual([])
    expect(onCapture(proxyNeighbour, of).late).toHaveLength(3)
  })

  it('a wanted one that somebody else made serves, and is not ours to remove', () => {
    const proxies = PROXIES.replace(
      '"2001:db8:1:1::1:2","dev":"eth0","proxy":null,"protocol":"164"',
      '"2001:db8:1:1::1:2","dev":"eth0","proxy":null',
    )
    expect(proxies).not.toBe(PROXIES)
    expect(onCapture(proxyNeighbour, undefined, { proxies })).toMatchObject({
      early: [],
      late: [],
      inSync: 3,
      foreign: 2,
    })
    expect(keys(onCapture(proxyNeighbour, without('blog'), { proxies }))).toEqual([])
  })

  it('needs the route, so that nothing is drawn that cannot be delivered', () => {
    expect(onBareHost(proxyNeighbour).early.map(({ needs }) => needs)).toEqual([
      ['address 2001:db8:1:1::1:1/128 dev br-ct'],
      ['route 2001:db8:1:1::1:2 dev br-ct'],
      ['route 2001:db8:1:1::1:3 dev br-ct'],
    ])
  })
})
