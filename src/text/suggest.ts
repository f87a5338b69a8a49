/** The known word that the given one was most likely meant to be; undefined when none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3))
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= most || isBeginning(word, candidate))
    .toSorted((one, other) => one.distance - other.distance)
  return near[0]?.candidate
}

function isBeginning(word: string, candidate: string): boolean {
  return word.length >= 2 && candidate.startsWith(word)
}

/** Insertions, deletions, replacements and swapped neighbours, one each (optimal string alignment), row by row. */
function editDistance(one: string, other: string): number {
  // Longer words are not typing errors, and would cost quadratic time.
  if (one.length > 40) return one.length
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let length = 1; length <= one.length; length += 1) {
    const next = nextRow(one.slice(0, length), other, row, before)
    before = row
    row = next
  }
  return row.at(-1) ?? one.length
}

function nextRow(
  one: string,
  other: string,
  row: readonly number[],
  before: readonly number[],
): readonly number[] {
  const [last, last2] = [one.at(-1), one.at(-2)]
  const next = [one.length]
  for (let column = 1; column <= other.length; column += 1) {
    const [letter, letter2] = [other[column - 1], other[column - 2]]
    const replaced = (row[column - 1] ?? 0) + (last === letter ? 0 : 1)
    const swapped =
      last === letter2 && last2 === letter && column > 1 ? (before[column - 2] ?? 0) + 1 : replaced
    next.push(Math.min(replaced, swapped, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
  }
  return next
}

/** `did you mean "prefix"?` for a finding, or nothing when no known word is near. */
export function didYouMean(word: string, known: readonly string[]): { readonly hint?: string } {
  const better = suggest(word, known)
  return better === undefined ? {} : { hint: `did you mean "${better}"?` }
}

/** `"a", "b" or "c"`. */
export function alternatives(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}
