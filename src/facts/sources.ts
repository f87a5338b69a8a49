import type { Problem, Replies } from '../engine/types.ts'
import { usableLink } from '../kinds/shared/attachment.ts'
import { insideCommand, runningContainers } from '../kinds/shared/inside.ts'
import { MARK } from '../model/identity.ts'
import type { Container } from '../model/types.ts'
import type { World } from '../model/world.ts'
import { cidrContains } from '../net/address.ts'

/**
 * IPv4 addresses that somebody else put on a container's interface before ours, as a DHCP client does: of those in the subnet of
 * the gateway, the kernel sends from the first.
 */
export function foreignSources(world: World, replies: Replies): readonly Problem[] {
  return runningContainers(world).flatMap((container) => foreignSource(container, world, replies) ?? [])
}

function foreignSource(container: Container, world: World, replies: Replies): Problem | undefined {
  const { name, ipv4 } = container
  const gateway = world.model.networks.find((network) => network.name === container.network)?.ipv4?.gateway
  const link = usableLink(replies, container, world)
  if (ipv4 === undefined || gateway === undefined || link === undefined) return undefined
  const first = link.addresses.find(
    ({ address, length, family }) => family === 4 && cidrContains(`${address}/${length}`, gateway),
  )
  // One of ours that the file has left goes with this pass.
  if (first === undefined || first.address === ipv4 || first.metric === MARK) return undefined
  const remove = `${insideCommand(container, world)} addr delete ${first.address}/${first.length} dev ${link.name}`
  return {
    code: 'S64-F007',
    message: `container ${name} sends from ${first.address}, which slash64 did not put on its ${link.name}, and not from ${ipv4}`,
    hint: `remove it (${remove}), and what put it there (a DHCP client); or leave the inside alone (runtime: none)`,
  }
}
