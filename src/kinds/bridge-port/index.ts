import { reference } from '../../engine/types.ts'
import { defineElementKind } from '../shared/elements.ts'
import { guardedPort } from '../shared/attachment.ts'
import { standingContainers } from '../shared/standing.ts'
import { isPerhaps, isTaken, portMap } from '../shared/ports.ts'
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
  accompanies: true,
  keeps: ({ element }, world) => isTaken(element, world) || isPerhaps(element, world),
  guards: ({ element }) => [reference('veth', element)],
  followsHost: true,
  desired: (world) => portNames(world).map((element) => ({ set: 'ports', element })),
  withdrawal: ({ element }, world) =>
    portMap(world).bridges.has(element) ? undefined : `nothing is plugged in by the name ${element}`,
})

/** Without those that go in this pass, for they are guarded until then; where pairs are never taken away, none goes. */
function portNames(world: World): readonly string[] {
  const { bridges, leaving } = portMap(world)
  const known = standingContainers(world).flatMap((container) => guardedPort(container, world) ?? [])
  const stays = (name: string): boolean => world.model.policy.prune === 'never' || !leaving.has(name)
  const plugged = [...bridges.keys()].filter((name) => !isTaken(name, world) && stays(name))
  return [...new Set([...known, ...plugged])]
}
