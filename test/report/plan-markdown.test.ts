import { describe, expect, test } from 'vitest'
import { escapeMarkdown, MARKDOWN_LIMIT, planMarkdown } from '../../src/report/plan-markdown.ts'
import { change, DELETE, HOSTILE, plan, UPDATE } from './samples.ts'

describe('planMarkdown', () => {
  test('has the summary first, the hidden marker, and a fold for each kind', () => {
    const text = planMarkdown(plan({ changes: [UPDATE, DELETE] }), 'network.yaml')
    expect(text.split('\n')).toEqual([
      '**Plan: 0 to create, 1 to update, 1 to delete.** (41 in sync, 2 foreign)',
      '<!-- slash64:plan -->',
      '',
      '<details><summary>bridge-port: 0 to create, 1 to update, 0 to delete</summary>',
      '',
      '| | resource | change | cause |',
      '|---|---|---|---|',
      '| <code>&#126;</code> | <code>vblog</code> | hairpin: false -&#62; true | drift |',
      '',
      '</details>',
      '',
      '<details><summary>route: 0 to create, 0 to update, 1 to delete</summary>',
      '',
      '| | resource | change | cause |',
      '|---|---|---|---|',
      '| <code>-</code> | <code>2001:db8:1:1::1:9/128 dev br-ct</code> | no longer declared | prune |',
      '',
      '</details>',
      '',
    ])
  })

  test('needs two lines when nothing changes', () => {
    expect(planMarkdown(plan(), 'network.yaml')).toBe(
      '**No changes**: the host is what network.yaml says (41 in sync, 2 foreign).\n<!-- slash64:plan -->\n',
    )
  })

  test('puts errors and what is held back before the rest', () => {
    const problems = [{ code: 'S64-K001', message: 'a bridge is in the way', hint: 'rename it' }]
    const text = planMarkdown(plan({ changes: [change()], heldBack: [DELETE], problems }), 'network.yaml')
    const places = ['**1 error**', '- **S64-K001**: a bridge', 'Held back: 1', '<summary>proxy-neighbour']
    const found = places.map((place) => text.indexOf(place))
    expect(found).not.toContain(-1)
    expect(found).toEqual(found.toSorted((one, other) => one - other))
  })

  test('does not call an unknown host unchanged', () => {
    expect(planMarkdown(plan({ known: false }), 'network.yaml')).toMatch(/^\*\*Plan: unknown\*\*/)
  })

  test('stays below the limit, keeps tables whole and counts what it left out', () => {
    const changes = Array.from({ length: 1000 }, (_, index) =>
      change({ kind: `kind-${index % 10}`, key: `${index} ${'|'.repeat(400)}`, reason: 'r'.repeat(400) }),
    )
    const text = planMarkdown(plan({ changes }), 'network.yaml')
    expect(text.length).toBeLessThanOrEqual(MARKDOWN_LIMIT)
    expect(text.length).toBeGreaterThan(MARKDOWN_LIMIT / 2)
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length)
    const shown = text.match(/^\| <code>/gm)?.length ?? 0
    expect(text).toContain(`... and ${1000 - shown} more lines: see the output of the job.`)
    expect(text.startsWith('**Plan: 1000 to create')).toBe(true)
  })

  test('folds a crowd of one kind like the text does', () => {
    const changes = Array.from({ length: 500 }, (_, index) => change({ key: `k${index}` }))
    const text = planMarkdown(plan({ changes }), 'network.yaml')
    expect(text).toContain('| | ... and 480 more | | |')
    expect(text).not.toContain('>k20<')
  })

  test('keeps hostile text inside of its cell', () => {
    const evil = change({ kind: HOSTILE, key: HOSTILE, reason: HOSTILE })
    const text = planMarkdown(
      plan({ changes: [evil], heldBack: [evil], problems: [{ code: HOSTILE, message: HOSTILE }] }),
      HOSTILE,
    )
    expect(text).not.toContain('<b>')
    expect(text).not.toContain('`')
    expect(text).not.toContain('@')
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
    for (const row of text.split('\n').filter((line) => line.startsWith('| <')))
      expect(row.split('|')).toHaveLength(6)
  })
})

describe('escapeMarkdown', () => {
  test.each([
    ['a|b', 'a&#124;b'],
    ['`c`', '&#96;c&#96;'],
    ['<!-- -->', '&#60;&#33;-- --&#62;'],
    ['&lt;', '&#38;lt;'],
    ['[x](https://evil)', '&#91;x&#93;&#40;https&#58;//evil&#41;'],
    ['www.evil', 'www&#46;evil'],
    ['@team #1', '&#64;team &#35;1'],
    ['a\u001bb', 'a&#92;x1bb'],
    ['2001:db8::1', '2001:db8::1'],
  ])('writes %j as %j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped)
  })

  test('shortens very long text', () => {
    expect(escapeMarkdown('a'.repeat(1000)).length).toBe(303)
  })
})
