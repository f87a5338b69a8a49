import type { Replies } from '../engine/types.ts'
import { insideContainers } from '../kinds/shared/inside.ts'
import type { Container, Model } from '../model/types.ts'
import type { Places } from '../model/world.ts'
import { locate } from '../runtimes/locate.ts'

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
