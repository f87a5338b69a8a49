type Garbage = readonly [title: string, text: string]

/** Texts that no parser may take for an answer: cut off, of another shape, or no JSON at all. */
export const GARBAGE: readonly Garbage[] = [
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

/** The same where a list is expected. */
export const NO_LISTS: readonly Garbage[] = [...GARBAGE, ['an object', '{}']]

/** The same where a listing of nft is expected. */
export const NO_LISTINGS: readonly Garbage[] = [
  ...NO_LISTS,
  ['a listing that is no list', '{"nftables":{}}'],
  ['a listing without its table', '{"nftables":[]}'],
]

/** The text without its last `count` characters, as a killed tool leaves it. */
export function truncated(text: string, count: number): string {
  return text.trimEnd().slice(0, -count)
}
