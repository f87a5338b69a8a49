import type { Problem, Replies } from '../engine/types.ts'
import type { Link } from '../formats/ip-links.ts'
import { isOurs } from '../kinds/shared/is-ours.ts'
import { links, routes } from '../kinds/shared/probes.ts'
import { MARK_TEXT, vethName } from '../model/identity.ts'
import type { Container, Forward, Model } from '../model/types.ts'
import { ACCEPTED_BEFORE, acceptedModel, isAcceptedFile } from './accepted.ts'

/** What a file may take away without a word: so many, or that part of what there was, whichever is more. */
const FEW = 3
const PART = 0.3

/** How much of what was accepted before a file takes away. */
export interface Removals {
  /** Containers, forwards and routes. */
  readonly before: number
  readonly removed: number
  /** No container is left. */
  readonly empties: boolean
}

const NONE: Removals = { before: 0, removed: 0, empties: false }

/** What is known of it, by what was accepted last; where that is lost, by what stands on the host. */
export function removalsOf(model: Model, replies: Replies): Removals {
  if (isAcceptedFile(model, replies)) return NONE
  const before = acceptedModel(replies, ACCEPTED_BEFORE.id)
  return before === undefined ? standing(model, replies) : difference(model, before)
}

function difference(model: Model, before: Model): Removals {
  const containers = gone(before.containers, (one) => isLeft(one, model))
  const forwards = gone(before.nat.forwards, (one) => model.nat.forwards.some((other) => isSame(one, other)))
  const hosts = new Set(model.routes.flatMap((route) => route.hosts))
  const routesGone = gone(before.routes, (route) => route.hosts.some((host) => hosts.has(host)))
  return {
    before: before.containers.length + before.nat.forwards.length + before.routes.length,
    removed: containers + forwards + routesGone,
    empties: before.containers.length > 0 && model.containers.length === 0,
  }
}

function gone<T>(all: readonly T[], isThere: (one: T) => boolean): number {
  return all.filter((one) => !isThere(one)).length
}

const indexes = new WeakMap<Model, ReadonlySet<string>>()

/** By its name or one of its addresses: who renames a container removes none. */
function isLeft(container: Container, model: Model): boolean {
  const known = indexes.get(model) ?? new Set(model.containers.flatMap(wordsOf))
  indexes.set(model, known)
  return wordsOf(container).some((word) => known.has(word))
}

function wordsOf({ name, ipv4, ipv6 }: Container): readonly string[] {
  return [`name ${name}`, ...[ipv4, ipv6].flatMap((address) => address ?? [])]
}

function isSame(one: Forward, other: Forward): boolean {
  return (
    one.protocol === other.protocol &&
    one.listen.first <= other.listen.last &&
    other.listen.first <= one.listen.last
  )
}

/**
 * Of containers it is known by their routes and pairs, of those that others plug into our bridges by their ports; of
 * forwards and routes nothing is.
 */
function standing(model: Model, replies: Replies): Removals {
  const all = links(replies)
  const bridges = new Set(
    all.flatMap((link) => (link.type === 'bridge' && isOurs(link, new Set([link.name])) ? [link.name] : [])),
  )
  const known = new Set(model.containers.flatMap((one) => [...wordsOf(one), vethName(one.runtime)]))
  const [first, second] = [addressesOn(bridges, replies), pairsAmong(all)].map((found) => ({
    before: found.length,
    removed: gone(found, (one) => known.has(one)),
  }))
  const most = (second?.before ?? 0) > (first?.before ?? 0) ? second : first
  const { before = 0, removed = 0 } = most ?? {}
  const isUsed = before > 0 || all.some(({ master }) => master !== undefined && bridges.has(master))
  return { before, removed, empties: isUsed && model.containers.length === 0 }
}

function addressesOn(bridges: ReadonlySet<string>, replies: Replies): readonly string[] {
  return routes(replies, 6)
    .filter(
      ({ protocol, device, unreachable }) =>
        protocol === MARK_TEXT && !unreachable && bridges.has(device ?? ''),
    )
    .map(({ destination }) => destination)
}

function pairsAmong(all: readonly Link[]): readonly string[] {
  return all.flatMap(({ name, type, group }) =>
    type === 'veth' && name.startsWith('s64-') && group === MARK_TEXT ? [name] : [],
  )
}

/** Whether all that would be deleted waits for somebody who says that it may go. */
export function isTooMuch({ before, removed }: Removals, { policy }: Model): boolean {
  return policy.maxDeletes === undefined && removed > Math.max(FEW, Math.floor(before * PART))
}

export const EMPTIED = 'S64-G002'
export const TOO_MUCH = 'S64-G003'

export function emptyRefused(): Problem {
  return {
    code: EMPTIED,
    path: ['containers'],
    message:
      'no container is left in the file, and everything of slash64 on this host would go; it is held back, and what runs stays',
    hint: 'put the containers back; or, if all of them are to go, allow it once: --allow-empty (slash64 teardown removes everything)',
  }
}

export function deletesRefused({ before, removed }: Removals): Problem {
  return {
    code: TOO_MUCH,
    message: `${removed} of ${before} containers, forwards and routes are no longer in the file; nothing is deleted, the rest is applied`,
    hint: 'put them back; or, if they are to go, allow it once: --allow-deletes',
  }
}
