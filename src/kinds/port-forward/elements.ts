import type { Forward } from '../../model/types.ts'
import { formatPorts, PROTOCOL_NUMBER } from '../../net/port.ts'
import type { ElementSpec } from '../shared/elements.ts'

/**
 * The elements of one forward. A forward that keeps its ports is one element, however wide; one that shifts them is
 * an element a port, because nft cannot add an offset.
 */
export function forwardElements(forward: Forward): readonly ElementSpec[] {
  const listen = `${PROTOCOL_NUMBER[forward.protocol]} . ${formatPorts(forward.listen)}`
  const limits: ElementSpec[] = forward.from.map((source) => ({
    set: 'allowed4',
    element: `${nftCidr(source)} . ${listen}`,
  }))
  if (limits.length > 0) limits.unshift({ set: 'limited4', element: listen })
  return [...limits, ...translations(forward, listen)]
}

function translations(forward: Forward, listen: string): readonly ElementSpec[] {
  if (forward.listen.first === forward.to.first)
    return [{ set: 'ranges4', element: listen, data: forward.address }]
  const count = forward.listen.last - forward.listen.first + 1
  return Array.from({ length: count }, (_, offset) => ({
    set: 'forwards4' as const,
    element: `${PROTOCOL_NUMBER[forward.protocol]} . ${forward.listen.first + offset}`,
    data: `${forward.address} . ${forward.to.first + offset}`,
  }))
}

/** nft lists a whole address without its length. */
function nftCidr(cidr: string): string {
  return cidr.replace(/\/32$/, '')
}
