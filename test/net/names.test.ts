import { assert, integer, property, string, uniqueArray, array, record, constantFrom } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostNameFault } from '../../src/net/host-name.ts'
import { interfaceNameFault } from '../../src/net/interface-name.ts'
import { canonicalMac, isUnicastMac, macOf } from '../../src/net/mac.ts'
import { mergePortRanges } from '../../src/net/port-ranges.ts'
import { formatPortRange, parsePortRange } from '../../src/net/port.ts'
import type { PortRange } from '../../src/net/port.ts'
import { cidrOf, parseCidr, parseIpv6 } from '../../src/net/address.ts'
import { isReservedAnycast, isUsableIpv6, specialUse } from '../../src/net/special.ts'

describe('host names', () => {
  test.each([
    'a.example',
    'A.Example',
    '*.example.org',
    'xn--bcher-kva.example',
    'localhost',
    `${'a'.repeat(63)}.example`,
    '1.example',
  ])('%s is one', (name) => {
    expect(hostNameFault(name)).toBeUndefined()
  })

  test.each([
    '',
    '.',
    '.a',
    'a..b',
    '-a.example',
    'a-.example',
    'a_b.example',
    'a b',
    '*',
    '*.',
    '**.a',
    'a.*.b',
    '*a.example',
    `${'a'.repeat(64)}.example`,
    'a.'.repeat(127) + 'aa',
    '192.0.2.1',
    '1.2.3.0x4',
    '2001:db8::1',
    'a/b',
    'a:80',
    'a"b',
    'a;b',
    'a\nb',
  ])('%j is none', (name) => {
    expect(hostNameFault(name)?.reason).toMatch(/./)
  })

  test.each([
    ['bücher.example', 'xn--bcher-kva.example'],
    ['*.Bücher.example', '*.xn--bcher-kva.example'],
    ['example.org.', 'example.org'],
  ])('%s has a better spelling', (name, better) => {
    expect(hostNameFault(name)?.better).toBe(better)
  })

  test('no text makes it throw', () => {
    assert(
      property(string({ unit: 'binary' }), (text) =>
        ['undefined', 'object'].includes(typeof hostNameFault(text)),
      ),
    )
  })
})

describe('interface names', () => {
  test.each(['eth0', 'eth0.100', 'br-ct', 'a', 'wlp0s20f3', 'x_y', 'abcdefghijklmno'])(
    '%s is one',
    (name) => {
      expect(interfaceNameFault(name)).toBeUndefined()
    },
  )

  test.each([
    '',
    '.',
    '..',
    'all',
    'default',
    'lo',
    '-a',
    'a/b',
    'a b',
    'a\tb',
    'a:b',
    'x%d',
    'a;b',
    'ä',
    'abcdefghijklmnop',
    's64-a',
  ])('%j is none', (name) => {
    expect(interfaceNameFault(name)).toMatch(/./)
  })
})

describe('MAC', () => {
  test('derived ones are local, unicast, and always the same', () => {
    expect(macOf('bridge br-ct')).toBe(macOf('bridge br-ct'))
    assert(
      property(string(), (words) => {
        const mac = macOf(words)
        expect(canonicalMac(mac)).toBe(mac)
        expect(isUnicastMac(mac) && mac.startsWith('02:')).toBe(true)
      }),
    )
  })

  test('a thousand names have a thousand MACs', () => {
    const macs = Array.from({ length: 1000 }, (_, index) => macOf(`container c${index}`))
    expect(new Set(macs).size).toBe(1000)
  })

  test.each(['02:00:5E:00:53:01', 'aa:bb:cc:dd:ee:ff'])('%s is canonical in lower case', (mac) => {
    expect(canonicalMac(mac)).toBe(mac.toLowerCase())
  })

  test.each([
    '',
    '02-00-5e-00-53-01',
    '0200.5e00.5301',
    '2:0:5e:0:53:1',
    '02:00:5e:00:53',
    '02:00:5e:00:53:01:02',
    '02:00:5e:00:53:0g',
    '02:00:5e:00:53:01\n',
  ])('%j is none', (mac) => {
    expect(canonicalMac(mac)).toBeUndefined()
  })

  test.each(['01:00:5e:00:00:01', '33:33:00:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'])(
    '%s is no interface',
    (mac) => {
      expect(isUnicastMac(mac)).toBe(false)
    },
  )
})

describe('special addresses', () => {
  test.each([
    ['127.0.0.1/32', 'loopback'],
    ['0.0.0.0/0', '"this network" (RFC 791)'],
    ['224.0.0.0/24', 'multicast'],
    ['169.254.1.0/24', 'link-local'],
    ['255.255.255.255/32', 'reserved (RFC 1112)'],
    ['fe80::1/128', 'link-local'],
    ['ff02::1/128', 'multicast'],
    ['10.0.0.0/8', undefined],
    ['2001:db8::/64', undefined],
  ])('%s is %s', (text, kind) => {
    const cidr = parseCidr(text)
    expect(cidr && specialUse(cidr)).toBe(kind)
  })

  test.each([
    ['2001:db8::/64', true],
    ['3fff::/20', true],
    ['fd00::/64', true],
    ['2000::/3', true],
    ['2000::/2', false],
    ['::/64', false],
    ['fe80::/64', false],
    ['64:ff9b::/96', false],
    ['4000::/64', false],
  ])('%s usable: %s', (text, usable) => {
    const cidr = parseCidr(text)
    expect(cidr && isUsableIpv6(cidr)).toBe(usable)
  })

  test.each([
    ['::fdff:ffff:ffff:ff80', 64, true],
    ['::fdff:ffff:ffff:ffff', 64, true],
    ['::fdff:ffff:ffff:ff7f', 64, false],
    ['::ffff:ffff:ffff:ff80', 64, true],
    ['::fe00:0:0:0', 64, false],
    ['::1:ff80', 112, true],
    ['::1:ff7f', 112, false],
  ])('%s in a /%i is reserved: %s', (text, length, reserved) => {
    const address = parseIpv6(text) ?? 0n
    expect(isReservedAnycast(cidrOf(6, address, length), address)).toBe(reserved)
  })
})

describe('port ranges', () => {
  const port = integer({ min: 1, max: 200 })
  const range = record({
    protocol: constantFrom('tcp' as const, 'udp' as const),
    one: port,
    other: port,
  }).map(({ protocol, one, other }): PortRange => ({
    protocol,
    first: Math.min(one, other),
    last: Math.max(one, other),
  }))
  const ports = (ranges: readonly PortRange[]) =>
    new Set(
      ranges.flatMap(({ protocol, first, last }) =>
        Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`),
      ),
    )

  test('merging keeps every port, and no two ranges overlap', () => {
    assert(
      property(array(range, { maxLength: 12 }), (ranges) => {
        const merged = mergePortRanges(ranges)
        expect(ports(merged)).toEqual(ports(ranges))
        const size = merged.reduce((sum, { first, last }) => sum + last - first + 1, 0)
        expect(size).toBe(ports(ranges).size)
      }),
    )
  })

  test('the order does not matter', () => {
    assert(
      property(uniqueArray(range), (ranges) => {
        expect(mergePortRanges(ranges.toReversed())).toEqual(mergePortRanges(ranges))
      }),
    )
  })

  test('any range survives writing and reading', () => {
    assert(
      property(range, (one) => {
        expect(parsePortRange(formatPortRange(one))).toEqual(one)
      }),
    )
  })
})
