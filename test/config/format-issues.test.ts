import { describe, expect, test } from 'vitest'
import { formatIssues, issuesToJson } from '../../src/config/format-issues.ts'
import { FILE, issuesOf, yaml } from './support.ts'

function printed(text: string): string {
  return formatIssues(issuesOf(text), text, FILE)
}

describe('formatIssues', () => {
  test('place, code, message, line before, line, mark with the way out, and the known keys', () => {
    const text = yaml({ prefix: '', host: '\n  prefx: x', upstream: '\n  interfce: eth0\n  interface: eth0' })
    expect(printed(text).split('\n').slice(0, 10)).toEqual(
      [
        'network.yaml:1:1: error[S64-C003]: key "prefix" is missing',
        '   1 | apiVersion: slash64/v1',
        '     | ^',
        'network.yaml:4:3: error[S64-C002]: unknown key "interfce" in "upstream"',
        '   3 | upstream: ',
        '   4 |   interfce: eth0',
        '     |   ^^^^^^^^ did you mean "interface"?',
        '   = known keys: interface, ipv4',
        'network.yaml:8:1: error[S64-C002]: unknown key "host"',
        '   7 | containers: { blog: { ipv6: ::1:2, ipv4: 10.64.0.2 }, db: { ipv6: ::1:3, ipv4: 10.64.0.3 }, six: { i...',
      ].map((line) => line.trimEnd()),
    )
  })

  test('at most 20 are shown, in order of place, and the rest is counted', () => {
    const keys = Array.from({ length: 25 }, (_, index) => `x${index}: 1\n`).join('')
    const text = yaml() + keys
    const lines = formatIssues(issuesOf(text).toReversed(), text, FILE).split('\n')
    const heads = lines.filter((line) => line.startsWith('network.yaml:'))
    expect(heads).toHaveLength(20)
    expect(heads[0]).toContain('unknown key "x0"')
    expect(heads[19]).toContain('unknown key "x19"')
    expect(lines.at(-2)).toBe('... and 5 more')
  })

  test('what could paint the terminal or reorder the text is escaped, and the mark still fits', () => {
    const text = yaml({ upstream: '{ x: "\u200f\u200f", "a\u200fb": 1, interface: eth0 }' })
    const output = printed(text)
    expect(output).not.toContain('\u200f')
    const [, mark = ''] = /\n( +\| +\^+) *\n/.exec(output.slice(output.indexOf('unknown key "a'))) ?? []
    const line = output.split('\n').find((one) => one.includes('a\\u200fb')) ?? ''
    expect(output).toContain('unknown key "a\\u200fb"')
    expect(line.length).toBeGreaterThan(0)
    expect(mark.endsWith('^'.repeat('"a\\u200fb"'.length))).toBe(true)
  })

  test('a file name cannot paint either', () => {
    const text = yaml({ kind: 'x' })
    expect(formatIssues(issuesOf(text), text, 'a\u001b[31m.yaml')).toContain('a\\x1b[31m.yaml:2:7')
  })

  test('a long line is cut around the mark', () => {
    const text = yaml({
      $schema: `[${'"x", '.repeat(2000)}]`,
      policy: `{ prune: own, ${' '.repeat(500)}maxDelets: 1 }`,
    })
    const lines = printed(text).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(330)
    const index = lines.findIndex((line) => line.includes('^^^^^^^^^ did you mean "maxDeletes"?'))
    const column = lines[index]?.indexOf('^') ?? -1
    expect(lines[index - 1]?.slice(column, column + 9)).toBe('maxDelets')
  })

  test('a megabyte in one value does not reach the message', () => {
    expect(printed(yaml({ kind: 'x'.repeat(500_000) })).length).toBeLessThan(1000)
  })

  test('styles decorate, and change no visible character', () => {
    const text = yaml({ kind: 'network' })
    const issues = issuesOf(text)
    const painted = formatIssues(issues, text, FILE, (style, plain) => `<${style}>${plain}</${style}>`)
    expect(painted).toContain('<error>error[S64-')
    expect(painted.replaceAll(/<\/?[a-z]+>/g, '')).toBe(formatIssues(issues, text, FILE))
  })
})

describe('issuesToJson', () => {
  test('has the file, and is in order of place', () => {
    const issues = issuesOf(yaml({ kind: 'network', apiVersion: 'slash64/v2' })).toReversed()
    expect(issuesToJson(issues, FILE)).toMatchObject([
      { file: FILE, line: 1, column: 13, length: 10, hint: 'did you mean "slash64/v1"?' },
      { file: FILE, line: 2, column: 7, length: 7, hint: 'did you mean "Network"?' },
    ])
  })
})
