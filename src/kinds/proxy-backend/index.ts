import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import { replyText } from '../../engine/observe.ts'
import { parseSections, parseServers, serverOf, withoutServer } from '../../formats/haproxy.ts'
import { parseEndpoint, formatEndpoint } from '../../net/endpoint.ts'
import type { LiveServer } from '../../formats/haproxy.ts'
import { backendsOf, proxyDemand } from '../../model/reverse-proxy.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { BACKENDS, fileText, isRunning, SERVERS } from '../shared/proxy-probes.ts'
import { PROXY_REFERENCE } from '../shared/proxy-key.ts'
import { sectionOf } from '../shared/proxy-section.ts'

export interface ProxyBackendSpec {
  /** Its server, as the process has it: `10.64.0.2:80`; `none`: the process has no such backend. */
  readonly server: string
  /** Its section of backends.cfg; empty: it has none there. */
  readonly section: string
}

const NONE = 'none'

/** What routes lead to: a port of a container, once for all names that lead there. */
export const proxyBackend = defineKind<Model, World, ProxyBackendSpec>({
  name: 'proxy-backend',
  deletes: 'early',
  probes: () => [BACKENDS, SERVERS],
  desired: (world) =>
    proxyDemand(world) === 'none' ? [] : backendsOf(world.model).map((backend) => resource(backend)),
  observe,
  same: (before, after) => before.server === after.server && before.section === after.section,
  steps,
  reason,
})

function resource(backend: ReturnType<typeof backendsOf>[number]): Resource<ProxyBackendSpec> {
  const spec = { server: formatEndpoint(backend), section: sectionOf(backend) }
  return { key: backend.name, spec, needs: [PROXY_REFERENCE] }
}

function observe(replies: Replies, world: World): Observed<ProxyBackendSpec> {
  if (isRunning(replies) === undefined || proxyDemand(world) === 'waiting') return { owned: [], foreign: [] }
  const sections = parseSections(fileText(replies, BACKENDS))
  const live = liveServers(replies)
  const names = new Set([...sections.keys(), ...(live?.keys() ?? [])])
  return {
    owned: [...names].map((key) => {
      const section = sections.get(key) ?? ''
      // A process that is started reads its files.
      return { key, spec: { section, server: live ? (live.get(key) ?? NONE) : serverOf(section) } }
    }),
    foreign: [],
  }
}

/** Backend → its server; undefined while nothing runs. */
function liveServers(replies: Replies): ReadonlyMap<string, string> | undefined {
  const text = replyText(replies, SERVERS.id)
  if (isRunning(replies) !== true || text === undefined) return undefined
  return new Map(parseServers(text).map((server) => [server.backend, describe(server)]))
}

function describe(server: LiveServer): string {
  return server.ready ? formatEndpoint(server) : `${formatEndpoint(server)}, set aside`
}

function steps(change: Change<ProxyBackendSpec>): readonly Step[] {
  if (change.action === 'delete') return [{ tool: 'haproxy', op: 'backend', name: change.key }]
  const { section: text, server } = change.after
  const [live] = change.action === 'update' && isOnlyMoved(change.before, text) ? [parseEndpoint(server)] : []
  return [{ tool: 'haproxy', op: 'backend', name: change.key, text, ...(live && { live }) }]
}

/** The process need not load its files anew for another address. */
function isOnlyMoved(before: ProxyBackendSpec, section: string): boolean {
  return withoutServer(before.section) === withoutServer(section) && before.server !== NONE
}

function reason(before: ProxyBackendSpec, after: ProxyBackendSpec): string {
  if (before.server === NONE) return 'the running process does not have it'
  if (before.server !== after.server) return `${before.server} -> ${after.server}`
  return 'its section of backends.cfg is not as it should be'
}
