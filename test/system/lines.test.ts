import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LINE_LIMIT, splitter } from '../../src/system/lines.ts'

function split(chunks: readonly (Buffer | string)[]): readonly string[] {
  const lines: string[] = []
  const { feed, flush } = splitter((line) => lines.push(line))
  for (const chunk of chunks) feed(Buffer.from(chunk))
  flush()
  return lines
}

describe('splitter', () => {
  it('tells each line once, the last also without its newline', () => {
    expect(split(['a\n\nb', 'c\nd'])).toEqual(['a', '', 'bc', 'd'])
    expect(split(['a\n'])).toEqual(['a'])
    expect(split([])).toEqual([])
  })

  it('does not care where chunks begin and end, not even inside of a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '🦉', '\n') }),
        fc.integer({ min: 1, max: 5 }),
        (text, size) => {
          const bytes = Buffer.from(`${text}\n`)
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          )
          expect(split(chunks)).toEqual(text.split('\n'))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('cuts a line that is too long, in one chunk or over many, and goes on with the next', () => {
    const long = 'x'.repeat(LINE_LIMIT + 10)
    const cut = 'x'.repeat(LINE_LIMIT)
    expect(split([`${long}\nnext\n`])).toEqual([cut, 'next'])
    expect(split([...Array.from({ length: 30 }, () => 'x'.repeat(10_000)), '\nnext\n'])).toEqual([
      cut,
      'next',
    ])
  })

  it('takes 256 MB without a newline in little memory', () => {
    const { feed } = splitter(() => undefined)
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 256; count += 1) feed(chunk)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(128 * 1024 * 1024)
  })
})
