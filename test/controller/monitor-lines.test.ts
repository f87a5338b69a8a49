import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generationReader, lineReader } from '../../src/controller/monitor-lines.ts'
import type { MONITORS } from '../../src/controller/types.ts'

/** One line each → its topics, and what else the wish says; `-`: nothing of ours. */
function read(name: (typeof MONITORS)[number], lines: readonly string[]): readonly string[] {
  const reader = lineReader(name)
  return lines.map((line) => {
    const wish = reader(line)
    if (wish === undefined) return '-'
    const more = [...(wish.lost ?? [])].map((lost) => `lost ${lost}`)
    return [[...(wish.topics ?? ['everything'])].join('+'), ...more, ...(wish.by ? [wish.by] : [])].join(', ')
  })
}

function readOne(name: (typeof MONITORS)[number], line: string): string | undefined {
  return read(name, [line])[0]
}

describe('nft monitor (1.0.6)', () => {
  it.each([
    'add table inet slash64',
    'add table inet slash64 { flags dormant; }',
    'add chain inet slash64 c',
    'add set inet slash64 b { type inet_service; } ',
    'add element inet slash64 a { 1.2.3.4 }',
    'add rule inet slash64 c accept',
    // `nft create` is told in its own word.
    'create element inet slash64 b { 5 }',
    'create chain inet slash64 cc',
    'delete element inet slash64 b { 80 }',
    'delete rule inet slash64 c handle 3',
    'delete set inet slash64 a',
    'delete chain inet slash64 c',
    'delete table inet slash64',
    'add table bridge slash64',
  ])('%s: the firewall', (line) => {
    expect(readOne('nft', line)).toBe('firewall')
  })

  it.each([
    'add table inet slash640',
    'add table ip slash64',
    'add chain inet foo slash64',
    'delete table inet slash640',
    'add rule inet foo c accept comment "add table inet slash64"',
    ' add table inet slash64',
    '',
    'ADD TABLE INET SLASH64',
  ])('%s: nothing of ours', (line) => {
    expect(readOne('nft', line)).toBe('-')
  })

  it('who did it comes behind what was done, for our table alone', () => {
    const lines = [
      'add table inet foo',
      'add set inet slash64 b { type inet_service; } ',
      '# new generation 10 by process 20712 (nft)',
      'add table inet foo2',
      '# new generation 11 by process 20713 (nft)',
    ]
    expect(read('nft', lines)).toEqual(['-', 'firewall', 'firewall, process 20712 (nft)', '-', '-'])
  })

  it('a name of a process is told as it is, whatever signs it has', () => {
    const lines = ['add table inet slash64', '# new generation 3 by process 7 (a) b ()']
    expect(read('nft', lines)[1]).toBe('firewall, process 7 (a) b ()')
  })

  it('a process whose name has a newline is not told, and nobody is blamed in its place', () => {
    const lines = [
      'add table inet slash64',
      '# new generation 3 by process 7 (a',
      'b)',
      'add table inet foo',
      '# new generation 4 by process 8 (innocent)',
    ]
    expect(read('nft', lines)).toEqual(['firewall', '-', '-', '-', '-'])
  })

  it('a comment that looks like the end of a transaction is part of a rule', () => {
    const line = 'add rule inet slash64 c accept comment "# new generation 9 by process 1 (x)"'
    expect(readOne('nft', line)).toBe('firewall')
  })

  it('monitors that are started again begin without a memory', () => {
    lineReader('nft')('add table inet slash64')
    const lines = ['add table inet foo', '# new generation 2 by process 1 (nft)']
    expect(read('nft', lines)).toEqual(['-', '-'])
  })

  it('a change that is not shown may be ours, and blames nobody: sets of concatenated ranges', () => {
    const lines = [
      '# new generation 2 by process 1 (nft)',
      'add table inet foo',
      '# new generation 3 by process 1 (nft)',
    ]
    expect(read('nft', lines)).toEqual(['firewall', '-', '-'])
  })
})

