import type { LogEntry } from './entry.ts'

/** Milliseconds within which the same error or warning is told once. */
const QUIET = 60_000
/** Conditions that are remembered; of more, the one that was told longest ago is forgotten. */
const MOST_CONDITIONS = 1_000

interface Condition {
  readonly toldAt: number
  readonly leftOut: number
}

/**
 * Keeps an error that comes at every pass from filling the disk: the same one (event, code, resource, and message but for the
 * numbers of processes) passes once a minute, and says how often it was left out meanwhile. `nowMs` is monotonic.
 */
export function createRepeats(): (entry: LogEntry, nowMs: number) => readonly LogEntry[] {
  const conditions = new Map<string, Condition>()
  return (entry, nowMs) => {
    if (entry.level === 'info') return [entry]
    const key = conditionOf(entry)
    const known = conditions.get(key)
    if (known !== undefined && nowMs - known.toldAt < QUIET) {
      conditions.set(key, { ...known, leftOut: known.leftOut + 1 })
      return []
    }
    // Last in order of telling.
    conditions.delete(key)
    conditions.set(key, { toldAt: nowMs, leftOut: 0 })
    forgetOldest(conditions)
    const repeated = known?.leftOut ?? 0
    return [repeated === 0 ? entry : { ...entry, fields: { ...entry.fields, repeated } }]
  }
}

function conditionOf({ event, message, fields }: LogEntry): string {
  const words = message.replaceAll(/\b(process|thread) \d+/g, '$1')
  return JSON.stringify([event, fields['code'], words, fields['resource']])
}

function forgetOldest(conditions: Map<string, Condition>): void {
  const oldest = conditions.keys().next().value
  if (oldest !== undefined && conditions.size > MOST_CONDITIONS) conditions.delete(oldest)
}
