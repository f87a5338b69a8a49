import { visible } from '../../text/escape.ts'

/**
 * The text in so many characters at most, on one line, in memory of its own: a part of a string keeps the whole chunk
 * alive that a monitor wrote.
 */
export function cut(text: string, most: number): string {
  const shown = visible(text.slice(0, most + 1))
  const kept = shown.length > most ? `${shown.slice(0, most - 1)}…` : shown
  return kept.split('').join('')
}

/** The first of them, each cut, and how many more there are: `+12 more`. */
export function few(texts: Iterable<string>, most: number, each: number): readonly string[] {
  const [kept, count] = firstOf(texts, most)
  return count <= most
    ? kept.map((text) => cut(text, each))
    : [...kept.map((text) => cut(text, each)), `+${count - most} more`]
}

function firstOf(texts: Iterable<string>, most: number): [string[], number] {
  const kept: string[] = []
  let count = 0
  for (const text of texts) {
    if (count < most) kept.push(text)
    count += 1
  }
  return [kept, count]
}

/** To a tenth of a millisecond. */
export function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
