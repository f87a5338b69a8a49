import { describe, expect, it } from 'vitest'
import { parseTable, valueText } from '../../src/formats/nft-table.ts'
import type { NftSet, NftTable } from '../../src/formats/nft-table.ts'
import { capture } from '../support/captures.ts'
import { NO_LISTINGS, truncated } from './garbage.ts'

const TABLE = capture('nftables-1.0.6/table.json')

function setOf(name: string, text = TABLE): NftSet | undefined {
  return parseTable(text).sets.find((set) => set.name === name)
}

function elementsOf(name: string, text = TABLE): readonly string[] {
  return (setOf(name, text)?.elements ?? []).map(({ key, data }) =>
    data === undefined ? key : `${key} : ${data}`,
  )
}

describe('nft -j -n -s list table, nft 1.0.6', () => {
  it('reads chains with hook and rules', () => {
    const { chains } = parseTable(TABLE)
    expect(chains.map(({ name, hook }) => `${name} ${hook}`.trim())).toEqual([
      'port-forwards',
      'senders',
      'guard',
      'filter-forward filter forward 0 accept',
      'nat-prerouting nat prerouting -100 accept',
      'nat-output nat output -100 accept',
      'nat-postrouting nat postrouting 100 accept',
    ])
    expect(chains.map(({ rules }) => rules.length)).toEqual([3, 6, 12, 2, 2, 1, 2])
  })

  it('outlines rules: sets, verdict and counters, sorted', () => {
    const guard = parseTable(TABLE).chains.find(({ name }) => name === 'guard')
    expect(guard?.rules[0]).toEqual({ comment: 'slash64:a431fd612f97', outline: 'mangle' })
    expect(guard?.rules[1]).toEqual({ comment: 'slash64:ff551fb0ca11', outline: '@bridges jump:senders' })
    expect(guard?.rules.at(-1)?.outline).toBe('counter:dropped drop')
    expect(guard?.rules.map(({ outline }) => outline)).toContain('@exposed6 accept')
  })

  it('reads sets and maps in canonical text: ranges, prefixes, concatenations', () => {
    expect(elementsOf('exposed6')).toEqual([
      '2001:db8:1:1::1:2 . 6 . 443',
      '2001:db8:1:1::1:2 . 17 . 8000-8010',
    ])
    expect(elementsOf('forwards4')).toEqual(['6 . 2222 : 10.64.0.2 . 22'])
    expect(elementsOf('ranges4')).toEqual(['17 . 8000-8010 : 10.64.0.3'])
    expect(elementsOf('allowed4')).toEqual(['198.51.100.0/24 . 6 . 2222'])
    expect(elementsOf('senders4')).toEqual(['br-ct . 10.64.0.2', 'br-ct . 10.64.0.3'])
    expect(elementsOf('networks4')).toEqual(['10.64.0.0/24'])
  })

  it('reads types and sorted flags', () => {
    expect(setOf('forwards4')).toMatchObject({
      type: 'map',
      datatype: 'inet_proto . inet_service : ipv4_addr . inet_service',
      flags: [],
    })
    expect(setOf('exposed6')).toMatchObject({
      type: 'set',
      datatype: 'ipv6_addr . inet_proto . inet_service',
      flags: ['interval'],
    })
  })

  it('lists named counters, and knows the table awake', () => {
    const table = parseTable(TABLE)
    expect(table.others.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'counter dropped',
      'counter spoofed',
      'counter invalid',
    ])
    expect(table.flagged).toBe(false)
  })

  it('sees a dormant table whose flags nft 1.0.6 cannot print, at which its JSON ends', () => {
    const cut =
      '{"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}}, {"table": {"family": "inet", "name": "slash64", "handle": 1, "flags": '
    expect(parseTable(cut)).toMatchObject({ flagged: true, whole: false })
    expect(() => parseTable(cut.slice(0, -10))).toThrow(/not JSON/)
    expect(() => parseTable(`${cut}"dropped"`)).toThrow(/not JSON/)
  })

  it('sees a dormant table', () => {
    expect(parseTable(capture('nftables-1.0.6/table-dormant.json')).flagged).toBe(true)
  })
})

describe('what others put into our table', () => {
  const foreign = capture('nftables-1.0.6/table-with-foreign.json')

  it('is seen: objects, sets, and a rule without our comment', () => {
    const table = parseTable(foreign)
    expect(table.others).toContainEqual({ type: 'quota', name: 'q' })
    expect(table.others).toContainEqual({ type: 'counter', name: 'theirs' })
    const rules = table.chains.find(({ name }) => name === 'guard')?.rules
    expect(rules?.at(-1)).toEqual({ comment: '', outline: 'accept' })
  })

  it('an element with comment or timeout has the same canonical text as a bare one', () => {
    expect(elementsOf('theirset', foreign)).toEqual(['10.1.0.0/16', '10.9.0.1-10.9.0.5'])
    expect(elementsOf('open6', foreign)).toEqual(['2001:db8:1:1::1:3', '2001:db8:1:1::1:9'])
    expect(setOf('theirset', foreign)?.flags).toEqual(['interval', 'timeout'])
  })
})

