import { directPorts } from '../../model/reverse-proxy.ts'
import type { DirectPort } from '../../model/reverse-proxy.ts'
import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'

/** Ports 80 and 443 of a container's own IPv6 that lead elsewhere: to another port of it, or to the redirect. */
export const directPort = defineElementKind({
  name: 'direct-port',
  sets: ['direct6'],
  deletes: 'early',
  desired: ({ model }) => directPorts(model).flatMap(translation),
})

function translation({ address, port, to }: DirectPort): readonly ElementSpec[] {
  if (to.kind === 'same') return []
  const data = to.kind === 'other' ? `${address} . ${to.port}` : `${to.address} . 80`
  return [{ set: 'direct6', element: `${address} . ${port}`, data }]
}
