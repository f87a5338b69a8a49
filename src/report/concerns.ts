import type { PlannedChange } from '../engine/types.ts'
import type { Container } from '../model/types.ts'

/** Everything a change says in words: its key, what it needs, and each side; split where names and addresses end. */
type Words = ReadonlySet<string>

/** Finds the changes that concern one container, by its name or one of its addresses. */
export type FindChanges = (container: Container) => readonly PlannedChange[]

/**
 * Prepares the search once for all containers. Keys and specs of a kind are its own affair, so this goes by whole
 * words: `2001:db8::2` is found in `2001:db8::2/128 dev br-ct`, not in `2001:db8::22`.
 */
export function findChangesOf(changes: readonly PlannedChange[]): FindChanges {
  const byWord = new Map<string, PlannedChange[]>()
  for (const change of changes) {
    for (const word of wordsOf(change)) {
      const known = byWord.get(word)
      if (known === undefined) byWord.set(word, [change])
      else known.push(change)
    }
  }
  return ({ name, ipv4, ipv6 }) => [
    ...new Set([name, ipv4, ipv6].flatMap((word) => (word === undefined ? [] : (byWord.get(word) ?? [])))),
  ]
}

function wordsOf(change: PlannedChange): Words {
  const sides = [change.before, change.after].map((side) => JSON.stringify(side, plainText) ?? '')
  const words = [change.key, ...sides].join(' ').split(/[\s"',;/{}[\]()@]+/)
  // An IPv4 may carry its port: `10.64.0.2:22`.
  return new Set([
    ...words,
    ...words.filter((word) => word.includes('.')).map((word) => word.replace(/:.*/, '')),
  ])
}

function plainText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
