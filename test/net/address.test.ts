import { assert, bigInt, constantFrom, integer, property, string, tuple, array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalAddress,
  canonicalIpv4,
  canonicalIpv6,
  cidrContains,
  cidrOf,
  compareAddresses,
  covers,
  firstAddress,
  formatCidr,
  formatIpv4,
  formatIpv6,
  holds,
  layIntoPrefix,
  overlaps,
  parseCidr,
  parseIpv4,
  parseIpv6,
} from '../../src/net/address.ts'

const ipv6Value = bigInt({ min: 0n, max: (1n << 128n) - 1n }).filter((value) => value >> 32n !== 0xffffn)
const ipv4Value = bigInt({ min: 0n, max: (1n << 32n) - 1n })

describe('IPv6', () => {
  // RFC 5952, sections 4 and 5.
  test.each([
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIpv6(text)).toBe(canonical)
  })

  test.each([
    '',
    ':',
    ':::',
    '1:::2',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2:3:4:5:6:7:8',
    '12345::',
    'g::',
    ':1',
    '1:',
    '::1%eth0',
    '::1/64',
    '::ffff:1.2.3.4',
    '::ffff:102:304',
    '::1.2.3.4',
    '[::1]',
    '[::1]:80',
    ' ::1',
    '::1 ',
    '::1\n',
    '٠::1',
    '10.0.0.1',
    'fe80::1%25eth0',
  ])('%j is none', (text) => {
    expect(canonicalIpv6(text)).toBeUndefined()
  })

  test('any value survives writing and reading', () => {
    assert(property(ipv6Value, (value) => parseIpv6(formatIpv6(value)) === value))
  })

  test('the full, upper-case spelling is the same address', () => {
    assert(
      property(ipv6Value, (value) => {
        const digits = value.toString(16).padStart(32, '0').toUpperCase()
        return canonicalIpv6((digits.match(/.{4}/g) ?? []).join(':')) === formatIpv6(value)
      }),
    )
  })
})

describe('IPv4', () => {
  test.each(['0.0.0.0', '10.64.0.2', '255.255.255.255'])('%s is canonical', (text) => {
    expect(canonicalIpv4(text)).toBe(text)
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.04',
    '0x1.2.3.4',
    '1.2.3.4/24',
    '1.2.3.4:80',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1..2.3',
    '1.2.3.',
    '.1.2.3',
    '16909060',
    '-1.2.3.4',
    '1.2.3.4e0',
    '::1',
    '১.2.3.4',
  ])('%j is none', (text) => {
    expect(canonicalIpv4(text)).toBeUndefined()
  })

  test('any value survives writing and reading', () => {
    assert(property(ipv4Value, (value) => parseIpv4(formatIpv4(value)) === value))
  })
})

describe('CIDR', () => {
  test.each([
    ['10.64.0.5/24', '10.64.0.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:1:1::1:5/112', '2001:db8:1:1::1:0/112'],
    ['::/0', '::/0'],
  ])('%s lies in %s', (text, network) => {
    const cidr = parseCidr(text)
    expect(cidr && formatCidr(cidr)).toBe(network)
  })

  test.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '/8',
    '10.0.0.0/8/8',
    '::/129',
    '::/0x1',
    '10.0.0.0/255.0.0.0',
    '::1%a/64',
    '10.0.0.0/8 ',
  ])('%j is none', (text) => {
    expect(parseCidr(text)).toBeUndefined()
  })

  test('a block holds exactly what lies between its ends', () => {
    assert(
      property(ipv6Value, integer({ min: 1, max: 128 }), (value, length) => {
        const block = cidrOf(6, value, length)
        expect(holds(block, value)).toBe(true)
        expect(holds(block, block.first - 1n) || holds(block, block.last + 1n)).toBe(false)
        expect(block.last - block.first + 1n).toBe(1n << BigInt(128 - length))
      }),
    )
  })

  test('two blocks overlap only when one covers the other', () => {
    const block = tuple(ipv4Value, integer({ min: 0, max: 32 })).map(([value, length]) =>
      cidrOf(4, value, length),
    )
    assert(
      property(
        block,
        block,
        (one, other) => overlaps(one, other) === (covers(one, other) || covers(other, one)),
      ),
    )
  })

  test('families never mix', () => {
    expect(cidrContains('0.0.0.0/0', '::1')).toBe(false)
    expect(cidrContains('::/0', '1.2.3.4')).toBe(false)
    expect(cidrContains('10.0.0.0/8', '10.255.255.255')).toBe(true)
    expect(cidrContains('10.0.0.0/8', '11.0.0.0')).toBe(false)
    expect(cidrContains('nonsense', '10.0.0.1')).toBe(false)
    expect(overlaps(cidrOf(4, 0n, 0), cidrOf(6, 0n, 0))).toBe(false)
  })
})

describe('prefix and suffix', () => {
  const prefix = cidrOf(6, parseIpv6('2001:db8:1:1::') ?? 0n, 64)

  test.each([
    ['::1:2', '2001:db8:1:1::1:2'],
    ['::', '2001:db8:1:1::'],
    ['::ffff:ffff:ffff:ffff', '2001:db8:1:1:ffff:ffff:ffff:ffff'],
    ['2001:db8:1:1::5', '2001:db8:1:1::5'],
    ['0:0:0:1::', '0:0:0:1::'],
    ['fe80::1', 'fe80::1'],
  ])('%s becomes %s', (text, full) => {
    expect(formatIpv6(layIntoPrefix(prefix, parseIpv6(text) ?? -1n))).toBe(full)
  })

  test('laying twice is laying once', () => {
    assert(
      property(
        ipv6Value,
        (value) => layIntoPrefix(prefix, layIntoPrefix(prefix, value)) === layIntoPrefix(prefix, value),
      ),
    )
  })

  test('the gateway is the address after the block', () => {
    expect(formatIpv4(firstAddress(cidrOf(4, parseIpv4('10.64.0.0') ?? 0n, 24)))).toBe('10.64.0.1')
  })
})

describe('order', () => {
  test('IPv4 before IPv6, by number and not by text', () => {
    const sorted = ['10.0.0.10', '2001:db8::10', '10.0.0.9', '2001:db8::9', '::', 'x'].toSorted(
      compareAddresses,
    )
    expect(sorted).toEqual(['10.0.0.9', '10.0.0.10', '::', '2001:db8::9', '2001:db8::10', 'x'])
  })

  test('is total', () => {
    const text = constantFrom('10.0.0.1', '10.0.0.2', '::1', '0::1', 'x', 'y', '')
    assert(
      property(
        text,
        text,
        (one, other) => Math.sign(compareAddresses(one, other)) === -Math.sign(compareAddresses(other, one)),
      ),
    )
  })
})

test('garbage is no address, and never throws', () => {
  const part = constantFrom(...'0123456789abcdefABCDEF:.%/[] -', '::', 'ffff')
  assert(
    property(array(part, { maxLength: 40 }), string({ unit: 'binary' }), (parts, text) => {
      for (const garbage of [parts.join(''), text]) {
        parseCidr(garbage)
        const canonical = canonicalAddress(garbage)
        expect(canonicalAddress(canonical ?? '')).toBe(canonical)
      }
    }),
    { numRuns: 3000 },
  )
})
