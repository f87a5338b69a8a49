import type { Counter, Registry } from 'prom-client'
import type { Action, PassReport, PlannedChange } from '../../engine/types.ts'
import { makeCounter } from './make.ts'

export const ACTIONS: readonly Action[] = ['create', 'update', 'delete']
export const OUTCOMES = ['ok', 'failed'] as const

export interface ChangeLabels {
  readonly kind: string
  readonly action: Action
  readonly result: (typeof OUTCOMES)[number]
}

/** Every set of labels that changes are counted under. */
export function changeLabels(kinds: readonly string[]): readonly ChangeLabels[] {
  return kinds.flatMap((kind) =>
    ACTIONS.flatMap((action) => OUTCOMES.map((result) => ({ kind, action, result }))),
  )
}

/** The counter of changes, from the start with every set of labels; `begin` is what each starts from. */
export function changesCounter(
  registry: Registry,
  kinds: readonly string[],
  begin: (labels: ChangeLabels) => number = () => 0,
): Counter<'kind' | 'action' | 'result'> {
  const total = makeCounter('changes_total', registry)
  for (const labels of changeLabels(kinds)) total.inc({ ...labels }, begin(labels))
  return total
}

/** Adds what one pass did, and what it could not do. */
export function countChanges(total: Counter<'kind' | 'action' | 'result'>, pass: PassReport): void {
  for (const { kind, action } of pass.applied) total.inc({ kind, action, result: 'ok' })
  // Not by the resources that the problems name: many problems of one cause are folded into one.
  for (const { kind, action } of pass.failedChanges ?? []) total.inc({ kind, action, result: 'failed' })
}

/** What a change is about, whatever else is known about it. */
export function identity({ kind, key, action }: PlannedChange): string {
  return `${action} ${kind} ${key}`
}
