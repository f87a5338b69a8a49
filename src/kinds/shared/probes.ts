import type { Probe, Replies } from '../../engine/types.ts'
import { parseLinks } from '../../formats/ip-links.ts'
import type { Link } from '../../formats/ip-links.ts'
import { parseProxies, parseRoutes } from '../../formats/ip-routes.ts'
import type { ProxyNeighbour, RouteEntry } from '../../formats/ip-routes.ts'
import { parsedOnce } from '../../formats/json.ts'

// -N keeps numbers numbers (protocol 164 is "openr" in some /etc/iproute2); never filtered, because iproute2 leaves
// out the field that one filters by (field notes T7).
export const LINKS: Probe = {
  id: 'links',
  topics: ['link'],
  alike: true,
  argv: ['ip', '-N', '-j', '-d', 'addr', 'show'],
}
// A link that goes down takes routes with it, of which the kernel tells only for IPv6.
export const ROUTES4: Probe = {
  id: 'routes4',
  topics: ['link', 'route'],
  alike: true,
  argv: ['ip', '-N', '-j', '-4', 'route', 'show', 'table', 'main'],
}
export const ROUTES6: Probe = {
  id: 'routes6',
  topics: ['link', 'route'],
  alike: true,
  argv: ['ip', '-N', '-j', '-6', 'route', 'show', 'table', 'main'],
}
// No event tells of a proxy neighbour; they vanish with the link (reliability, 3b).
export const PROXIES: Probe = {
  id: 'proxies',
  topics: ['link'],
  alike: true,
  argv: ['ip', '-N', '-j', '-6', 'neigh', 'show', 'proxy'],
}
export function links(replies: Replies): readonly Link[] {
  return parsed(replies, LINKS, parseLinks) ?? []
}

const indexes = new WeakMap<readonly Link[], ReadonlyMap<string | number, Link>>()

export function linkNamed(replies: Replies, name: string): Link | undefined {
  return indexOf(replies).get(name)
}

/** By ifindex. */
export function linkNumbered(replies: Replies, index: number): Link | undefined {
  return indexOf(replies).get(index)
}

function indexOf(replies: Replies): ReadonlyMap<string | number, Link> {
  const all = links(replies)
  const index =
    indexes.get(all) ??
    new Map(
      all.flatMap((link): [string | number, Link][] => [
        [link.name, link],
        [link.index, link],
      ]),
    )
  indexes.set(all, index)
  return index
}

export function routes(replies: Replies, family: 4 | 6): readonly RouteEntry[] {
  return parsed(replies, family === 4 ? ROUTES4 : ROUTES6, parseRoutes) ?? []
}

export function proxies(replies: Replies): readonly ProxyNeighbour[] {
  return parsed(replies, PROXIES, parseProxies) ?? []
}

function parsed<T>(replies: Replies, probe: Probe, parse: (text: string) => T): T | undefined {
  const reply = replies.get(probe.id)
  return reply && parsedOnce(reply, parse)
}