describe('nft -j -n -s list table, nft 1.1.3', () => {
  it('reads as the same table, listed in another order', () => {
    const [newer, older] = [parseTable(capture('nftables-1.1.3/table.json')), parseTable(TABLE)]
    expect(sorted(newer)).toEqual(sorted(older))
    expect(capture('nftables-1.1.3/table.json')).toContain('"map": ["ipv4_addr", "inet_service"]')
  })

  it.each([
    ['table', { flagged: false, persistent: undefined }],
    ['table-dormant', { flagged: true, persistent: undefined }],
    ['table-persist', { flagged: false, persistent: 'without owner' }],
    ['table-persist-dormant', { flagged: true, persistent: 'without owner' }],
    ['table-owned', { flagged: false, persistent: 'owned' }],
  ])('%s: its flags', (name, { flagged, persistent }) => {
    const table = parseTable(capture(`nftables-1.1.3/${name}.json`))
    expect([table.flagged, table.persistent]).toEqual([flagged, persistent])
    expect(sorted(table)).toEqual(sorted(parseTable(TABLE)))
  })

  it('a table that ends with its owner is not ours', () => {
    const text = capture('nftables-1.1.3/table-owned.json').replace('["owner", "persist"]', '"owner"')
    expect(parseTable(text)).toMatchObject({ flagged: true })
    expect(parseTable(text)).not.toHaveProperty('persistent')
  })
})

describe('the table that looks at frames', () => {
  const [older, newer] = ['1.0.6', '1.1.3'].map((version) => capture(`nftables-${version}/frames.json`))

  it('is the same in both, although 1.1.3 prints the expressions of `typeof`, and 1.0.6 their types', () => {
    expect(sorted(parseTable(newer ?? ''))).toEqual(sorted(parseTable(older ?? '')))
    expect(newer).toContain('"type": {"typeof": ')
    expect(older).not.toContain('typeof')
  })

  it.each([older, newer])('has a set of ports and IPv6, in hexadecimal', (text) => {
    expect(setOf('ports6', text)).toMatchObject({ type: 'set', datatype: 'ifname . integer', flags: [] })
    expect(elementsOf('ports6', text).toSorted()).toEqual([
      's64-blog-e9fc4f . 0x20010db8000100010000000000010002',
      's64-blog-e9fc4f . 0xfe8000000000000000aa00fffe000001',
      's64-db-8ee3f6 . 0x20010db8000100010000000000010003',
      's64-db-8ee3f6 . 0xfe8000000000000000aa00fffe000002',
    ])
    expect(elementsOf('portmacs', text)).toContain('s64-db-8ee3f6 . 02:aa:00:00:00:02')
  })

  it.each([
    ['one expression', '{"typeof": {"meta": {"key": "iifname"}}}', 'ifname'],
    ['another one', '{"typeof": {"meta": {"key": "mark"}}}', '{"meta":{"key":"mark"}}'],
    [
      'a payload that has a name',
      '{"typeof": {"concat": [{"meta": {"key": "iifname"}}, {"payload": {"protocol": "ip", "field": "saddr"}}]}}',
      'ifname . {"payload":{"protocol":"ip","field":"saddr"}}',
    ],
    ['no expression', '{"typeof": {"concat": ["x"]}}', 'x'],
  ])('a set of %s is told from ours', (_, type, datatype) => {
    const text = (newer ?? '').replace(/\{"typeof": \{"concat": .*?\]\}\}/, type)
    expect(text).not.toBe(newer)
    expect(setOf('ports6', text)?.datatype).toBe(datatype)
  })
})

/** What is in it, whatever the order of listing. */
function sorted({ chains, sets, others }: NftTable): unknown {
  const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
    one.name.localeCompare(other.name)
  const inOrder = sets.map((set) => ({
    ...set,
    elements: set.elements.toSorted((one, other) => one.key.localeCompare(other.key)),
  }))
  return [chains.toSorted(byName), inOrder.toSorted(byName), others.toSorted(byName)]
}

describe('what is not that', () => {
  it.each(NO_LISTINGS)('%s is garbled', (_, text) => {
    expect(() => parseTable(text)).toThrow(expect.objectContaining({ name: 'SystemError', code: 'garbled' }))
  })

  it.each([1, 2, 3, 500])('a text that lacks its last %i characters is garbled', (count) => {
    expect(() => parseTable(truncated(TABLE, count))).toThrow(expect.objectContaining({ code: 'garbled' }))
  })

  it('elements that are no list are garbled, not none', () => {
    const set = { family: 'inet', name: 'open6', table: 'slash64', type: 'ipv6_addr', elem: '2001:db8::1' }
    const text = JSON.stringify({ nftables: [{ table: { family: 'inet', name: 'slash64' } }, { set }] })
    expect(() => parseTable(text)).toThrow(expect.objectContaining({ code: 'garbled' }))
  })
})

describe('valueText', () => {
  it.each([
    ['br-ct', 'br-ct'],
    [443, '443'],
    [{ range: [80, 90] }, '80-90'],
    [{ prefix: { addr: '10.0.0.0', len: 8 } }, '10.0.0.0/8'],
    [{ concat: ['::1', 6, { range: [1, 2] }] }, '::1 . 6 . 1-2'],
    [{ elem: { val: { concat: [6, 22] }, counter: { packets: 1, bytes: 2 } } }, '6 . 22'],
  ])('%j is %s', (value, text) => {
    expect(valueText(value)).toBe(text)
  })
})
