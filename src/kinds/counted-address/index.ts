import { countedContainers, DIRECTIONS, trafficCounter } from '../../model/traffic.ts'
import type { Container } from '../../model/types.ts'
import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'

/** Which counter a packet goes to: by the container's address, both families into the same one. */
export const countedAddress = defineElementKind({
  name: 'counted-address',
  sets: ['receive4', 'receive6', 'transmit4', 'transmit6'],
  deletes: 'early',
  desired: ({ model }) => countedContainers(model).flatMap(counted),
})

function counted({ name, ipv4, ipv6 }: Container): readonly ElementSpec[] {
  return DIRECTIONS.flatMap((direction) => {
    const data = trafficCounter(name, direction)
    return [
      ...(ipv4 === undefined ? [] : [{ set: `${direction}4` as const, element: ipv4, data }]),
      ...(ipv6 === undefined ? [] : [{ set: `${direction}6` as const, element: ipv6, data }]),
    ]
  })
}
