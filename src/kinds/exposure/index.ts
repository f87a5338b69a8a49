import { directPorts } from '../../model/reverse-proxy.ts'
import type { Container } from '../../model/types.ts'
import { mergePortRanges } from '../../net/port-ranges.ts'
import { formatPorts, PROTOCOL_NUMBER } from '../../net/port.ts'
import type { PortRange } from '../../net/port.ts'
import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'

/** What the internet reaches on a container's own IPv6; everything else is dropped. */
export const exposure = defineElementKind({
  name: 'exposure',
  sets: ['exposed6', 'open6'],
  deletes: 'early',
  desired: ({ model }) => {
    const direct = directPorts(model).filter(({ to }) => to.kind === 'same')
    return model.containers.flatMap((container) => {
      const own = direct.filter(({ address }) => address === container.ipv6)
      return exposed(container, own.map(tcpPort))
    })
  },
})

/** `direct`: what the container's routes open beside `expose`. */
function exposed({ ipv6, expose }: Container, direct: readonly PortRange[]): readonly ElementSpec[] {
  if (ipv6 === undefined) return []
  if (expose === 'all') return [{ set: 'open6', element: ipv6 }]
  return mergePortRanges([...expose, ...direct]).map((range) => ({
    set: 'exposed6' as const,
    element: `${ipv6} . ${PROTOCOL_NUMBER[range.protocol]} . ${formatPorts(range)}`,
  }))
}

function tcpPort({ port }: { readonly port: number }): PortRange {
  return { protocol: 'tcp', first: port, last: port }
}
