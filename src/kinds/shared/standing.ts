import type { Container, Network } from '../../model/types.ts'
import type { World } from '../../model/world.ts'

/** Networks whose bridge is ours, or can be. What bears another's name must not be guarded, or it is cut off. */
export function standingNetworks({ model, facts }: World): readonly Network[] {
  return model.networks.filter(({ name }) => !facts.takenNetworks.has(name))
}

export function standingContainers({ model, facts }: World): readonly Container[] {
  return model.containers.filter(({ network }) => !facts.takenNetworks.has(network))
}
