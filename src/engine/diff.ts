import type { Change, Resource } from './types.ts'

/**
 * What makes the owned resources the desired ones. Creates and updates keep the order of `desired`, deletes follow
 * in the order of `owned`.
 *
 *     desired  owned
 *        x       -     create
 *        x       x     update, unless `same`
 *        -       x     delete
 */
export function diff<Spec>(
  desired: readonly Resource<Spec>[],
  owned: readonly Resource<Spec>[],
  same: (before: Spec, after: Spec) => boolean,
): readonly Change<Spec>[] {
  const before = new Map(owned.map(({ key, spec }) => [key, spec]))
  const wanted = new Set(desired.map(({ key }) => key))
  const changes: Change<Spec>[] = []
  for (const { key, spec } of desired) {
    const found = before.get(key)
    if (found === undefined) changes.push({ key, action: 'create', after: spec })
    else if (!same(found, spec)) changes.push({ key, action: 'update', before: found, after: spec })
  }
  for (const { key, spec } of owned) {
    if (!wanted.has(key)) changes.push({ key, action: 'delete', before: spec })
  }
  return changes
}
