import type { Netns, Probe, Replies, Reply, Topic } from '../../engine/types.ts'
import { linksOf } from '../../formats/ip-links.ts'
import type { Link } from '../../formats/ip-links.ts'
import { routesOf } from '../../formats/ip-routes.ts'
import type { RouteEntry } from '../../formats/ip-routes.ts'
import { parseJson, parsedOnce } from '../../formats/json.ts'
import { vethName } from '../../model/identity.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { containerTopic } from '../../runtimes/shared.ts'
import { locate, lookupProbe, networkProbe } from '../../runtimes/locate.ts'
import { SystemError } from '../../system/errors.ts'
import { linkNumbered } from './probes.ts'

/** What stands inside a container's network namespace. */
export interface Inside {
  /** Kernel settings of the container's interface, by their names (`accept_ra`); empty where there is no such interface. */
  readonly settings: Readonly<Record<string, string>>
  readonly links: readonly Link[]
  readonly routes: readonly RouteEntry[]
}

/** Settings of the container's own interface: no router advertisements, and a link-local address from its MAC. */
export const SETTINGS = { accept_ra: '0', addr_gen_mode: '0' } as const

/** Containers whose inside is slash64's to configure. */
export function insideContainers(model: Model): readonly Container[] {
  return model.containers.filter(({ runtime }) => runtime.type !== 'none')
}

export function runningContainers(world: World): readonly Container[] {
  return insideContainers(world.model).filter(
    ({ name }) => world.facts.containers.get(name)?.state === 'running',
  )
}

/** The word by which a container's network is entered. */
export function networkOf(container: Pick<Container, 'name'>, { facts }: World): Netns {
  return facts.containers.get(container.name)?.netns ?? container.name
}

/** The beginning of a command that people can run in a container's network: `ip -n blog`, `nsenter -t 1234 -n ip`. */
export function insideCommand(container: Container, world: World): string {
  const netns = networkOf(container, world)
  const pid = /^@(\d+)\//.exec(netns)?.[1]
  return pid === undefined ? `ip -n ${netns}` : `nsenter -t ${pid} -n ip`
}

/** The path below /proc/sys of a setting of the container's interface. */
export function settingPath({ runtime }: Container, setting: string): string {
  return `net/ipv6/conf/${runtime.interface}/${setting}`
}

const asked = new WeakMap<Replies, WeakMap<Model, readonly Probe[]>>()

/** Where the containers are, and what stands in them, as far as it is known what to ask; the same for every kind. */
export function insideProbes(model: Model, known: Replies): readonly Probe[] {
  const byModel = asked.get(known) ?? new WeakMap<Model, readonly Probe[]>()
  asked.set(known, byModel)
  const probes = byModel.get(model) ?? probesOf(model, known)
  byModel.set(model, probes)
  return probes
}

function probesOf(model: Model, known: Replies): readonly Probe[] {
  return insideContainers(model).flatMap((container) => {
    const lookup = lookupProbe(container, model)
    return [
      ...(lookup === undefined ? [] : [{ ...lookup, topics: lookupTopics(lookup, container, model, known) }]),
      ...[networkProbe(container, model, known), insideProbe(container, model, known)].flatMap(
        (probe) => probe ?? [],
      ),
    ]
  })
}

/** One that does not run may start with any link that comes; one that runs may end with its own. */
function lookupTopics(
  { topics = [] }: Probe,
  container: Container,
  model: Model,
  known: Replies,
): readonly Topic[] {
  const runs = locate(container, model, known)?.state === 'running'
  return runs ? [...topics, ...hostEndTopics(container, model, known)] : [...topics, 'link']
}

/** The host's end of the pair goes, loses its carrier or comes with what happens inside. */
function hostEndTopics(container: Container, model: Model, known: Replies): readonly Topic[] {
  const names = [vethName(container.runtime), hostEnd(known, container, model)?.name]
  return [...new Set(names)].flatMap((name): Topic[] => (name === undefined ? [] : [`link ${name}`]))
}

/**
 * Bytes: 100,000 routes. Whoever is root in the container can make more, and would keep us reading for as long as a program that
 * makes progress is waited for.
 */
