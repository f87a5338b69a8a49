/** Texts that no parser may take for an answer: cut off, of another shape, or no JSON at all. */
export const GARBAGE: readonly (readonly [title: string, text: string])[] = [
  ['nothing', ''],
  ['an open list', '['],
  ['words', 'Segmentation fault'],
  ['null', 'null'],
  ['a number', '7'],
  ['a list of numbers', '[1]'],
  ['a list of lists', '[[]]'],
  ['a list of nulls', '[null]'],
  ['another object', '[{"name":"eth0"}]'],
]

/** The text without its last `count` characters, as a killed tool leaves it. */
export function truncated(text: string, count: number): string {
  return text.trimEnd().slice(0, -count)
}
