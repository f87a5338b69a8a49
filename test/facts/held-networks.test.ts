import { describe, expect, it } from 'vitest'
import { acceptedText, parseAccepted } from '../../src/facts/accepted.ts'
import { holdNetworks } from '../../src/facts/held-networks.ts'
import type { Model, Network } from '../../src/model/types.ts'
import { container, forward, model, network, tcp } from '../support/model.ts'

const SUBNET = { cidr: '198.51.100.0/24', gateway: '198.51.100.1', length: 24 }

const before = model({
  containers: [container('blog', 2), container('db', 3)],
  nat: { source: 'snat', forwards: [forward(tcp(2222), 'blog', '10.64.0.2')] },
})

/** br-ct has another subnet, db is gone, and a second network has come. */
const file: Model = {
  ...before,
  networks: [
    network({ ipv4: SUBNET }),
    network({ name: 'br-two', ipv4: { cidr: '10.65.0.0/24', gateway: '10.65.0.1', length: 24 } }),
  ],
  containers: [
    container('blog', 2, { ipv4: '198.51.100.2' }),
    container('mail', 9, { network: 'br-two', ipv4: '10.65.0.9' }),
  ],
  nat: {
    source: 'snat',
    forwards: [forward(tcp(2222), 'blog', '198.51.100.2'), forward(tcp(25), 'mail', '10.65.0.9')],
  },
}
function ipv4Only({ name, mac, mtu, ipv4 }: Network): Network {
  return { name, mac, mtu, ...(ipv4 !== undefined && { ipv4 }) }
}

const NONE = new Set<string>()
const held = (of: Model, was: Model | undefined, bridges = new Set(['br-ct'])) =>
  holdNetworks(of, new Set(['br-ct']), { before: was, bridges })

describe('networks that are held back', () => {
  it('nothing held is the very file', () => {
    expect(holdNetworks(file, NONE, { before, bridges: NONE })).toBe(file)
  })

  it('what was accepted stands in, with its containers and forwards, and the rest is the file’s', () => {
    const mixed = held({ ...file, networks: file.networks.map(ipv4Only) }, before)
    expect(mixed.networks.map(({ name, ipv4 }) => `${name} ${ipv4?.cidr}`)).toEqual([
      'br-ct 10.64.0.0/24',
      'br-two 10.65.0.0/24',
    ])
    expect(mixed.containers.map(({ name, ipv4 }) => `${name} ${ipv4}`)).toEqual([
      'blog 10.64.0.2',
      'db 10.64.0.3',
      'mail 10.65.0.9',
    ])
    expect(mixed.nat.forwards.map(({ listen, address }) => `${listen.first} ${address}`).toSorted()).toEqual([
      '2222 10.64.0.2',
      '25 10.65.0.9',
    ])
  })

  it('a network that wants what a kept one has waits with it', () => {
    expect(held(file, before).networks.map(({ name }) => name)).toEqual(['br-ct'])
  })

  it('of a new network nothing is left', () => {
    const mixed = held(file, undefined, NONE)
    expect(mixed.networks.map(({ name }) => name)).toEqual(['br-two'])
    expect(mixed.containers.map(({ name }) => name)).toEqual(['mail'])
    expect(mixed.nat.forwards.map(({ container: name }) => name)).toEqual(['mail'])
  })

  it('a container that moved into it stays where it was', () => {
    const moved = {
      ...file,
      networks: [network(), network({ name: 'br-bad', ipv4: SUBNET })].map(ipv4Only),
      containers: [container('blog', 2, { network: 'br-bad', ipv4: '198.51.100.2' }), container('db', 3)],
    }
    const mixed = holdNetworks(moved, new Set(['br-bad']), {
      before: { ...before, networks: [ipv4Only(network())] },
      bridges: new Set(['br-ct']),
    })
    expect(mixed.containers.map(({ name, network: where }) => `${name} ${where}`)).toEqual([
      'blog br-ct',
      'db br-ct',
    ])
  })
})

describe('what was accepted', () => {
  it('is read as it was written, and not at all when anything of it is another', () => {
    const text = acceptedText(before)
    expect(parseAccepted(text)).toEqual(before)
    expect(parseAccepted(text.replace('10.64.0.2', '10.64.0.9'))).toBeUndefined()
    expect(parseAccepted(text.slice(0, 100))).toBeUndefined()
    expect(parseAccepted('')).toBeUndefined()
    expect(parseAccepted('null')).toBeUndefined()
  })
})
