import { describe, expect, it } from 'vitest'
import {
  backendsText,
  bindsOf,
  generationOf,
  mapText,
  parseLiveMap,
  parseMapFile,
  parseSections,
  parseServers,
  parseVariable,
  parseVersion,
  serverOf,
  withoutServer,
} from '../../src/formats/haproxy.ts'
import { parseEndpoint, formatEndpoint } from '../../src/net/endpoint.ts'
import { holderOf, inTheWay, parseListening, startedWith } from '../../src/formats/sockets.ts'
import { capture } from '../support/captures.ts'

describe('haproxy -v', () => {
  it.each([
    ['HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\nStatus: long', '2.6.12'],
    ['HA-Proxy version 2.2.9-2+deb11u6 2023/12/31 - https://haproxy.org/\n', '2.2.9'],
    ['HAProxy version 3.2-dev1 2026/01/01', '3.2'],
  ])('%j', (text, version) => {
    expect(parseVersion(text)).toBe(version)
  })

  it.each(['', 'usage: haproxy', 'HAProxy version unknown'])('%j is not understood', (text) => {
    expect(() => parseVersion(text)).toThrow(/haproxy -v: not understood/)
  })
})

describe('what the running process says (HAProxy 2.6.12)', () => {
  it('get var', () => {
    expect(parseVariable(capture('haproxy-2.6.12/get-var.txt'))).toBe('2c3b9a2a1906cf08')
    expect(parseVariable('Variable not found.\n\n')).toBeUndefined()
  })

  it('show map', () => {
    expect(parseLiveMap(capture('haproxy-2.6.12/show-map.txt'))).toEqual([
      { key: '*.shop.org', value: 'redirect' },
      { key: 'blog.example.org', value: 'http-blog-8080-8eb63bad' },
    ])
    expect(parseLiveMap('\n')).toEqual([])
    expect(parseLiveMap('Unknown map identifier. Please use #<id> or <file>.\n\n')).toEqual([])
    expect(() => parseLiveMap('Permission denied\n')).toThrow(/not understood/)
  })

  it('show servers state', () => {
    expect(parseServers(capture('haproxy-2.6.12/show-servers-state.txt'))).toEqual([
      { backend: 'http-blog-8080-8eb63bad', address: '10.64.0.2', port: 8080, ready: true, health: 'down' },
      {
        backend: 'tcp-blog-8443-7e579f98',
        address: '2001:db8:1:1::1:2',
        port: 8443,
        ready: true,
        health: 'up',
      },
      { backend: 'tcp-shop-443-7e14256f', address: '10.64.0.3', port: 443, ready: false, health: 'unknown' },
    ])
    expect(parseServers('1\n# be_id be_name\n\n')).toEqual([])
    for (const garbage of ['', '2\n# be_id\n', 'Permission denied\n'])
      expect(() => parseServers(garbage)).toThrow(/show servers state: not understood/)
  })
})

const SECTION = 'backend http-a\n    mode http\n    server s 10.64.0.2:80 check\n'
const OTHER = 'backend http-b\n    mode http\n    server s [2001:db8::2]:80 check\n'

