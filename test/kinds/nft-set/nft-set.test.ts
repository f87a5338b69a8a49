import { describe, expect, it } from 'vitest'
import { COUNTERS, SETS } from '../../../src/kinds/nft-set/declarations.ts'
import { nftSet } from '../../../src/kinds/nft-set/index.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { capture } from '../../support/captures.ts'
import { world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const TABLE = capture('nftables-1.0.6/table.json')

describe('nft-set', () => {
  it('declares every set, map and counter', () => {
    const made = commands(onBareHost(nftSet))
    expect(made).toHaveLength(Object.keys(SETS).length + COUNTERS.length)
    expect(made).toContain('nft add counter inet slash64 dropped')
    expect(made).toContain('nft add set inet slash64 open6 { type ipv6_addr; }')
    expect(made).toContain(
      'nft add map inet slash64 ranges4 { type inet_proto . inet_service : ipv4_addr; flags interval; }',
    )
  })

  it.each(['nftables-1.0.6/table.json', 'nftables-1.1.3/table.json'])(
    'finds all of them again in %s',
    (name) => {
      expect(onCapture(nftSet, undefined, { nft: capture(name) })).toMatchObject({
        early: [],
        late: [],
        inSync: 16,
      })
    },
  )

  it('removes whatever else stands in our table', () => {
    const plan = onCapture(nftSet, undefined, { nft: capture('nftables-1.0.6/table-with-foreign.json') })
    expect(keys(plan)).toEqual(['- set theirset', '- quota q', '- counter theirs'])
    expect(commands(plan)).toContain('nft delete quota inet slash64 q')
  })

  it.each([
    ['other flags', '"name": "open6", "table": "slash64", "type": "ipv6_addr"', '$&, "flags": ["interval"]'],
    [
      'another type',
      '"name": "open6", "table": "slash64", "type": "ipv6_addr"',
      '"name": "open6", "table": "slash64", "type": "ipv4_addr"',
    ],
  ])('makes a set with %s anew', (_, found, replacement) => {
    const nft = TABLE.replace(found, replacement)
    expect(nft).not.toBe(TABLE)
    expect(commands(onCapture(nftSet, undefined, { nft }))).toEqual([
      'nft delete set inet slash64 open6',
      'nft add set inet slash64 open6 { type ipv6_addr; }',
    ])
  })

  it('a map where a set should be is another object', () => {
    const nft = TABLE.replace(
      '{"set": {"family": "inet", "name": "open6"',
      '{"map": {"map": "verdict", "family": "inet", "name": "open6"',
    )
    expect(keys(onCapture(nftSet, undefined, { nft }))).toEqual(['+ set open6', '- map open6'])
  })

  it('without networks leaves all of it to the table', () => {
    expect(keys(onCapture(nftSet, world(EMPTY_MODEL)))).toEqual([])
  })
})
