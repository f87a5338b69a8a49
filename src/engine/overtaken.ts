import type { Applied, Failure } from './apply.ts'
import { canonicalJson } from './canonical-json.ts'
import { folded } from './problems.ts'
import { reference } from './types.ts'
import type { Plan, PlannedChange } from './types.ts'

/**
 * What the host asks for now, where changes failed because what they were for was gone by then: a container ended, or was started
 * again, while the pass was made. The same steps would only fail once more.
 */
export function overtaken({ failures }: Applied, now: Plan): Plan {
  if (!now.known || !failures.some(({ isGone }) => isGone)) return { ...now, changes: [] }
  const tried = new Map(failures.map(({ change }) => [nameOf(change), stepsOf(change)]))
  return { ...now, changes: now.changes.filter((change) => tried.get(nameOf(change)) !== stepsOf(change)) }
}

/** Without the failures of changes that nobody asks for any more, as what they were for is gone: it is a state, and no fault. */
export function withoutMoot(done: Applied, now: Plan): Applied {
  if (!now.known || !done.failures.some(({ isGone }) => isGone)) return done
  const wanted = new Set(now.changes.map(nameOf))
  const failures = done.failures.filter((failure) => !isMoot(failure, wanted))
  return {
    ...done,
    failed: folded(failures.map(({ problem }) => problem)),
    failedChanges: failures.map(({ change }) => change),
    failures,
  }
}

function isMoot({ change, isGone }: Failure, wanted: ReadonlySet<string>): boolean {
  return isGone && !wanted.has(nameOf(change))
}

/** What two tries came to: of a change that was tried twice, the second one counts. */
export function together(first: Applied, second: Applied): Applied {
  const again = new Set([...second.applied, ...second.failedChanges].map(nameOf))
  const failures = [...first.failures.filter(({ change }) => !again.has(nameOf(change))), ...second.failures]
  return {
    applied: [...first.applied, ...second.applied],
    failed: folded(failures.map(({ problem }) => problem)),
    failedChanges: failures.map(({ change }) => change),
    failures,
  }
}

function nameOf({ kind, key }: PlannedChange): string {
  return reference(kind, key)
}

function stepsOf({ steps }: PlannedChange): string {
  return canonicalJson(steps)
}