describe('our own files', () => {
  it('sections by name; what stands before them is none', () => {
    const text = backendsText(
      'base',
      new Map([
        ['http-b', OTHER],
        ['http-a', SECTION],
      ]),
    )
    expect([...parseSections(text)]).toEqual([
      ['http-a', SECTION],
      ['http-b', OTHER],
    ])
    expect(text).toContain(`proc.slash64 "${generationOf('base', text)}"`)
    expect([...parseSections('').keys()]).toEqual([])
  })

  it('the generation tells every difference that the process must load, and no other', () => {
    const of = (base: string, ...sections: readonly string[]) => generationOf(base, sections.join(''))
    const before = of('base', SECTION, OTHER)
    expect(of('base', SECTION.replace('10.64.0.2', '10.64.0.9'), OTHER)).toBe(before)
    expect(of('base2', SECTION, OTHER)).not.toBe(before)
    expect(of('base', SECTION)).not.toBe(before)
    expect(of('base', SECTION.replace('check', 'check send-proxy'), OTHER)).not.toBe(before)
    expect(of('base', SECTION, OTHER.replace('http-b', 'http-c'))).not.toBe(before)
  })

  it('a server of a section', () => {
    expect([SECTION, OTHER, 'backend x\n'].map(serverOf)).toEqual(['10.64.0.2:80', '[2001:db8::2]:80', ''])
    expect(withoutServer(OTHER)).toBe('backend http-b\n    mode http\n    server s - check\n')
  })

  it('maps: sorted out, read in with everything that somebody wrote', () => {
    expect(
      mapText(
        new Map([
          ['b', '2'],
          ['a', '1'],
        ]),
      ),
    ).toBe('a 1\nb 2\n')
    expect(parseMapFile('a 1\n\n  # a note\nlonely\n')).toEqual([
      { key: 'a', value: '1' },
      { key: '#', value: 'a note' },
      { key: 'lonely', value: '' },
    ])
  })

  it.each([
    ['10.64.0.2:80', { address: '10.64.0.2', port: 80 }],
    ['[2001:db8::2]:443', { address: '2001:db8::2', port: 443 }],
  ])('%s is an endpoint, there and back', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint)
    expect(formatEndpoint(endpoint)).toBe(text)
    expect(bindsOf(`frontend x\n    bind ${text}\n    mode tcp\n`)).toEqual([endpoint])
  })

  it.each(['', '10.64.0.2', '2001:db8::2:80', '[::1]', ':80'])('%j is none', (text) => {
    expect(parseEndpoint(text)).toBeUndefined()
  })
})

describe('ss -H -ltnp (iproute2 6.1)', () => {
  const SOCKETS = parseListening(capture('iproute2-6.1.0/listening.txt'))

  it('reads addresses, families and who listens', () => {
    expect(SOCKETS).toEqual([
      { address: '203.0.113.2', families: [4], port: 443, processes: [{ program: 'haproxy', pid: 6652 }] },
      {
        address: undefined,
        families: [4],
        port: 80,
        processes: [
          { program: 'my web', pid: 12 },
          { program: 'my web', pid: 13 },
        ],
      },
      { address: undefined, families: [4, 6], port: 80, processes: [] },
      { address: undefined, families: [6], port: 443, processes: [{ program: 'nginx', pid: 14 }] },
      { address: '2001:db8:1:1::2', families: [6], port: 80, processes: [{ program: 'nginx', pid: 14 }] },
      { address: '127.0.0.53', families: [4], port: 80, processes: [] },
    ])
  })

  it('knows what keeps an address from being bound, and who it is', () => {
    const who = (address: string, port: number, ...ours: readonly number[]) =>
      inTheWay({ address, port }, SOCKETS, new Set(ours)).map(holderOf)
    expect(who('203.0.113.2', 443)).toEqual(['haproxy (process 6652)'])
    expect(who('203.0.113.2', 443, 6652)).toEqual([])
    expect(who('203.0.113.2', 80)).toEqual(['my web (process 12)', 'another program'])
    expect(who('2001:db8:1:1::2', 80)).toEqual(['another program', 'nginx (process 14)'])
    expect(who('2001:db8:1:1::9', 443)).toEqual(['nginx (process 14)'])
    expect(who('203.0.113.9', 443)).toEqual([])
  })

  it('knows an IPv4 that a socket of both families listens on', () => {
    const [socket] = parseListening('LISTEN 0 511 [::ffff:203.0.113.2]:80 *:* users:(("java",pid=7,fd=6))')
    expect(socket).toMatchObject({ address: '203.0.113.2', families: [4] })
  })
})

it('ps tells who was started with our configuration, in our network namespace', () => {
  const text =
    '      1          - /sbin/init\n  12 4026531840 haproxy -W -D -f /s/proxy/haproxy.cfg -f /s/proxy/backends.cfg\n' +
    ' 13 4026531840 haproxy -sf 12 -x sockpair@3 -W -D -f /s/proxy/haproxy.cfg -f /s/b\n' +
    ' 14 4026531840 haproxy -f /s/proxy/haproxy.cfg.old -W\n 15 4026531840 [haproxy] <defunct>\n' +
    ' 16 4026532000 haproxy -W -f /s/proxy/haproxy.cfg -f x\n 17 4026531840 haproxy -c -f /s/proxy/haproxy.cfg -f x\n'
  expect([...startedWith('/s/proxy/haproxy.cfg', '4026531840', text)]).toEqual([12, 13])
  expect([...startedWith('/s/proxy/haproxy.cfg', '', text)]).toEqual([12, 13, 16])
})
