import type { PlannedChange } from './types.ts'

/** The guards of `policy:` in network.yaml. */
export interface Policy {
  readonly prune: 'own' | 'never'
  readonly maxDeletes?: number
}

/** Parts the changes into those that may run and those held back. Only deletes of what left the file are held back. */
export function applyPolicy(
  changes: readonly PlannedChange[],
  policy: Policy,
): { readonly changes: readonly PlannedChange[]; readonly heldBack: readonly PlannedChange[] } {
  const deletes = changes.filter(isPrune)
  const counted = deletes.filter(({ accompanies }) => accompanies !== true).length
  const tooMany = policy.maxDeletes !== undefined && counted > policy.maxDeletes
  if (policy.prune === 'own' && !tooMany) return { changes, heldBack: [] }
  return { changes: changes.filter((change) => !isPrune(change)), heldBack: deletes }
}

function isPrune({ action, withdrawn }: PlannedChange): boolean {
  return action === 'delete' && withdrawn !== true
}
