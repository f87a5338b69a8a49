import { describe, expect, test } from 'vitest'
import { codesOf, container, issuesOf, yaml } from './support.ts'

describe('values that look like others', () => {
  test.each([
    '017',
    '080',
    '0o17',
    '0x1F',
    '8080.0',
    '1e3',
    '.inf',
    '-.inf',
    '.nan',
    '9007199254740993',
    '+80',
  ])('http: %s is an error', (text) => {
    const codes = codesOf(yaml({ routes: `[{ host: a.example, to: blog, http: ${text} }]` }))
    expect(codes).toEqual(['S64-Y009'])
  })

  test.each(['22:22', 'yes', 'true', '"80"', '~', '', '[80]', '{}', '80/tcp', '8_080', '1,000'])(
    'http: %s is an error',
    (text) => {
      const codes = codesOf(yaml({ routes: `\n- host: a.example\n  to: blog\n  http: ${text}` }))
      expect(codes).toHaveLength(1)
    },
  )

  test.each(['0', '65536', '-1'])('http: %s is out of range', (text) => {
    expect(codesOf(yaml({ routes: `[{ host: a.example, to: blog, http: ${text} }]` }))).toEqual(['S64-C005'])
  })

  test.each([
    '0/tcp',
    '080/tcp',
    '65536/tcp',
    '80',
    '80/TCP',
    '80/sctp',
    '9-8/tcp',
    '80-/tcp',
    '-80/tcp',
    '80/tcp/udp',
    ' 80/tcp',
    '0x50/tcp',
    '1e1/tcp',
    '80 /tcp',
    '22:22',
  ])('listen: %j is an error', (text) => {
    const issues = issuesOf(yaml({ nat: `{ forwards: [{ listen: "${text}", to: "db:1" }] }` }))
    expect(issues.length).toBeGreaterThan(0)
  })

  test('a port without protocol is told how to write it', () => {
    expect(issuesOf(container('{ ipv6: ::1:9, expose: [443] }'))[0]?.hint).toBe('did you mean "443/tcp"?')
  })

  test('yes is text, and told that a boolean is wanted', () => {
    expect(issuesOf(yaml({ firewall: '{ antiSpoof: yes }' }))[0]).toMatchObject({
      code: 'S64-C001',
      hint: 'did you mean true?',
    })
    expect(issuesOf(yaml({ metrics: '{ containers: yes }' }))[0]).toMatchObject({
      code: 'S64-C001',
      hint: 'did you mean true?',
    })
  })
})

const NAMES = [
  'a\\nb',
  'a;b',
  'a#b',
  "a'b",
  'a\\"b',
  'a b',
  '$(id)',
  '`id`',
  'x%d',
  'ünï',
  '\\u202ea',
  '-a',
  '..',
  '.',
  '',
  'a/b',
  'a\\\\b',
  '{a}',
  'a,b',
  '*',
  '~',
  'a\\u0000',
  'а',
]

describe('hostile names', () => {
  test.each([...NAMES, 'A', 'a_b', 'a-', 'a.b', 'x'.repeat(64)])('no container is called %j', (name) => {
    expect(codesOf(container('{ ipv6: ::1:9 }', `"${name}"`)).length).toBeGreaterThan(0)
  })

  test.each([...NAMES, 'lo', 'all', 'default', 's64-x', 'abcdefghijklmnop'])(
    'no bridge and no upstream is called %j',
    (name) => {
      expect(codesOf(yaml({ networks: `{ "${name}": {} }`, containers: '' })).length).toBeGreaterThan(0)
      expect(codesOf(yaml({ upstream: `{ interface: "${name}" }` })).length).toBeGreaterThan(0)
    },
  )

  test.each(NAMES.filter((name) => name !== ''))(
    'no runtime, network, host or backend is called %j',
    (name) => {
      expect(
        codesOf(container(`{ ipv6: ::1:9, runtime: { type: lxc, name: "${name}" } }`)).length,
      ).toBeGreaterThan(0)
      expect(codesOf(container(`{ ipv6: ::1:9, network: "${name}" }`)).length).toBeGreaterThan(0)
      expect(codesOf(yaml({ routes: `[{ host: "${name}", to: blog }]` })).length).toBeGreaterThan(0)
      expect(
        codesOf(yaml({ nat: `{ forwards: [{ listen: 1/tcp, to: "${name}:1" }] }` })).length,
      ).toBeGreaterThan(0)
    },
  )

  test.each(['relative', '/a/../b', '/a/./b', '/a b', '/$(id)', '/a\\nb', '/', '//a'])(
    'no runtime lives in %j',
    (path) => {
      expect(
        codesOf(container(`{ ipv6: ::1:9, runtime: { type: lxc, path: "${path}" } }`)).length,
      ).toBeGreaterThan(0)
    },
  )

  test('15 bytes and 63 characters are enough for everybody', () => {
    const text = yaml({
      networks: '{ abcdefghijklmno: { ipv6: ::1:0/112 } }',
      containers: `{ ${'x'.repeat(63)}: { ipv6: ::1:2 } }`,
    })
    expect(codesOf(text)).toEqual([])
  })
})
