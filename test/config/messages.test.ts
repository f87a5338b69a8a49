import { describe, expect, test } from 'vitest'
import { container, issuesOf, yaml } from './support.ts'

const only = (text: string) => {
  const issues = issuesOf(text)
  expect(issues).toHaveLength(1)
  return issues[0]
}

describe('one readable issue for each fault', () => {
  test.each([
    ['runtime: lxcc', '"lxc", "incus", "podman", "docker", "nspawn", "netns" or "none", not "lxcc"', 'lxc'],
    ['runtime: { type: lcx }', '"containers.web.runtime.type" must be "lxc"', 'lxc'],
    ['runtime: { typ: lxc, type: lxc }', 'unknown key "typ" in "containers.web.runtime"', 'type'],
    ['expose: al', 'must be a list or "all", not "al"', 'all'],
    ['exposed: all', 'unknown key "exposed" in "containers.web"', 'expose'],
  ])('%s', (text, message, better) => {
    const issue = only(container(`{ ipv6: ::1:9, ${text} }`))
    expect(issue?.message).toContain(message)
    expect(issue?.hint).toBe(`did you mean "${better}"?`)
  })

  test('a missing key of a branch says what is missing, not that no branch fits', () => {
    expect(only(container('{ ipv6: ::1:9, runtime: { name: x } }'))?.message).toBe(
      'key "type" is missing in "containers.web.runtime"',
    )
  })

  test.each([
    [yaml({ nat: '{ forwards: [{ listen: 1/tcp, to: "blgo:1" }] }' }), 'blog'],
    [yaml({ routes: '[{ host: a.example, to: blgo }]' }), 'blog'],
    [container('{ ipv6: ::1:9, network: br-cp }'), 'br-ct'],
    [
      yaml({ networks: '{ br-ct: { ipv6: ::1:5/112 } }', containers: '' }),
      '2001:db8:1:1::1:0/112',
      '::1:0/112',
    ],
    [yaml({ nat: '{ forwards: [{ listen: 1/tcp, to: "db:1", from: [10.1.2.3/8] }] }' }), '10.0.0.0/8'],
    [yaml({ routes: '[{ host: "*.bücher.example", to: blog }]' }), '*.xn--bcher-kva.example'],
    [yaml({ routes: '[{ host: a.example., to: blog }]' }), 'a.example'],
  ])('names and values are suggested too (%#)', (text, ...better) => {
    expect(only(text)?.hint).toBe(`did you mean "${better.at(-1)}"?`)
  })

  test('shape and meaning are told together where types allow it', () => {
    const text = yaml({ containers: '{ web: { ipv6: ::9:9, expos: all }, Db: { ipv4: 10.64.0.1 } }' })
    expect(issuesOf(text).map(({ code }) => code)).toEqual(['S64-M011', 'S64-C002', 'S64-C008', 'S64-M012'])
  })

  test('a duplicate names the first place', () => {
    expect(only(container('{ ipv6: 2001:DB8:1:1:0:0:1:2 }'))?.message).toBe(
      'address 2001:db8:1:1::1:2 is already used by "containers.blog.ipv6"',
    )
  })
})
