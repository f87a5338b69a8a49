import { describe, expect, test } from 'vitest'
import { CODES } from '../../src/config/codes.ts'
import { codesOf, container, issuesOf, marked, yaml } from './support.ts'

const forward = (text: string) => yaml({ nat: `{ forwards: [${text}] }` })
const route = (text: string) => yaml({ routes: `[${text}]` })
const networks = (text: string) => yaml({ networks: text, containers: '' })

/** For each code a file that has this one issue, and the text that it must mark. */
const CASES: readonly (readonly [code: keyof typeof CODES, text: string, mark: string])[] = [
  ['S64-Y001', yaml({ nat: '{}}' }), '}'],
  ['S64-Y002', '# only a comment\n', '#'],
  ['S64-Y003', `${yaml()}#${'x'.repeat(1024 * 1024)}\n`, 'a'],
  ['S64-Y004', `${yaml()}---\n${yaml()}`, '-'],
  ['S64-Y005', `${yaml()}kind: Network\n`, 'kind'],
  ['S64-Y006', yaml({ kind: '!!str Network' }), 'Network'],
  ['S64-Y007', yaml({ kind: '&a Network' }), 'Network'],
  ['S64-Y008', `${yaml()}# \u0000\n`, '\u0000'],
  ['S64-Y009', yaml({ policy: '{ maxDeletes: 0o17 }' }), '0o17'],
  ['S64-Y010', `${yaml()}<<<<<<< HEAD\n`, '<<<<<<<'],
  ['S64-Y011', `%YAML 1.1\n---\n${yaml()}`, '%YAML 1.1'],
  ['S64-Y012', yaml({ routes: '['.repeat(60) + ']'.repeat(60) }), '['],
  ['S64-C001', yaml({ policy: '{ maxDeletes: "3" }' }), '"3"'],
  ['S64-C002', yaml({ policy: '{ maxDelete: 3 }' }), 'maxDelete'],
  ['S64-C003', yaml({ upstream: '{ ipv4: 203.0.113.2 }' }), 'upstream'],
  ['S64-C004', yaml({ prefix: '{ cidr: "2001:db8::/64", delivery: onlink }' }), 'onlink'],
  ['S64-C005', yaml({ policy: '{ maxDeletes: -1 }' }), '-1'],
  ['S64-C006', container('{ ipv6: ::1:9, expose: ["80"] }'), '"80"'],
  ['S64-C007', networks('{}'), 'networks'],
  ['S64-C008', container('{ ipv6: ::1:9 }', 'Web'), 'Web'],
  ['S64-M001', container('{ ipv6: web.example.org }'), 'web.example.org'],
  ['S64-M002', networks('{ br-ct: { ipv4: 10.64.0.0 } }'), '10.64.0.0'],
  ['S64-M003', networks('{ br-ct: { ipv6: ::1:5/112 } }'), '::1:5/112'],
  [
    'S64-M004',
    yaml({ prefix: '{ cidr: "ff00::/64" }', networks: '{ a: {} }', containers: '' }),
    '"ff00::/64"',
  ],
  ['S64-M005', networks('{ br-ct: { ipv6: ::1:0/127 } }'), '::1:0/127'],
  ['S64-M006', networks('{ br-ct: { ipv6: "2001:db8:2::/112" } }'), '"2001:db8:2::/112"'],
  ['S64-M007', networks('{ a: { ipv6: ::1:0/112 }, b: { ipv6: ::1:100/120 } }'), '::1:100/120'],
  ['S64-M008', networks('{ br-ct: { ipv4: 203.0.113.0/24 } }'), '203.0.113.0/24'],
  ['S64-M009', networks('{ "a;b": {} }'), '"a;b"'],
  ['S64-M010', networks('{ eth0: {} }'), 'eth0'],
  ['S64-M011', container('{ ipv6: ::2:2 }'), '::2:2'],
  ['S64-M012', container('{ ipv6: ::1:1 }'), '::1:1'],
  ['S64-M013', container('{ ipv4: 10.64.0.2 }'), '10.64.0.2'],
  ['S64-M014', container('{ ipv6: ::1:9, mac: "01:00:5e:00:00:01" }'), '"01:00:5e:00:00:01"'],
  [
    'S64-M015',
    yaml({
      containers:
        '{ a: { ipv6: ::1:2, mac: 02:00:00:00:00:0a }, b: { ipv6: ::1:3, mac: 02:00:00:00:00:0A } }',
    }),
    '02:00:00:00:00:0A',
  ],
  ['S64-M016', container('{}'), 'web'],
  [
    'S64-M017',
    yaml({ networks: '{ br-ct: { ipv6: ::1:0/112 } }', containers: '{ a: { ipv4: 10.0.0.2 } }' }),
    '10.0.0.2',
  ],
  ['S64-M018', container('{ ipv6: ::1:9, network: br-tc }'), 'br-tc'],
  [
    'S64-M019',
    yaml({ networks: '{ a: { ipv6: ::1:0/112 }, b: {} }', containers: '{ w: { ipv6: ::1:2 } }' }),
    'w',
  ],
  [
    'S64-M020',
    yaml({
      containers: '{ a: { ipv6: ::1:2, runtime: { type: lxc, name: b } }, b: { ipv6: ::1:3, runtime: lxc } }',
    }),
    'b',
  ],
  ['S64-M021', container('{ ipv6: ::1:9, expose: [70000/tcp] }'), '70000/tcp'],
  ['S64-M022', forward('{ listen: 8000-8010/udp, to: "db:8000-8009" }'), '"db:8000-8009"'],
  [
    'S64-M023',
    forward('{ listen: 8000-8010/udp, to: "db:8000-8010" }, { listen: 8010/udp, to: "db:1" }'),
    '8010/udp',
  ],
  [
    'S64-M024',
    yaml({
      nat: '{ forwards: [{ listen: 443/tcp, to: "db:443" }] }',
      routes: '[{ host: a.example, to: blog }]',
    }),
    '443/tcp',
  ],
  ['S64-M025', forward('{ listen: 22/tcp, to: "six:22" }'), '"six:22"'],
  ['S64-M026', route('{ host: 192.0.2.1, to: blog }'), '192.0.2.1'],
  ['S64-M027', route('{ host: a.example, to: blog }, { host: A.example, to: db }'), 'A.example'],
  ['S64-M028', route('{ host: a.example, to: blog, proxyProtocol: v2, ipv6: direct }'), 'direct'],
  ['S64-M029', route('{ host: a.example, to: blog, http: off, https: off }'), 'off'],
  ['S64-M030', route('{ host: a.example, to: four, ipv6: direct }'), 'direct'],
  ['S64-M032', route('{ host: a.example, to: db, http: 81 }, { host: b.example, to: db, http: 82 }'), '82'],
  [
    'S64-M033',
    yaml({
      containers: '{ web: { ipv6: ::1:2, expose: [70-90/tcp] } }',
      routes: '[{ host: a.example, to: web, http: 8080 }]',
    }),
    '8080',
  ],
  ['S64-M034', route('{ host: a.example, to: db, http: redirect, https: off }'), 'redirect'],
  ['S64-M035', container('{ ipv6: ::1:9, runtime: { type: nspawn, name: a_b } }'), 'a_b'],
  ['S64-M036', container('{ ipv6: ::1:9, runtime: { type: docker, path: /srv/docker } }'), '/srv/docker'],
]

describe('codes', () => {
  test.each(CASES)('%s is told once, at its place', (code, text, mark) => {
    const issues = issuesOf(text)
    expect(issues.map((issue) => issue.code)).toEqual([code])
    expect(marked(text, issues[0])).toBe(mark)
  })

  test('S64-M031 comes with the container that has no address', () => {
    const text = yaml({ containers: '{ web: {} }', routes: '[{ host: a.example, to: web }]' })
    expect(codesOf(text)).toEqual(['S64-M016', 'S64-M031'])
  })

  test('every code has a case', () => {
    const tested = new Set<string>([...CASES.map(([code]) => code), 'S64-M031'])
    expect(Object.keys(CODES).filter((code) => !tested.has(code))).toEqual([])
  })

  test('the file they change is valid', () => {
    expect(codesOf(yaml())).toEqual([])
  })
})
