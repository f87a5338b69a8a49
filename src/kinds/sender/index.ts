import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'
import { standingContainers } from '../shared/standing.ts'
import type { Container } from '../../model/types.ts'

/** Who may send what: each container from its own addresses, through its own bridge. */
export const sender = defineElementKind({
  name: 'sender',
  sets: ['senders4', 'senders6'],
  deletes: 'early',
  protects: true,
  keeps: ({ element }, { facts }) => facts.takenNetworks.has(element.split(' ')[0] ?? ''),
  desired: (world) => (world.model.firewall.antiSpoof ? standingContainers(world).flatMap(senders) : []),
})

function senders({ network, ipv4, ipv6 }: Container): readonly ElementSpec[] {
  return [
    ...(ipv4 === undefined ? [] : [{ set: 'senders4' as const, element: `${network} . ${ipv4}` }]),
    ...(ipv6 === undefined ? [] : [{ set: 'senders6' as const, element: `${network} . ${ipv6}` }]),
  ]
}
