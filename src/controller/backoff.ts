import { reference } from '../engine/types.ts'
import type { PlannedChange } from '../engine/types.ts'
import { makesTable } from './contention.ts'
import { retryDelay } from './schedule.ts'

/** The longest wait (ms) between two tries of one change. */
const MOST = 60_000

/** Changes that failed, by reference: how often in a row, and when they are tried again (monotonic ms). */
export type Backoff = ReadonlyMap<string, { readonly failures: number; readonly at: number }>

export const NO_BACKOFF: Backoff = new Map()

/** After a pass: what it tried in vain waits twice as long as the last time; what worked, or is wanted no more, is forgotten. */
export function afterTries(
  backoff: Backoff,
  pass: { readonly planned: readonly PlannedChange[]; readonly failed: readonly PlannedChange[] },
  now: number,
): Backoff {
  const failed = new Set(pass.failed.map(({ kind, key }) => reference(kind, key)))
  const next = new Map<string, { failures: number; at: number }>()
  for (const { kind, key } of pass.planned) {
    const name = reference(kind, key)
    const known = backoff.get(name)
    if (failed.has(name)) {
      // All that failed in one pass is tried again in one: no chance in it.
      const failures = (known?.failures ?? 0) + 1
      next.set(name, { failures, at: now + retryDelay(failures, MOST, 0.5) })
    } else if (known !== undefined && known.at > now) next.set(name, known)
  }
  return next
}

/**
 * The changes that are not to be tried yet. While the firewall waits, everything does: nothing goes before it. Behind a
 * part of it that is only taken away at the end, there are other deletes and nothing else.
 */
export function notYet(
  backoff: Backoff,
  changes: readonly PlannedChange[],
  now: number,
): readonly PlannedChange[] {
  if (backoff.size === 0) return []
  const waiting = changes.filter(({ kind, key }) => (backoff.get(reference(kind, key))?.at ?? 0) > now)
  // The table went since: what failed may well work now, and nothing is guarded until it is back.
  if (changes.some(makesTable) && !waiting.some(makesTable)) return []
  const first = waiting.find(({ steps }) => steps.some(({ tool }) => tool === 'nft'))
  if (first === undefined) return waiting
  const behind = changes.slice(changes.indexOf(first) + 1)
  const isLate = first.action === 'delete' && behind.every(({ action }) => action === 'delete')
  return isLate ? changes.filter((change) => waiting.includes(change) || behind.includes(change)) : changes
}
