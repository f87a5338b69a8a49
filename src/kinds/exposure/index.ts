import type { Container } from '../../model/types.ts'
import { formatPorts, PROTOCOL_NUMBER } from '../../net/port.ts'
import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'

/** What the internet reaches on a container's own IPv6; everything else is dropped. */
export const exposure = defineElementKind({
  name: 'exposure',
  sets: ['exposed6', 'open6'],
  deletes: 'early',
  desired: ({ model }) => model.containers.flatMap(exposed),
})

function exposed({ ipv6, expose }: Container): readonly ElementSpec[] {
  if (ipv6 === undefined) return []
  if (expose === 'all') return [{ set: 'open6', element: ipv6 }]
  return expose.map((range) => ({
    set: 'exposed6' as const,
    element: `${ipv6} . ${PROTOCOL_NUMBER[range.protocol]} . ${formatPorts(range)}`,
  }))
}
