import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'
import type { Model } from '../../model/types.ts'

/** Who may send what: each container from its own addresses, through its own bridge. */
export const sender = defineElementKind({
  name: 'sender',
  sets: ['senders4', 'senders6'],
  deletes: 'early',
  desired: ({ model }) => (model.firewall.antiSpoof ? senders(model) : []),
})

function senders(model: Model): readonly ElementSpec[] {
  return model.containers.flatMap(({ network, ipv4, ipv6 }) => [
    ...(ipv4 === undefined ? [] : [{ set: 'senders4' as const, element: `${network} . ${ipv4}` }]),
    ...(ipv6 === undefined ? [] : [{ set: 'senders6' as const, element: `${network} . ${ipv6}` }]),
  ])
}
