import { array, assert, constantFrom, json, nat, oneof, property, string, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CODES } from '../../src/config/codes.ts'
import { formatIssues } from '../../src/config/format-issues.ts'
import { processorTimeOf } from '../support/unit.ts'
import { BLOCK, FILE, issuesOf, modelOf, yaml } from './support.ts'

const MIB = 1024 * 1024

/** Texts of the largest size, each built to make a parser slow, deep or greedy. */
const BOMBS: readonly (readonly [name: string, text: string])[] = [
  ['depth 100,000', '['.repeat(100_000)],
  ['open brackets', '['.repeat(MIB)],
  ['open mappings', '{a: '.repeat(MIB / 4)],
  ['list in list', '- '.repeat(MIB / 2)],
  ['explicit keys', '? '.repeat(MIB / 2)],
  ['indented keys', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ['quotes', '"'.repeat(MIB)],
  ['tags', '! '.repeat(MIB / 2)],
  ['anchors', '&a '.repeat(MIB / 4)],
  ['documents', '---\n'.repeat(MIB / 4)],
  ['closed brackets', '}'.repeat(MIB)],
  ['directives', '%a\n'.repeat(MIB / 4)],
  ['control characters', '\u0001'.repeat(MIB)],
]

describe('size and depth', () => {
  test.each(BOMBS)('%s end soon, with issues', (_name, text) => {
    const time = processorTimeOf(() => {
      const issues = issuesOf(text)
      const printed = formatIssues(issues, text, FILE)
      expect(issues.length).toBeGreaterThan(0)
      expect(printed.length).toBeLessThan(100_000)
    })
    expect(time).toBeLessThan(300 * loading(100))
  })

  test('a thousand containers take no more than ten times what a hundred do, or little more', () => {
    const hundred = loading(100)
    expect(loading(1000)).toBeLessThan(30 * Math.max(hundred, loading(100)))
  })
})

/** Processor time that so many containers take to load here and now, as `processorTimeOf` tells it: the best of three. */
function loading(count: number): number {
  const containers = Array.from({ length: count }, (_, index) => {
    const number = index + 2
    return `\n  c${number}: { ipv6: ::1:${number.toString(16)}, ipv4: 10.64.${number >> 8}.${number & 255}, expose: [443/tcp] }`
  })
  const text = yaml({
    networks: '{ br-ct: { ipv6: ::1:0/112, ipv4: 10.64.0.0/16 } }',
    containers: containers.join(''),
  })
  const times = Array.from({ length: 3 }, () =>
    processorTimeOf(() => expect(modelOf(text).containers).toHaveLength(count)),
  )
  return Math.min(...times)
}

describe('garbage', () => {
  const fragment = constantFrom(
    ...':-?[]{},&*!|>%@`"\'# \n\t\r',
    'a',
    '1',
    '::',
    '---\n',
    'kind',
    '\u0000',
    '\ud800',
    '  ',
  )
  const garbage = oneof(
    array(fragment, { maxLength: 60 }).map((parts) => parts.join('')),
    string({ unit: 'binary', maxLength: 60 }),
    json(),
    tuple(nat(BLOCK.length), fragment).map(([at, text]) => BLOCK.slice(0, at) + text + BLOCK.slice(at + 1)),
  )

  test('never throws; every issue has a known code and a place inside the text', () => {
    assert(
      property(garbage, (text) => {
        const issues = issuesOf(text)
        for (const { code, line, column, length } of issues) {
          expect(CODES).toHaveProperty(code)
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
          expect(Math.min(line, column, length)).toBeGreaterThan(0)
        }
        expect(formatIssues(issues, text, FILE).replaceAll('\n', '')).not.toMatch(/\p{Cc}|[\u202a-\u202e]/u)
      }),
      { numRuns: 2000 },
    )
  })
})
