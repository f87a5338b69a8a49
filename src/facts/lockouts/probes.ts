import { replyText } from '../../engine/observe.ts'
import type { Probe, Replies } from '../../engine/types.ts'
import { ancestry, CONNECTIONS_ARGV, PARENTS_ARGV, parseConnections } from '../../formats/connections.ts'
import type { Connection } from '../../formats/connections.ts'
import { parseRoutes } from '../../formats/ip-routes.ts'
import type { RouteEntry } from '../../formats/ip-routes.ts'
import { parsedOnce } from '../../formats/json.ts'
import { HOST_LISTENERS_ARGV, parseHostListeners } from '../../formats/sockets.ts'
import type { HostListener } from '../../formats/sockets.ts'

// Read only where something is new or changed, and so without topics: no event tells of it.

/** Routes of every table: the main one, those of policy rules, of VRFs. */
export const ALL_ROUTES: readonly Probe[] = ['-4', '-6'].map((family) => ({
  id: `all routes ${family}`,
  contained: true,
  argv: ['ip', '-N', '-j', family, 'route', 'show', 'table', 'all'],
}))
export const CONNECTIONS: Probe = { id: 'connections', contained: true, argv: CONNECTIONS_ARGV }
export const PARENTS: Probe = { id: 'parents', contained: true, mayFail: true, argv: PARENTS_ARGV }
export const SELF: Probe = { id: 'self', contained: true, mayFail: true, link: '/proc/self' }

/** Who listens on any port; who that is costs a look at every process, and is asked only where it matters. */
export const HOST_LISTENERS: Probe = { id: 'host listeners', contained: true, argv: HOST_LISTENERS_ARGV }
export const LISTENERS_NAMED: Probe = {
  id: 'host listeners named',
  contained: true,
  argv: ['ss', '-H', '-lntup'],
}

/** Whether one of these was asked in vain: unknown is not empty. */
export function isUnread(replies: Replies, probes: readonly Probe[]): boolean {
  return probes.some(({ id }) => {
    const reply = replies.get(id)
    return reply !== undefined && 'error' in reply
  })
}

export function allRoutes(replies: Replies): readonly RouteEntry[] {
  return ALL_ROUTES.flatMap((probe) => parsed(replies, probe, parseRoutes) ?? [])
}

export function connections(replies: Replies): readonly Connection[] {
  return parsed(replies, CONNECTIONS, parseConnections) ?? []
}

export function hostListeners(replies: Replies): readonly HostListener[] {
  const named = replies.get(LISTENERS_NAMED.id)
  const probe = named && 'text' in named ? LISTENERS_NAMED : HOST_LISTENERS
  return parsed(replies, probe, parseHostListeners) ?? []
}

/** The connections of the session in which this process was started, found by who holds their sockets. */
export function sessionConnections(replies: Replies): readonly Connection[] {
  const self = Number(replyText(replies, SELF.id))
  const own = Number.isInteger(self)
    ? ancestry(self, replyText(replies, PARENTS.id) ?? '')
    : new Set<number>()
  return connections(replies).filter(({ pids }) => pids.some((pid) => own.has(pid)))
}

function parsed<T>(replies: Replies, probe: Probe, parse: (text: string) => T): T | undefined {
  const reply = replies.get(probe.id)
  return reply && parsedOnce(reply, parse)
}
