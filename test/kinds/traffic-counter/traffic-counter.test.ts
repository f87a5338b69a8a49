import { describe, expect, it } from 'vitest'
import { parseTable } from '../../../src/formats/nft-table.ts'
import { nftChain } from '../../../src/kinds/nft-chain/index.ts'
import { chainsOf } from '../../../src/kinds/nft-chain/rules.ts'
import type { Chain } from '../../../src/kinds/nft-chain/rule.ts'
import { nftSet } from '../../../src/kinds/nft-set/index.ts'
import { trafficCounterKind } from '../../../src/kinds/traffic-counter/index.ts'
import { isTrafficCounter, trafficCounter } from '../../../src/model/traffic.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { capture } from '../../support/captures.ts'
import { capturedModel, container, model, world } from '../../support/model.ts'
import { BLOG_COUNTER, counted, countedModel, DB_COUNTER } from '../../support/traffic.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const TABLE = capture('nftables-1.0.6/table-traffic.json')
const COUNTED = world(countedModel())

describe('the name of a counter', () => {
  it('is within what nft takes, whatever the container is called', () => {
    const long = 'a'.repeat(62)
    const names = [`${long}b`, `${long}c`, '0', 'a-b'].map((name) => trafficCounter(name, 'transmit'))
    expect(new Set(names).size).toBe(4)
    expect(names.filter((name) => !/^[a-z][a-z0-9-]{1,37}$/.test(name))).toEqual([])
  })

  it('tells those of containers from all others', () => {
    expect(isTrafficCounter(trafficCounter('dropped', 'receive'))).toBe(true)
    expect(['dropped', 'spoofed', 'invalid', 'receive', 'theirs-receive-x'].filter(isTrafficCounter)).toEqual(
      [],
    )
  })
})

describe('traffic-counter', () => {
  it('is there only where the file asks for it', () => {
    expect(keys(onBareHost(trafficCounterKind))).toEqual([])
    expect(commands(onBareHost(trafficCounterKind, COUNTED))).toEqual([
      `nft add counter inet slash64 receive-${BLOG_COUNTER}`,
      `nft add counter inet slash64 transmit-${BLOG_COUNTER}`,
      `nft add counter inet slash64 receive-${DB_COUNTER}`,
      `nft add counter inet slash64 transmit-${DB_COUNTER}`,
    ])
  })

  it('a container without any address cannot be told from the others', () => {
    const { ipv4: _, ipv6: __, ...bare } = container('appliance', 4)
    expect(keys(onBareHost(trafficCounterKind, world(counted(model({ containers: [bare] })))))).toEqual([])
  })

  it.each([
    ['1.0.6', TABLE],
    ['1.1.3', capture('nftables-1.1.3/table-traffic.json')],
  ])('the whole of it is found again in what nft %s prints, with the sets and the rules', (_, nft) => {
    expect(onCapture(trafficCounterKind, COUNTED, { nft })).toMatchObject({ early: [], late: [], inSync: 4 })
    expect(onCapture(nftSet, COUNTED, { nft })).toMatchObject({ early: [], late: [], inSync: 29 })
    expect(onCapture(nftChain, COUNTED, { nft })).toMatchObject({ early: [], late: [], inSync: 15 })
  })

  it('a value is nothing to compare', () => {
    const nft = TABLE.replaceAll(/"packets": \d+, "bytes": \d+/g, '"packets": 77, "bytes": 7777')
    expect(nft).not.toBe(TABLE)
    expect(keys(onCapture(trafficCounterKind, COUNTED, { nft }))).toEqual([])
  })

  it('one that is gone is made, those of a container that left the file go, and nobody else touches them', () => {
    const nft = TABLE.replaceAll(`"receive-${BLOG_COUNTER}"`, '"receive-old-000000000000"')
    const plan = onCapture(trafficCounterKind, COUNTED, { nft })
    expect(keys(plan)).toEqual([`+ receive-${BLOG_COUNTER}`, '- receive-old-000000000000'])
    expect(commands(plan)[1]).toBe('nft delete counter inet slash64 receive-old-000000000000')
    expect(keys(onCapture(nftSet, COUNTED, { nft }))).toEqual([])
  })

  it('goes with its maps and chains when the file does not ask for it any more', () => {
    const all = [nftSet, nftChain, trafficCounterKind].flatMap((kind) =>
      keys(onCapture(kind, undefined, { nft: TABLE })),
    )
    expect(all).toEqual([
      '- map receive4',
      '- map receive6',
      '- map transmit4',
      '- map transmit6',
      '- traffic-transmit',
      '- traffic-receive',
      `- receive-${BLOG_COUNTER}`,
      `- transmit-${BLOG_COUNTER}`,
      `- receive-${DB_COUNTER}`,
      `- transmit-${DB_COUNTER}`,
    ])
  })

  it('without networks leaves all of it to the table', () => {
    expect(keys(onCapture(trafficCounterKind, world(EMPTY_MODEL), { nft: TABLE }))).toEqual([])
  })

  it('in a table that sleeps is left alone', () => {
    const nft =
      '{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "slash64", "handle": 1, "flags": '
    expect(keys(onCapture(trafficCounterKind, COUNTED, { nft }))).toEqual([])
  })
})

function trafficChains(): readonly Chain[] {
  return chainsOf(countedModel()).filter(({ name }) => name.startsWith('traffic-'))
}

describe('the rules that count', () => {
  it('stand behind the others of their table, which are the same with and without them', () => {
    const all = chainsOf(countedModel())
    expect(all.filter(({ name }) => !name.startsWith('traffic-'))).toEqual(chainsOf(capturedModel()))
    expect(all.filter(({ table }) => table === 'inet slash64').slice(-2)).toEqual(trafficChains())
  })

  it('count what is sent before any translation, and what is got after every one', () => {
    const texts = trafficChains().map(({ hook, rules }) => [hook, ...rules.map(({ text }) => text)])
    expect(texts).toEqual([
      [
        'filter prerouting -300 accept',
        'iifname @bridges counter name ip saddr map @transmit4',
        'iifname @bridges counter name ip6 saddr map @transmit6',
      ],
      [
        'filter postrouting 300 accept',
        'oifname @bridges counter name ip daddr map @receive4',
        'oifname @bridges counter name ip6 daddr map @receive6',
      ],
    ])
  })

  it('hold no text of a container', () => {
    expect(chainsOf(countedModel())).toEqual(chainsOf(counted(model())))
  })

  it('have the outline that nft 1.0.6 prints for them', () => {
    const outlines = parseTable(TABLE)
      .chains.slice(-2)
      .map(({ rules }) => rules)
    const own = trafficChains()
    expect(outlines).toEqual(
      own.map(({ rules }) => rules.map(({ comment, outline }) => ({ comment, outline }))),
    )
    expect(outlines[0]?.[0]?.outline).toBe('@bridges @transmit4 counter')
  })

  it.each([
    ['counts into another map', '"data": "@transmit4"', '"data": "@receive4"'],
    [
      'only looks',
      '{"counter": {"map": {"key": {"payload": {"protocol": "ip", "field": "saddr"}}, "data": "@transmit4"}}}',
      '{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@transmit4"}}',
    ],
  ])('a rule that keeps our comment and %s is seen', (_, found, replacement) => {
    const nft = TABLE.replace(found, replacement)
    expect(nft).not.toBe(TABLE)
    expect(keys(onCapture(nftChain, COUNTED, { nft }))).toEqual(['~ traffic-transmit'])
  })
})
