import type { Probe, Replies } from '../../engine/types.ts'
import { LISTENING_ARGV, PROCESSES_ARGV } from '../../formats/sockets.ts'
import { parseLiveMap, parseServers, parseVersion } from '../../formats/haproxy.ts'
import { parsedOnce } from '../../formats/json.ts'
import { SystemError } from '../../system/errors.ts'
import { replyText } from '../../engine/observe.ts'
import type { Model } from '../../model/types.ts'

/** The maps, by the protocol of the entries that they hold. */
export const MAPS = { http: 'http.map', https: 'tls.map' } as const

/** What the reverse proxy has been given: read always, because what left the file must be found too. */
export const BASE = {
  id: 'proxy base',
  file: 'proxy/haproxy.cfg',
  contained: true,
} as const satisfies Probe
export const BACKENDS: Probe = { id: 'proxy backends', file: 'proxy/backends.cfg', contained: true }
export const MAP_FILES = {
  http: { id: 'proxy http.map', file: `proxy/${MAPS.http}`, contained: true },
  https: { id: 'proxy tls.map', file: `proxy/${MAPS.https}`, contained: true },
} as const satisfies Record<keyof typeof MAPS, Probe>

/** What it runs, in its own words. */
export const GENERATION = asked('generation', 'get var proc.slash64')
export const SERVERS = asked('servers', 'show servers state')
export const LIVE_MAPS = {
  http: asked('live http.map', `show map ${MAPS.http}`),
  https: asked('live tls.map', `show map ${MAPS.https}`),
} as const satisfies Record<keyof typeof MAPS, Probe>

/** Asked for only where a route wants a reverse proxy: each of these is a process. */
export const INSTALLED: Probe = { id: 'proxy installed', argv: ['haproxy', '-v'], contained: true }
export const LISTENING: Probe = {
  id: 'listening',
  argv: LISTENING_ARGV,
  contained: true,
}
export const PROCESSES: Probe = {
  id: 'proxy processes',
  argv: PROCESSES_ARGV,
  contained: true,
}

/** The user whom it can become: an account, and one that this user namespace knows. */
export const ACCOUNTS: Probe = { id: 'accounts', file: '/etc/passwd', contained: true }
export const UID_MAP: Probe = { id: 'uid map', file: '/proc/self/uid_map', contained: true }
export const GID_MAP: Probe = { id: 'gid map', file: '/proc/self/gid_map', contained: true }

/** What tells about a host on which a reverse proxy is wanted. */
export function hostProbes({ routes }: Model): readonly Probe[] {
  return routes.length === 0 ? [] : [INSTALLED, LISTENING, PROCESSES, ACCOUNTS, UID_MAP, GID_MAP]
}

const READS = [BASE, BACKENDS, ...Object.values(MAP_FILES), GENERATION, SERVERS, ...Object.values(LIVE_MAPS)]

const READERS: readonly (readonly [Probe, (text: string) => unknown])[] = [
  [INSTALLED, parseVersion],
  [SERVERS, parseServers],
  ...Object.values(LIVE_MAPS).map((probe) => [probe, parseLiveMap] as const),
]

/** The first answer that is not what HAProxy promises; only the reverse proxy rests on it, and nothing else. */
export function misread(replies: Replies): SystemError | undefined {
  for (const [{ id }, parse] of READERS) {
    try {
      const reply = replies.get(id)
      if (reply) parsedOnce(reply, parse)
    } catch (error) {
      if (error instanceof SystemError) return error
      throw error
    }
  }
  return undefined
}

/** Whether ours answers; undefined when it, or what it was given, could not be read: unknown is not empty. */
export function isRunning(replies: Replies): boolean | undefined {
  const isUnread = READS.some(({ id }) => {
    const reply = replies.get(id)
    return reply === undefined || ('error' in reply && reply.error.code !== 'not-found')
  })
  return isUnread || misread(replies) !== undefined
    ? undefined
    : replyText(replies, GENERATION.id) !== undefined
}

/** What a file of ours holds; empty when there is none. */
export function fileText(replies: Replies, { id }: Probe): string {
  return replyText(replies, id) ?? ''
}

function asked(name: string, request: string): Probe {
  return { id: `proxy ${name}`, socket: 'proxy/admin.sock', request: `${request}\n`, contained: true }
}
