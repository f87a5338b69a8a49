import { describe, expect, it } from 'vitest'
import { countersOf, setsOf } from '../../../src/kinds/nft-set/declarations.ts'
import { nftSet } from '../../../src/kinds/nft-set/index.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { capture } from '../../support/captures.ts'
import { model, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const TABLE = capture('nftables-1.0.6/table.json')
const FRAMES = capture('nftables-1.0.6/frames.json')

describe('nft-set', () => {
  it('declares every set, map and counter', () => {
    const made = commands(onBareHost(nftSet))
    expect(made).toHaveLength(Object.keys(setsOf(model())).length + countersOf(model()).length)
    expect(made).toContain('nft add counter inet slash64 dropped')
    expect(made).toContain('nft add counter bridge slash64 stray')
    expect(made).toContain('nft add set inet slash64 open6 { type ipv6_addr; }')
    expect(made).toContain('nft add set bridge slash64 ports6 { typeof iifname . @th,64,128; }')
    expect(made).toContain(
      'nft add map inet slash64 ranges4 { type inet_proto . inet_service : ipv4_addr; flags interval; }',
    )
  })

  it.each(['1.0.6', '1.1.3'])('finds all of them again in what nft %s prints', (version) => {
    const nft = capture(`nftables-${version}/table.json`)
    const frames = capture(`nftables-${version}/frames.json`)
    expect(onCapture(nftSet, undefined, { nft, 'nft frames': frames })).toMatchObject({
      early: [],
      late: [],
      inSync: 25,
    })
  })

  it('a set of the other table is none of this one', () => {
    const frames = FRAMES.replace('"name": "guests"', '"name": "open6"')
    expect(frames).not.toBe(FRAMES)
    expect(keys(onCapture(nftSet, undefined, { 'nft frames': frames }))).toEqual([
      '+ bridge set guests',
      '- bridge set open6',
    ])
  })

  it('of frames that is made anew is declared by the expressions of its type', () => {
    const frames = FRAMES.replace('"type": ["ifname", "integer"]', '"type": ["ifname", "ipv6_addr"]')
    expect(frames).not.toBe(FRAMES)
    expect(commands(onCapture(nftSet, undefined, { 'nft frames': frames }))).toEqual([
      'nft delete set bridge slash64 ports6',
      'nft add set bridge slash64 ports6 { typeof iifname . @th,64,128; }',
    ])
  })

  it('a counter of frames that is named like one of containers is foreign there', () => {
    const frames = FRAMES.replace('"name": "stray"', '"name": "receive-blog-def53e95f1fc"')
    expect(keys(onCapture(nftSet, undefined, { 'nft frames': frames }))).toEqual([
      '+ bridge counter stray',
      '- bridge counter receive-blog-def53e95f1fc',
    ])
  })

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
