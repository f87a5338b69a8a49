import { describe, expect, it } from 'vitest'
import { applyPolicy } from '../../src/engine/policy.ts'
import type { PlannedChange } from '../../src/engine/types.ts'

function change(key: string, more: Partial<PlannedChange> = {}): PlannedChange {
  const common = { cause: 'prune', reason: '', before: {}, after: null, needs: [], steps: [] } as const
  return { kind: 'thing', key, action: 'delete', ...common, ...more }
}

describe('maxDeletes', () => {
  const create = change('new', { action: 'create' })
  const [one, two] = [change('one'), change('two')]
  const along = change('along', { accompanies: true })
  const withdrawn = change('withdrawn', { withdrawn: true })

  it('counts what left the file, and not what only goes along with it', () => {
    const all = [create, one, along, withdrawn]
    expect(applyPolicy(all, { prune: 'own', maxDeletes: 1 })).toEqual({ changes: all, heldBack: [] })
  })

  it('holds that back too, once there are too many', () => {
    const { changes, heldBack } = applyPolicy([create, one, along, two, withdrawn], {
      prune: 'own',
      maxDeletes: 1,
    })
    expect(changes).toEqual([create, withdrawn])
    expect(heldBack).toEqual([one, along, two])
  })
})
