import { describe, expect, test } from 'vitest'
import { formatIssues } from '../../src/config/format-issues.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Place } from '../../src/config/issue.ts'
import type { Path } from '../../src/model/path.ts'
import { FILE, yaml } from './support.ts'

const TEXT = yaml({
  routes: '\n  - host: a.example.org\n    to: blog\n  - { host: [b.example.org, c.example.org], to: blog }',
})

function place(text: string, path: Path): Place {
  const loaded = loadConfig(text, FILE)
  if (!loaded.ok) throw new Error('the text is not valid')
  return loaded.locate(path)
}

/** The text from the place on, as far as it is marked. */
function markedAt(text: string, path: Path): string {
  const { line, column, length } = place(text, path)
  return (text.split('\n')[line - 1] ?? '').slice(column - 1, column - 1 + length)
}

describe('a file that is right knows its places', () => {
  test.each<[string, Path]>([
    ['host: a.example.org', ['routes', 0]],
    ['{ host: [b.example.org, c.example.org], to: blog }', ['routes', 1]],
    ['c.example.org', ['routes', 1, 'host', 1]],
    ['blog', ['routes', 0, 'to']],
    ['::1:2', ['containers', 'blog', 'ipv6']],
    ['blog', ['containers', 'blog']],
    ['routes', ['routes']],
  ])('%s', (text, path) => {
    expect(markedAt(TEXT, path)).toBe(text)
  })

  test('what the file does not say is at the nearest place above it', () => {
    expect(place(TEXT, ['routes', 0, 'https'])).toEqual(place(TEXT, ['routes', 0]))
    expect(place(TEXT, ['policy', 'prune'])).toMatchObject({ line: 1, column: 1 })
    expect(place(TEXT, [])).toEqual({ line: 1, column: 1, length: 1 })
  })

  test('the model leads there, whatever its order', () => {
    const loaded = loadConfig(
      yaml({ routes: '\n- { host: z.example, to: db }\n- { host: a.example, to: db }' }),
      FILE,
    )
    if (!loaded.ok) throw new Error('the text is not valid')
    const found = loaded.model.routes.map(({ hosts, path }) => [hosts[0], loaded.locate(path).line])
    expect(found).toEqual([
      ['a.example', 9],
      ['z.example', 8],
    ])
  })

  test('counts lines behind a byte order mark and CRLF as an editor does', () => {
    const windows = `\ufeff${TEXT.replaceAll('\n', '\r\n')}`
    expect(place(windows, ['routes', 1, 'to'])).toEqual(place(TEXT, ['routes', 1, 'to']))
  })
})

test('a problem of the host is printed there like a fault of the file', () => {
  const problem = {
    code: 'S64-H017',
    message: 'port 80 is taken',
    hint: 'stop it',
    ...place(TEXT, ['routes', 0, 'to']),
  }
  expect(formatIssues([problem], TEXT, FILE)).toBe(
    [
      'network.yaml:9:9: error[S64-H017]: port 80 is taken',
      '   8 |   - host: a.example.org',
      '   9 |     to: blog',
      '     |         ^^^^ stop it',
      '',
    ].join('\n'),
  )
})
