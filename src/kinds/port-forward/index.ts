import type { Change, Step } from '../../engine/types.ts'
import type { World } from '../../model/world.ts'
import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'
import { revocation } from './connections.ts'
import { forwardElements } from './elements.ts'

/** Port forwards from the public IPv4, with the connections that a removed or retargeted one made. */
export const portForward = defineElementKind({
  name: 'port-forward',
  sets: ['forwards4', 'ranges4', 'limited4', 'allowed4'],
  deletes: 'early',
  desired: ({ model }) => model.nat.forwards.flatMap(forwardElements),
  aftermath: (change: Change<ElementSpec>, world: World): readonly Step[] => revocation(change, world),
})
