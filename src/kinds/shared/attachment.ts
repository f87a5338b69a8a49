import type { Replies } from '../../engine/types.ts'
import type { Link } from '../../formats/ip-links.ts'
import { ALIAS_PREFIX, MARK, vethName } from '../../model/identity.ts'
import type { Container, Model } from '../../model/types.ts'
import type { Attachment, World } from '../../model/world.ts'
import { hostEnd, innerLink } from './inside.ts'

/** What a container's own interface is, and whether it can be used. */
export function attachmentOf(replies: Replies, container: Container, model: Model): Attachment {
  const inner = innerLink(replies, container, model)
  if (inner === undefined) return { type: 'none' }
  const outer = hostEnd(replies, container, model)
  if (outer?.name === vethName(container.runtime)) return { type: 'ours' }
  // A named namespace has no runtime that could have made it.
  if (container.runtime.type === 'netns') return strange(inner, 'that slash64 did not make')
  if (outer === undefined)
    return strange(inner, `(${inner.type ?? 'device'}) whose other end is not on this host`)
  // Only by a wrong process, or one name for two containers, does one find what was made for another.
  if (outer.alias.startsWith(ALIAS_PREFIX))
    return strange(inner, `that slash64 made for another (${outer.name})`)
  const other = ownerOf(inner, container, model)
  if (other !== undefined) return strange(inner, `that is connected already, as that of container ${other}`)
  if (outer.master === undefined || outer.master === container.network)
    return { type: 'port', port: outer.name }
  return strange(inner, `on ${outer.master} (port ${outer.name}), not on ${container.network}`)
}

/** Another container whose address of ours is on the interface. Only who is told a process can be wrong about whose it is. */
function ownerOf(
  { addresses }: Link,
  { name, runtime }: Container,
  { containers }: Model,
): string | undefined {
  if (runtime.process === undefined) return undefined
  const ours = new Set(addresses.filter(({ metric }) => metric === MARK).map(({ address }) => address))
  const has = (address: string | undefined): boolean => address !== undefined && ours.has(address)
  return containers.find((other) => other.name !== name && (has(other.ipv4) || has(other.ipv6)))?.name
}

function strange({ name }: Link, what: string): Attachment {
  return { type: 'elsewhere', what: `an interface ${name} ${what}` }
}

/** The host's end of the container's pair: the port of the bridge behind which it is; undefined where there is none. */
export function portOf({ name, runtime }: Container, { facts }: World): string | undefined {
  const attachment = facts.containers.get(name)?.attachment
  if (attachment?.type === 'port') return attachment.port
  return attachment?.type === 'ours' ? vethName(runtime) : undefined
}

/** The container's interface where it is ours to configure. */
export function usableLink(replies: Replies, container: Container, world: World): Link | undefined {
  return portOf(container, world) === undefined ? undefined : innerLink(replies, container, world.model)
}

/**
 * The port behind which the container is, or will be when its pair is made; undefined where nobody can tell now, which takes
 * nothing away from it (kinds/shared/ports.ts).
 */
export function guardedPort({ name, runtime }: Container, { facts }: World): string | undefined {
  const { state, attachment } = facts.containers.get(name) ?? {}
  if (runtime.type === 'none' || state === 'unknown') return undefined
  return attachment?.type === 'port' ? attachment.port : vethName(runtime)
}

/** Whether we make, or have made, the pair; it is made where there is none. */
export function isOurPair({ name }: Container, { facts }: World): boolean {
  const type = facts.containers.get(name)?.attachment?.type
  return type === 'none' || type === 'ours'
}
