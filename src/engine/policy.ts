import type { PlannedChange } from './types.ts'

/** The guards of `policy:` in network.yaml. */
export interface Policy {
  readonly prune: 'own' | 'never'
  readonly maxDeletes?: number
}

/** Parts the changes into those that may run and those held back. Only deletes are ever held back. */
export function applyPolicy(
  changes: readonly PlannedChange[],
  policy: Policy,
): { readonly changes: readonly PlannedChange[]; readonly heldBack: readonly PlannedChange[] } {
  const deletes = changes.filter(({ action }) => action === 'delete')
  const tooMany = policy.maxDeletes !== undefined && deletes.length > policy.maxDeletes
  if (policy.prune === 'own' && !tooMany) return { changes, heldBack: [] }
  return { changes: changes.filter(({ action }) => action !== 'delete'), heldBack: deletes }
}
