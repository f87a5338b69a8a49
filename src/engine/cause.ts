import { canonicalJson } from './canonical-json.ts'
import type { Cause, Change } from './types.ts'

/**
 * Tells why a change is there, from the record of what the last converged pass wanted (undefined: no such record).
 * For people only; nothing is decided by it.
 */
export function causeOf(
  change: Change<unknown>,
  record: Readonly<Record<string, string>> | undefined,
  wanted: string | undefined,
  alwaysThere: boolean,
): Cause {
  const applied = record?.[change.key]
  if (change.action === 'delete') return record === undefined || applied !== undefined ? 'prune' : 'drift'
  if (applied !== undefined) return applied === wanted ? 'drift' : 'config'
  return change.action === 'update' && record === undefined && !alwaysThere ? 'adopt' : 'config'
}

/** One line for people: what differs, or where the object went. */
export function reasonOf(change: Change<unknown>, cause: Cause): string {
  switch (change.action) {
    case 'create':
      return cause === 'drift' ? 'was there and is gone' : 'desired, not on the host'
    case 'update':
      return fieldChanges(change.before, change.after)
    case 'delete':
      return cause === 'prune' ? 'no longer desired' : 'not desired, stands among what is ours'
  }
}

function fieldChanges(before: unknown, after: unknown): string {
  const one = leaves(before)
  const other = leaves(after)
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  const changed = names.filter((name) => canonicalJson(one[name]) !== canonicalJson(other[name]))
  return changed.map((name) => `${name}: ${shortText(one[name])} -> ${shortText(other[name])}`).join(', ')
}

/** The fields of a spec, those of nested objects by their path: `peer.up`. */
function leaves(value: unknown, path = ''): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { [path || 'value']: value }
  const fields = Object.entries(value).map(([name, field]) =>
    leaves(field, path === '' ? name : `${path}.${name}`),
  )
  return Object.assign({}, ...fields)
}

function shortText(value: unknown): string {
  if (value === undefined || value === '') return 'none'
  const text = typeof value === 'string' ? value : canonicalJson(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
