import { reference } from '../../engine/types.ts'
import { defineElementKind } from '../shared/elements.ts'
import { standingNetworks } from '../shared/standing.ts'

/**
 * The bridges that the firewall guards. Withdrawn last of all: a bridge without it would stand open. One that was ours and
 * lost its marks, or was made anew by somebody, may hold our containers still: it stays guarded.
 */
export const guardedInterface = defineElementKind({
  name: 'guarded-interface',
  sets: ['bridges'],
  deletes: 'late',
  protects: true,
  keeps: ({ element }, { facts }) => facts.takenNetworks.has(element),
  guards: ({ element }) => [reference('bridge', element)],
  desired: (world) => standingNetworks(world).map(({ name }) => ({ set: 'bridges', element: name })),
})
