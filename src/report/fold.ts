import type { Action, PlannedChange } from '../engine/types.ts'

/** Stands for all further changes of one kind and action. */
export interface Fold {
  readonly kind: string
  readonly action: Action
  readonly more: number
}

export type FoldedChange = { readonly change: PlannedChange } | { readonly fold: Fold }

const FOLD_ABOVE = 200
const SHOWN = 20

/**
 * The changes in their order; of more than 200 with the same kind and action, the first 20 stay and a fold follows
 * them that counts the others.
 */
export function foldChanges(changes: readonly PlannedChange[]): readonly FoldedChange[] {
  const totals = new Map<string, number>()
  for (const change of changes) totals.set(group(change), (totals.get(group(change)) ?? 0) + 1)
  const seen = new Map<string, number>()
  return changes.flatMap((change) => {
    const nth = (seen.get(group(change)) ?? 0) + 1
    seen.set(group(change), nth)
    return foldNth(change, nth, totals.get(group(change)) ?? 0)
  })
}

function foldNth(change: PlannedChange, nth: number, total: number): readonly FoldedChange[] {
  if (total <= FOLD_ABOVE || nth < SHOWN) return [{ change }]
  if (nth > SHOWN) return []
  return [{ change }, { fold: { kind: change.kind, action: change.action, more: total - SHOWN } }]
}

function group(change: PlannedChange): string {
  return `${change.action} ${change.kind}`
}
