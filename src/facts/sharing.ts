import { problemOfError } from '../engine/problems.ts'
import type { Problem, Replies } from '../engine/types.ts'
import { insideContainers } from '../kinds/shared/inside.ts'
import type { Container, Model } from '../model/types.ts'
import type { Places, World } from '../model/world.ts'
import { locate, lookupProbe } from '../runtimes/locate.ts'

/** Whose network a running container shares, so that it can be given nothing of its own: `the host`, or a container's name. */
export function sharing(
  container: Container,
  model: Model,
  replies: Replies,
  { network }: Places,
): string | undefined {
  const inode = inodeOf(container, model, replies)
  if (inode === undefined) return undefined
  if (inode === network) return 'the host'
  const other = byInode(model, replies)
    .get(inode)
    ?.find((name) => name !== container.name)
  return other && `container ${other}`
}

function inodeOf(container: Container, model: Model, replies: Replies): string | undefined {
  const place = locate(container, model, replies)
  return place?.state === 'running' ? place.inode : undefined
}

const indexes = new WeakMap<Replies, ReadonlyMap<string, readonly string[]>>()

function byInode(model: Model, replies: Replies): ReadonlyMap<string, readonly string[]> {
  const index = indexes.get(replies) ?? indexed(model, replies)
  indexes.set(replies, index)
  return index
}

function indexed(model: Model, replies: Replies): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>()
  for (const container of insideContainers(model)) {
    const inode = inodeOf(container, model, replies)
    if (inode !== undefined) index.set(inode, [...(index.get(inode) ?? []), container.name])
  }
  return index
}

/** Containers of which the runtime says nothing that helps. */
export function lookupProblems({ model, places }: World, replies: Replies): readonly Problem[] {
  return insideContainers(model).flatMap((container) => {
    const shared = sharing(container, model, replies, places)
    if (shared !== undefined) return [sharedProblem(container, shared)]
    const place = locate(container, model, replies)
    if (place?.state !== 'unknown' || isTold(container, model, replies)) return []
    const { code, message, hint = '' } = problemOfError(place.error, 'observe')
    return [{ code, message: `container ${container.name}: ${message}`, hint }]
  })
}

/** A read that failed as a whole is told once, and not for each container. */
function isTold(container: Container, model: Model, replies: Replies): boolean {
  const reply = replies.get(lookupProbe(container, model)?.id ?? '')
  return reply !== undefined && 'error' in reply
}

function sharedProblem({ name }: Container, shared: string): Problem {
  return {
    code: 'S64-F006',
    message: `container ${name} shares the network of ${shared}: it cannot have addresses of its own`,
    hint: 'start it with a network of its own (Podman, Docker: --network none; LXC: lxc.net.0.type = empty); or take it out of network.yaml, or write runtime: none',
  }
}
