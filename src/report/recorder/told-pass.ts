import type { Reads } from '../../app/types.ts'
import type { PassEvent } from '../../controller/types.ts'
import { few, tenths } from './bounds.ts'
import type { Told } from './entry.ts'
import { changesTold, problemTold } from './told-parts.ts'

/** Reads that are named, and characters of each. */
const READS = 24
const READ = 60
/** Failures that are told one by one. */
const FAILURES = 5

const LOOKS = ['look', 'verify']

/** What it read, made and failed at, and how it ended. */
export function passTold(event: PassEvent): readonly Told[] {
  const { applied, failed, remaining } = event.pass
  const failures = failed
    .slice(0, FAILURES)
    .map((problem): Told => ({ what: 'failed', ...problemTold(problem) }))
  const more = failed.length - failures.length
  return [
    ...event.reads.map(readsTold),
    ...(applied.length === 0
      ? []
      : [{ what: 'applied', changes: applied.length, ...changesTold('first', applied) }]),
    ...failures,
    ...(more > 0 ? [{ what: 'failed', more }] : []),
    ...(remaining !== undefined && remaining.changes.length > 0
      ? [{ what: 'left', changes: remaining.changes.length, ...changesTold('first', remaining.changes) }]
      : []),
    ended(event),
  ]
}

function readsTold({ made, known }: Reads, index: number): Told {
  const ids = few(made, READS, READ)
  return {
    what: 'reads',
    of: LOOKS[index] ?? 'verify',
    made: made.size,
    takenOver: Math.max(0, known - made.size),
    ids,
  }
}

function ended({ trigger, whole, result, phases, left, dueIn }: PassEvent): Told {
  const durations = Object.fromEntries(
    Object.entries(phases).map(([phase, seconds]) => [phase, tenths(seconds * 1000)]),
  )
  return {
    what: 'pass',
    result,
    trigger,
    whole,
    ...durations,
    ...(left.contended > 0 && { contended: left.contended }),
    ...(left.failing > 0 && { failing: left.failing }),
    due: tenths(dueIn),
  }
}
