import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Model } from '../../src/model/types.ts'

type Entry = readonly [name: string, value: unknown]

const NETWORKS: readonly Entry[] = [
  ['br-one', { ipv6: '::1:0/112', ipv4: '10.64.0.0/24' }],
  ['br-two', { ipv6: '::2:0/112', ipv4: '10.65.0.0/24', mtu: 1400 }],
]

const CONTAINERS: readonly Entry[] = [
  [
    'blog',
    { network: 'br-one', runtime: 'netns', ipv6: '::1:2', ipv4: '10.64.0.2', expose: ['443/tcp', '80/tcp'] },
  ],
  ['db', { network: 'br-one', runtime: 'none', ipv6: '::1:3', ipv4: '10.64.0.3' }],
  ['web', { network: 'br-two', runtime: 'netns', ipv6: '::2:2', ipv4: '10.65.0.2', expose: 'all' }],
]

const FORWARDS: readonly object[] = [
  { listen: '2222/tcp', to: 'blog:22', from: ['198.51.100.0/24', '192.0.2.7/32'] },
  { listen: '8000-8010/udp', to: 'db:8000-8010' },
  { listen: '25/tcp', to: 'web:2525' },
]

function shuffled<T>(values: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...values], { minLength: values.length })
}

/** The same file with everything whose order has no meaning in another order. JSON is YAML. */
const FILES = fc
  .record({ networks: shuffled(NETWORKS), containers: shuffled(CONTAINERS), forwards: shuffled(FORWARDS) })
  .chain(({ networks, containers, forwards }) =>
    shuffled<Entry>([
      ['apiVersion', 'slash64/v1'],
      ['kind', 'Network'],
      ['upstream', { interface: 'eth0', ipv4: '203.0.113.2' }],
      ['prefix', { cidr: '2001:db8:1:1::/64' }],
      ['networks', Object.fromEntries(networks)],
      ['containers', Object.fromEntries(containers)],
      ['nat', { forwards }],
    ]),
  )
  .map((entries) => JSON.stringify(Object.fromEntries(entries), undefined, 2))

function modelOf(text: string): Model {
  const loaded = loadConfig(text, 'network.yaml')
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues))
  return loaded.model
}

describe('the order of the file', () => {
  it('has no meaning: whatever it is, the model is the same', () => {
    const models = fc.sample(FILES, { numRuns: 1, seed: 64 }).map(modelOf)
    fc.assert(
      fc.property(FILES, (text) => {
        expect([modelOf(text)]).toEqual(models)
      }),
      { numRuns: 60, seed: 64 },
    )
  })
})
