import type { Replies } from '../../engine/types.ts'
import { nftTable } from '../../kinds/shared/tables.ts'
import { forwardElements } from '../../kinds/port-forward/elements.ts'
import type { Forward, Model } from '../../model/types.ts'

/** Whether the forward stands already, or was accepted before: then it takes nothing from anybody that it has not by now. */
export function isStandingForward(forward: Forward, replies: Replies, before: Model | undefined): boolean {
  const { protocol, listen } = forward
  const wasThere = before?.nat.forwards.some(
    (other) =>
      other.protocol === protocol && other.listen.first <= listen.first && listen.last <= other.listen.last,
  )
  if (wasThere === true) return true
  const sets = nftTable(replies)?.sets ?? []
  const maps = forwardElements(forward).filter(({ set }) => set === 'ranges4' || set === 'forwards4')
  return maps.every(({ set, element }) =>
    sets.some(({ name, elements }) => name === set && elements.some(({ key }) => key === element)),
  )
}
