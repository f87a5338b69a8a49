import type { Fault } from './issue.ts'

/** 10,000 containers with every key fit; what is larger is a mistake, and would only cost time. */
const MAX_BYTES = 1024 * 1024

/**
 * C0 and C1 controls but tab and line ends, direction overrides and isolates (they show a text in another order than
 * it is read), BOM beyond the start, and U+FFFD, which decoding leaves where bytes were not UTF-8.
 */
const UNSAFE = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufffd]/gu
const CONFLICT = /^(?:<{7}|\|{7}|>{7})(?= |\r?$)/gm

/** Faults for which the text is not even parsed: size, emptiness, unsafe characters, merge conflicts. */
export function textFaults(text: string): readonly Fault[] {
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES) {
    const hint = 'at most 1 MiB (1,048,576 bytes) is read'
    return [{ code: 'S64-Y003', start: 0, end: 1, message: 'the file is too large', hint }]
  }
  if (text.trim() === '') return [emptyFile()]
  return [...unsafeCharacters(text), ...mergeConflicts(text)]
}

/** An empty file must never be taken for "no containers": everything would be pruned. */
export function emptyFile(): Fault {
  const hint = 'write at least apiVersion, kind, upstream, prefix and networks'
  return { code: 'S64-Y002', start: 0, end: 1, message: 'the file is empty', hint }
}

/** Whether a text has a control, direction or replacement character, which no value may have, escaped or not. */
export function unsafeIndex(text: string): number {
  return text.search(UNSAFE)
}

/** `U+202E`. */
export function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

function unsafeCharacters(text: string): readonly Fault[] {
  return firstMatches(text, UNSAFE).map(({ start, found }) => ({
    code: 'S64-Y008',
    start,
    end: start + 1,
    message:
      found === '\ufffd' ? 'the file is not UTF-8 here' : `character ${codePointName(found)} is not allowed`,
  }))
}

function mergeConflicts(text: string): readonly Fault[] {
  return firstMatches(text, CONFLICT).map(({ start, found }) => ({
    code: 'S64-Y010',
    start,
    end: start + found.length,
    message: 'unresolved merge conflict',
    hint: 'keep one side, and remove the marker lines',
  }))
}

/** The first 100: more are not shown, and a binary file has a million. */
function firstMatches(text: string, pattern: RegExp) {
  const matches: { readonly start: number; readonly found: string }[] = []
  for (const match of text.matchAll(pattern)) {
    if (matches.length === 100) break
    matches.push({ start: match.index, found: match[0] })
  }
  return matches
}