const MOST_INSIDE = 16 * 1024 * 1024

/** One process for a container: settings, addresses, then the routes of both families (`table all`; 254 is main). */
export function insideProbe(container: Container, model: Model, known: Replies): Probe | undefined {
  const id = insideId(container, model, known)
  const place = locate(container, model, known)
  if (id === undefined || place?.state !== 'running') return undefined
  return {
    id,
    argv: ['ip', '-n', place.netns, '-N', '-j', '-d', '-batch', '-'],
    stdin: 'addr show\nroute show table all\n',
    settings: Object.keys(SETTINGS).map((setting) => settingPath(container, setting)),
    contained: true,
    deadline: 3_000,
    most: MOST_INSIDE,
    alike: true,
    inside: true,
    container: container.name,
    topics: [...startTopics(container, model), ...hostEndTopics(container, model, known)],
  }
}

/** A named namespace is not looked up: it is told when another one has its name. */
function startTopics(container: Container, model: Model): readonly Topic[] {
  const { runtime } = container
  return runtime.type === 'netns' ? [containerTopic(runtime)] : (lookupProbe(container, model)?.topics ?? [])
}

/** A container that was started again has another network: what was read of the last one says nothing of it. */
function insideId(container: Container, model: Model, known: Replies): string | undefined {
  const place = locate(container, model, known)
  if (place?.state !== 'running') return undefined
  return place.inode === undefined ? `inside ${container.name}` : `inside ${container.name} ${place.netns}`
}

/** The reply of its inside; undefined where it does not run, or was not read. */
export function insideReply(replies: Replies, container: Container, model: Model): Reply | undefined {
  const id = insideId(container, model, replies)
  return id === undefined ? undefined : replies.get(id)
}

/** The inside; undefined when the container is not running or could not be read. */
export function inside(replies: Replies, container: Container, model: Model): Inside | undefined {
  const found = readInside(replies, container, model)
  return found instanceof SystemError ? undefined : found
}

/** Why the inside of a running container says nothing that can be understood; no other container is the worse for it. */
export function insideFault(replies: Replies, container: Container, model: Model): SystemError | undefined {
  const found = readInside(replies, container, model)
  return found instanceof SystemError ? found : undefined
}

function readInside(replies: Replies, container: Container, model: Model): Inside | SystemError | undefined {
  const reply = insideReply(replies, container, model)
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
  const lines = text.split('\n')
  const names = Object.keys(SETTINGS)
  const [addresses, routes] = lines.slice(names.length).filter((line) => line.trim() !== '')
  if (addresses === undefined || routes === undefined) {
    throw new SystemError({ code: 'garbled', subject: 'ip -n', detail: 'expected addresses and routes' })
  }
  return {
    settings: Object.fromEntries(names.map((name, at) => [name, lines[at] ?? ''])),
    links: linksOf(parseJson(addresses, 'ip -n')),
    routes: routesOf(parseJson(routes, 'ip -n')).filter(({ table }) => table === '254'),
  }
}

/** The container's interface, whoever made it. */
export function innerLink(replies: Replies, container: Container, model: Model): Link | undefined {
  return inside(replies, container, model)?.links.find(({ name }) => name === container.runtime.interface)
}

/** The host's end of the pair whose other end is the container's interface: each knows the other's index. */
export function hostEnd(replies: Replies, container: Container, model: Model): Link | undefined {
  const inner = innerLink(replies, container, model)
  if (inner?.peerIndex === undefined || inner.type !== 'veth' || !inner.peerElsewhere) return undefined
  const outer = linkNumbered(replies, inner.peerIndex)
  const isPaired = outer?.type === 'veth' && outer.peerElsewhere && outer.peerIndex === inner.index
  return isPaired ? outer : undefined
}

/** The container's interface when it is the other end of the pair that we made. */
export function ourInnerLink(replies: Replies, container: Container, model: Model): Link | undefined {
  const isOurs = hostEnd(replies, container, model)?.name === vethName(container.runtime)
  return isOurs ? innerLink(replies, container, model) : undefined
}
