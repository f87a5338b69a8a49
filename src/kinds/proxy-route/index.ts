import { defineKind } from '../../engine/define-kind.ts'
import { replyText } from '../../engine/observe.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import { parseLiveMap, parseMapFile } from '../../formats/haproxy.ts'
import type { MapEntry } from '../../formats/haproxy.ts'
import { entriesOf, proxyDemand, REDIRECT } from '../../model/reverse-proxy.ts'
import type { Entry } from '../../model/reverse-proxy.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { fileText, isRunning, LIVE_MAPS, MAP_FILES, MAPS } from '../shared/proxy-probes.ts'
import { backendReference, PROXY_REFERENCE } from '../shared/proxy-key.ts'

export interface ProxyRouteSpec {
  /** Where the running process leads the name: a backend, `redirect`, or `none`. */
  readonly to: string
  /** The same in the map's file, which the process reads when it is started. */
  readonly file: string
}

const NONE = 'none'
const PROTOCOLS = ['http', 'https'] as const

/** One name on one of the shared ports: `http blog.example.org`. */
export const proxyRoute = defineKind<Model, World, ProxyRouteSpec>({
  name: 'proxy-route',
  deletes: 'early',
  probes: () => PROTOCOLS.flatMap((protocol) => [MAP_FILES[protocol], LIVE_MAPS[protocol]]),
  desired: (world) => (proxyDemand(world) === 'none' ? [] : entriesOf(world.model).map(resource)),
  observe,
  same: (before, after) => before.to === after.to && before.file === after.file,
  steps,
  reason,
})

function resource({ protocol, host, to }: Entry): Resource<ProxyRouteSpec> {
  const needs = [PROXY_REFERENCE, ...(to === REDIRECT ? [] : [backendReference(to)])]
  return { key: `${protocol} ${host}`, spec: { to, file: to }, needs }
}

function observe(replies: Replies, world: World): Observed<ProxyRouteSpec> {
  if (isRunning(replies) === undefined || proxyDemand(world) === 'waiting') return { owned: [], foreign: [] }
  return { owned: PROTOCOLS.flatMap((protocol) => observed(protocol, replies)), foreign: [] }
}

function observed(protocol: Entry['protocol'], replies: Replies): readonly Resource<ProxyRouteSpec>[] {
  const file = valuesOf(parseMapFile(fileText(replies, MAP_FILES[protocol])))
  const text = replyText(replies, LIVE_MAPS[protocol].id)
  // A process that is started reads its files.
  const isLive = isRunning(replies) === true && text !== undefined
  const live = isLive ? valuesOf(parseLiveMap(text)) : file
  return [...new Set([...file.keys(), ...live.keys()])].map((host) => ({
    key: `${protocol} ${host}`,
    spec: { to: live.get(host) ?? NONE, file: file.get(host) ?? NONE },
  }))
}

/** A key that stands there twice leads where the first one says; all of them are told. */
function valuesOf(entries: readonly MapEntry[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const { key, value } of entries) {
    const known = values.get(key)
    values.set(key, known === undefined || known === value ? value : `${known}, ${value}`)
  }
  return values
}

function steps(change: Change<ProxyRouteSpec>): readonly Step[] {
  const [protocol, host = ''] = change.key.split(' ')
  const map = protocol === 'http' ? MAPS.http : MAPS.https
  const entry = { tool: 'haproxy', op: 'entry', map, host } as const
  return [change.action === 'delete' ? entry : { ...entry, to: change.after.to }]
}

function reason(before: ProxyRouteSpec, after: ProxyRouteSpec): string {
  if (before.to !== after.to) return `${before.to} -> ${after.to}`
  return `in its file: ${before.file} -> ${after.file}`
}
