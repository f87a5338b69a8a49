import type { Probe, Replies } from '../../engine/types.ts'
import { linksOf } from '../../formats/ip-links.ts'
import type { Link } from '../../formats/ip-links.ts'
import { routesOf } from '../../formats/ip-routes.ts'
import type { RouteEntry } from '../../formats/ip-routes.ts'
import { parseJson, parsedOnce } from '../../formats/json.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { SystemError } from '../../system/errors.ts'
import { linkNamed } from './probes.ts'
import { vethName } from '../../model/identity.ts'

/** What stands inside a container's network namespace. */
export interface Inside {
  readonly links: readonly Link[]
  readonly routes: readonly RouteEntry[]
}

/** Containers whose inside is slash64's to configure. */
export function insideContainers(model: Model): readonly Container[] {
  return model.containers.filter(({ runtime }) => runtime.type === 'netns')
}

export function runningContainers(world: World): readonly Container[] {
  return insideContainers(world.model).filter(
    ({ name }) => world.facts.containers.get(name)?.state === 'running',
  )
}

/** One process for a container: addresses, then the routes of both families (`table all`; 254 is main). */
export function insideProbe(container: Container): Probe {
  return {
    id: `inside ${container.name}`,
    argv: ['ip', '-n', container.runtime.name, '-N', '-j', '-d', '-batch', '-'],
    stdin: 'addr show\nroute show table all\n',
    contained: true,
    deadline: 3_000,
    // The host's end of the pair goes, loses its carrier or comes with what happens inside.
    topics: [`link ${vethName(container.runtime)}`],
  }
}

export function insideProbes(model: Model): readonly Probe[] {
  return insideContainers(model).map(insideProbe)
}

/** The inside; undefined when the container is not running or could not be read. */
export function inside(replies: Replies, container: Container): Inside | undefined {
  const found = readInside(replies, container)
  return found instanceof SystemError ? undefined : found
}

/** Why the inside of a running container says nothing that can be understood; no other container is the worse for it. */
export function insideFault(replies: Replies, container: Container): SystemError | undefined {
  const found = readInside(replies, container)
  return found instanceof SystemError ? found : undefined
}

function readInside(replies: Replies, container: Container): Inside | SystemError | undefined {
  const reply = replies.get(insideProbe(container).id)
  return reply && parsedOnce(reply, tryParseInside)
}

function tryParseInside(text: string): Inside | SystemError {
  try {
    return parseInside(text)
  } catch (error) {
    if (error instanceof SystemError) return error
    throw error
  }
}

function parseInside(text: string): Inside {
  const documents = text.split('\n').filter((line) => line.trim() !== '')
  const [addresses, routes] = documents
  if (addresses === undefined || routes === undefined) {
    throw new SystemError({ code: 'garbled', subject: 'ip -n', detail: 'expected addresses and routes' })
  }
  return {
    links: linksOf(parseJson(addresses, 'ip -n')),
    routes: routesOf(parseJson(routes, 'ip -n')).filter(({ table }) => table === '254'),
  }
}

/** The host's end of the container's veth pair, if it stands. */
export function hostEnd(replies: Replies, container: Container): Link | undefined {
  return linkNamed(replies, vethName(container.runtime))
}

/** The container's interface, whoever made it. */
export function innerLink(replies: Replies, container: Container): Link | undefined {
  return inside(replies, container)?.links.find(({ name }) => name === container.runtime.interface)
}

/** The container's interface when it is the other end of our veth pair: each knows the other's index. */
export function ourInnerLink(replies: Replies, container: Container): Link | undefined {
  const outer = hostEnd(replies, container)
  const inner = innerLink(replies, container)
  const paired = outer?.peerIndex === inner?.index && inner?.peerIndex === outer?.index
  return inner && outer && outer.type === 'veth' && paired ? inner : undefined
}
