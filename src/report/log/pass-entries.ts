import type { PassEvent, Result } from '../../controller/types.ts'
import { reference, type Action, type PlannedChange } from '../../engine/types.ts'
import { isFailure, latestPlan, passProblems } from '../pass.ts'
import type { LogEntry } from './entry.ts'
import { problemEntry } from './problem-entry.ts'

/** So many changes are told one by one; of more, those of one kind together. */
const MOST_CHANGES = 5
/** Keys that such a line names. */
const MOST_KEYS = 3

const DONE: Readonly<Record<Action, string>> = { create: 'created', update: 'updated', delete: 'deleted' }

/** What a pass changed, what went wrong in it, and how it ended. */
export function passEntries(event: PassEvent, before: Result | undefined): readonly LogEntry[] {
  const changes = newsOf(event)
  const warnings = new Set([...(event.pass.warnings ?? []), ...(latestPlan(event.pass).warnings ?? [])])
  const problems = passProblems(event.pass).map((problem) =>
    problemEntry('problem', problem, {}, warnings.has(problem) ? 'warning' : undefined),
  )
  const end = endEntries(event, { before, changes: changes.length, problems: problems.length })
  return [...changeEntries(changes, event.trigger), ...problems, ...end]
}

/** A fight is told as one warning, not as each of its blows. */
function newsOf({ pass: { applied }, contended }: PassEvent): readonly PlannedChange[] {
  const fought = new Set(contended.map(({ resource }) => resource))
  return applied.filter(({ kind, key }) => !fought.has(reference(kind, key)))
}

function changeEntries(applied: readonly PlannedChange[], trigger: string): readonly LogEntry[] {
  if (applied.length <= MOST_CHANGES) return applied.map((change) => changeEntry(change, trigger))
  const groups = new Map<string, PlannedChange[]>()
  for (const change of applied) {
    const group = `${change.action} ${change.kind} ${change.cause}`
    const known = groups.get(group)
    if (known === undefined) groups.set(group, [change])
    else known.push(change)
  }
  return [...groups.values()].flatMap((changes) => groupEntry(changes, trigger))
}

function groupEntry(changes: readonly PlannedChange[], trigger: string): readonly LogEntry[] {
  const [first] = changes
  if (first === undefined) return []
  if (changes.length === 1) return [changeEntry(first, trigger)]
  const { kind, action, cause } = first
  const named = changes.slice(0, MOST_KEYS).map(({ key }) => key)
  const more = changes.length - named.length
  const keys = [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')
  const fields = { kind, keys, action, cause, trigger, changes: changes.length }
  return [{ level: 'info', event: 'change', message: `${DONE[action]} ${changes.length} ${kind}`, fields }]
}

function changeEntry({ kind, key, action, cause, reason }: PlannedChange, trigger: string): LogEntry {
  const message = `${DONE[action]} ${kind}`
  return { level: 'info', event: 'change', message, fields: { kind, key, action, cause, reason, trigger } }
}

/** How the last pass ended that failed or converged, and what was told of this one. */
interface Told {
  readonly before: Result | undefined
  readonly changes: number
  readonly problems: number
}

function endEntries(event: PassEvent, told: Told): readonly LogEntry[] {
  const { changes, heldBack } = latestPlan(event.pass)
  switch (event.result) {
    case 'noop':
    case 'success':
      return convergedEntries(event, told)
    case 'drifted':
      // The next pass, which follows at once, tells.
      return []
    case 'refused':
      return heldBack.length === 0 ? [] : [heldBackEntry(heldBack)]
    case 'stopped':
      return [
        { level: 'info', event: 'stopped', message: 'the pass was ended before all was done', fields: {} },
      ]
    case 'error':
    case 'rolled_back':
      return told.problems > 0 ? [] : [differsEntry(changes)]
  }
}

function convergedEntries(event: PassEvent, { before, changes }: Told): readonly LogEntry[] {
  const { pass, trigger, phases, convergence } = event
  const isAgain = before !== undefined && isFailure(before)
  if (changes === 0 && !isAgain) return []
  const seconds = Object.values(phases).reduce((total, one) => total + one, 0)
  const fields = {
    trigger,
    changes: pass.applied.length,
    seconds: rounded(seconds),
    ...(convergence !== undefined && { convergence_seconds: rounded(convergence) }),
  }
  return [{ level: 'info', event: 'converged', message: isAgain ? 'converged again' : 'converged', fields }]
}

/** Its words are the same at each pass, so that it is not told at each. */
function heldBackEntry(heldBack: readonly PlannedChange[]): LogEntry {
  const message = 'a guard holds changes back'
  return { level: 'warning', event: 'held-back', message, fields: example(heldBack) }
}

function differsEntry(changes: readonly PlannedChange[]): LogEntry {
  const message = 'the host still differs from the file; it is tried again'
  return { level: 'warning', event: 'differs', message, fields: example(changes) }
}

function example(changes: readonly PlannedChange[]): LogEntry['fields'] {
  const [first] = changes
  const shown = first === undefined ? {} : { first: `${first.action} ${first.kind} ${first.key}` }
  return { changes: changes.length, ...shown }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
