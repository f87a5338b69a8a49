import type { PassReport, Plan, PlannedChange, Problem } from '../engine/types.ts'
import type { Background } from './background.ts'
import { dnsOf, type DnsJson } from './dns.ts'
import { isConverged, latestPlan, passProblems } from './pass.ts'
import { problemJson } from './problems.ts'
import { EMPTY_SUMMARY, summarise, type Summary } from './summary.ts'

/** A minor version only adds names; a reader should refuse a major version that it does not know. */
export const FORMAT_VERSION = '1.0'

export type ChangeJson = Pick<
  PlannedChange,
  'kind' | 'key' | 'action' | 'cause' | 'reason' | 'before' | 'after'
>

/** A fault in the file; positions count from 1. */
export interface ConfigError {
  readonly code: string
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What `plan -o json` prints. Consumers may rely on these names. */
export interface PlanDocument {
  readonly formatVersion: typeof FORMAT_VERSION
  /** False: the host could not be read whole, so that `hasChanges`, counts and lists say nothing. */
  readonly known: boolean
  readonly hasChanges: boolean
  readonly summary: Summary
  readonly changes: readonly ChangeJson[]
  readonly heldBack: readonly ChangeJson[]
  /** The A and AAAA that each name of each route should have. */
  readonly dns: readonly DnsJson[]
  /** What has a place in the file has `file`, `line` and `column`. */
  readonly errors: readonly (Problem | ConfigError)[]
}

/** What `reconcile -o json` and `teardown -o json` print. */
export interface ReconcileDocument extends PlanDocument {
  readonly applied: number
  readonly converged: boolean
  readonly remaining: readonly ChangeJson[]
}

/** The plan as one document; `errors` has the plan's own problems unless others are given. */
export function planDocument(
  plan: Plan,
  { source, routes }: Background = {},
  errors: readonly Problem[] = plan.problems,
): PlanDocument {
  return {
    formatVersion: FORMAT_VERSION,
    known: plan.known,
    hasChanges: plan.changes.length > 0,
    summary: summarise(plan),
    changes: plan.changes.map(changeJson),
    heldBack: plan.heldBack.map(changeJson),
    dns: dnsOf(routes),
    errors: errors.map((problem) => problemJson(problem, source)),
  }
}

/** The plan as it was before apply, and what a second look found. */
export function reconcileDocument(pass: PassReport, background: Background = {}): ReconcileDocument {
  return {
    ...planDocument(pass.plan, background, passProblems(pass)),
    known: pass.lockedBy === undefined && latestPlan(pass).known,
    applied: pass.applied.length,
    converged: isConverged(pass),
    remaining: latestPlan(pass).changes.map(changeJson),
  }
}

/** The same shape when there is no plan, because the file is wrong or the pass ended early. */
export function errorDocument(errors: readonly (Problem | ConfigError)[]): PlanDocument {
  const lists = { changes: [], heldBack: [], dns: [] }
  return {
    formatVersion: FORMAT_VERSION,
    known: false,
    hasChanges: false,
    summary: EMPTY_SUMMARY,
    ...lists,
    errors,
  }
}

/** The public part of a change: steps are the engine's own affair. Absent sides are null. */
export function changeJson(change: PlannedChange): ChangeJson {
  const { kind, key, action, cause, reason } = change
  return { kind, key, action, cause, reason, before: change.before ?? null, after: change.after ?? null }
}
