import type { Change, ForwardedStep, Step } from '../../engine/types.ts'
import type { Forward, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { publicIpv4 } from '../shared/public-ipv4.ts'
import { parsePorts, PROTOCOL_NUMBER } from '../../net/port.ts'
import type { Protocol } from '../../net/port.ts'
import type { ElementSpec } from '../shared/elements.ts'

interface Listen {
  readonly protocol: Protocol
  readonly first: number
  readonly last: number
}

/**
 * Taking an element away does not end the connections that it made (field notes T35): their tracking entries are
 * deleted, and no others. A new UDP forward ends the flows of its port that were tracked untranslated before, which
 * would never be translated as long as they last.
 */
export function revocation(change: Change<ElementSpec>, world: World): readonly Step[] {
  const { model } = world
  const spec = change.action === 'create' ? change.after : change.before
  const listen = listenOf(spec)
  if (listen === undefined) return []
  switch (spec.set) {
    case 'forwards4':
    case 'ranges4':
      return translationChanged(change, listen, world)
    case 'limited4':
      return change.action === 'create' ? sourcesLimited(listen, model) : []
    case 'allowed4':
      return change.action === 'delete' ? sourcesLimited(listen, model) : []
    default:
      return []
  }
}

function translationChanged(change: Change<ElementSpec>, listen: Listen, world: World): readonly Step[] {
  if (change.action !== 'create') return [{ tool: 'conntrack', ...listen, backend: backendOf(change.before) }]
  return listen.protocol === 'udp'
    ? [{ tool: 'conntrack', ...listen, backend: undefined, destinations: publicIpv4(world) }]
    : []
}

/** The connections of sources that `from` does not let in any more. */
function sourcesLimited(listen: Listen, model: Model): readonly ForwardedStep[] {
  const forward = model.nat.forwards.find((candidate) => covers(candidate, listen))
  if (forward === undefined || forward.from.length === 0) return []
  return [{ tool: 'conntrack', ...listen, backend: forward.address, except: forward.from }]
}

function covers({ protocol, listen }: Forward, { protocol: other, first, last }: Listen): boolean {
  return protocol === other && listen.first === first && listen.last === last
}

function backendOf({ data }: ElementSpec): string | undefined {
  return data?.split(' . ')[0]
}

/** The last two parts of an element: `17 . 8000-8010`. Undefined for what we would not have written. */
function listenOf({ element }: ElementSpec): Listen | undefined {
  const [ports = '', number = ''] = element.split(' . ').toReversed()
  const range = parsePorts(ports)
  const protocol = (['tcp', 'udp'] as const).find((name) => `${PROTOCOL_NUMBER[name]}` === number)
  return range && protocol && { protocol, ...range }
}