describe('ip monitor (iproute2 6.1)', () => {
  it.each([
    [
      '[LINK]2: eth0.100: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN group default \\    link/ether 0a:a2:89:b4:47:d9 brd ff:ff:ff:ff:ff:ff',
      'link+link eth0.100',
    ],
    [
      '[LINK]2: eth0.100: <BROADCAST,MULTICAST> mtu 1500 qdisc noqueue state DOWN group default \\    link/ether 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff',
      'link+link eth0.100, lost eth0.100',
    ],
    // The carrier is gone, what stands on the link is not.
    [
      '[LINK]4: va@if3: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue master br0 state LOWERLAYERDOWN group default \\    link/ether 86:9a:36:9e:ca:75 brd ff:ff:ff:ff:ff:ff link-netns other',
      'link+link va',
    ],
    // A port of a bridge.
    [
      '[LINK]4: va@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state UP \\    link/ether 86:9a:36:9e:ca:75',
      'link+link va',
    ],
    [
      '[LINK]Deleted 4: va@NONE: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group default \\    link/ether 86:9a:36:9e:ca:75 brd ff:ff:ff:ff:ff:ff',
      'link+link va, lost va',
    ],
    // Moved into another namespace.
    [
      '[LINK]Deleted 3: vb@va: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN group default \\    link/ether de:ee:c4:0c:c2:69 brd ff:ff:ff:ff:ff:ff new-netns other new-ifindex 3',
      'link+link vb, lost vb',
    ],
    [
      '[ADDR]2: eth0.100    inet 10.9.0.1/24 scope global eth0.100\\       valid_lft forever preferred_lft forever',
      'link+link eth0.100',
    ],
    [
      '[ADDR]Deleted 4: va    inet6 fe80::849a:36ff:fe9e:ca75/64 scope link tentative \\       valid_lft forever preferred_lft forever',
      'link+link va',
    ],
    ['[ROUTE]unreachable 2001:db8:1::/64 dev lo metric 1024 pref medium', 'route'],
    ['[ROUTE]Deleted 10.9.0.0/24 dev eth0.100 proto kernel scope link src 10.9.0.1 linkdown ', 'route'],
    ['[NETCONF]inet all forwarding on ', 'setting'],
    ['[NETCONF]inet6 eth0.100 proxy_neigh on ', 'setting'],
    ['[NETCONF]Deleted inet vb ', 'setting'],
  ])('%s', (line, meaning) => {
    expect(readOne('ip', line)).toBe(meaning)
  })

  it.each([
    '',
    '[NEIGH]2001:db8::1 dev eth0 lladdr 00:00:00:00:00:00 REACHABLE',
    '[nsid 0][LINK]3: x: <UP>',
    'netlink receive error No buffer space available (105)',
    '    link/ether 00:00:00:00:00:00',
    ' [LINK]3: x: <UP>',
  ])('%j says nothing', (line) => {
    expect(readOne('ip', line)).toBe('-')
  })

  it('a line that is cut is looked after all the same', () => {
    expect(read('ip', ['[LINK]', '[LINK]12', '[LINK]12: s64-bl', '[ADDR]Deleted 4'])).toEqual([
      'link+link , lost ',
      'link+link , lost ',
      'link+link s64-bl, lost s64-bl',
      'link+link ',
    ])
  })

  it('no text of a line is taken for flags but the flags', () => {
    const line =
      '[LINK]3: d.1@if2: <BROADCAST> mtu 1500 state DOWN \\    link/ether 76:fb:1d:23:2f:12 \\    alias x <UP>'
    expect(readOne('ip', line)).toBe('link+link d.1, lost d.1')
  })
})

describe('garbage', () => {
  it.each(['nft', 'ip'] as const)('%s: never throws, and wishes at most for a part', (name) => {
    const piece = fc.constantFrom(
      '[LINK]',
      '[ADDR]',
      '# new generation 1',
      ' by process 1 (x)',
      'add table ',
      'inet slash64',
      '3: ',
      '<UP',
      '>',
      '@',
    )
    const line = fc.array(fc.oneof(piece, fc.string()), { maxLength: 6 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const reader = lineReader(name)
        for (const text of lines) expect(reader(text)?.topics?.size ?? 1).toBeGreaterThan(0)
      }),
      { numRuns: 300, seed: 64 },
    )
  })
})

describe('nft -d netlink monitor tables (1.0.6 and 1.1.3): which transactions may be of our table', () => {
  it.each([
    [
      'of elements',
      ['netlink event: NFT_MSG_NEWSETELEM', 'netlink event: NFT_MSG_NEWGEN'],
      ['-', 'firewall'],
    ],
    [
      'of tables alone, which are told by name',
      ['netlink event: NFT_MSG_NEWTABLE', 'add table ip x', 'netlink event: NFT_MSG_NEWGEN'],
      ['-', '-', '-'],
    ],
    [
      'of a set as it was loaded',
      ['inet slash64 @exposed6', '\telement b80d0120 00000000  : 0 [end]'],
      ['-', '-'],
    ],
    [
      'one after the other',
      [
        'netlink event: NFT_MSG_DELRULE',
        'netlink event: NFT_MSG_NEWGEN',
        'netlink event: NFT_MSG_DELTABLE',
        'netlink event: NFT_MSG_NEWGEN',
      ],
      ['-', 'firewall', '-', '-'],
    ],
  ])('%s', (_what, lines, expected) => {
    const reader = generationReader()
    expect(lines.map((line) => [...(reader(line)?.topics ?? ['-'])].join())).toEqual(expected)
  })
})

it('of a loopback interface that is up, ip monitor tells nothing that is read', () => {
  const up = '[LINK]1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default'
  expect(read('ip', [up, up.replace('UP,LOWER_UP', 'DOWN')])).toEqual(['-', 'link+link lo, lost lo'])
})
