import { defineElementKind } from '../shared/elements.ts'
import { isTaken, portMap } from '../shared/ports.ts'
import type { World } from '../../model/world.ts'

/**
 * The ports of our bridges, whoever plugged them in, and those that will be: what comes in by them is looked at. One that is
 * missing here could send what it likes to the host, though not to the others.
 */
export const bridgePort = defineElementKind({
  name: 'bridge-port',
  sets: ['ports'],
  deletes: 'late',
  protects: true,
  keeps: ({ element }, world) => isTaken(element, world),
  desired: (world) => portNames(world).map((element) => ({ set: 'ports', element })),
})

function portNames(world: World): readonly string[] {
  const { known, bridges } = portMap(world)
  const plugged = [...bridges.keys()].filter((name) => !isTaken(name, world))
  return [...new Set([...known, ...plugged])]
}
