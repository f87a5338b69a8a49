import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Conflict, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import { replyText } from '../../engine/observe.ts'
import { backendsText, bindsOf, generationOf, parseSections, parseVariable } from '../../formats/haproxy.ts'
import { formatEndpoint } from '../../net/endpoint.ts'
import { parseListening, startedWith } from '../../formats/sockets.ts'
import { digest } from '../../net/digest.ts'
import { listenersOf, proxyDemand } from '../../model/reverse-proxy.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import {
  BACKENDS,
  BASE,
  fileText,
  GENERATION,
  hostProbes,
  isRunning,
  LISTENING,
  PROCESSES,
} from '../shared/proxy-probes.ts'
import { PROXY_KEY } from '../shared/proxy-key.ts'
import { baseText } from './configuration.ts'
import { missingFeatures } from './features.ts'
import { placesFault } from './places.ts'
import { takenListeners } from './taken.ts'

export interface ReverseProxySpec {
  /**
   * `stale`: it runs another configuration than its files hold. `deaf`: it does not listen where they say. `lost`: it
   * runs, and its socket is gone.
   */
  readonly state: 'running' | 'stopped' | 'stale' | 'deaf' | 'lost'
  readonly listeners: readonly string[]
  /** Digest of `haproxy.cfg`. */
  readonly configuration: string
}

/** The HAProxy process of our own, with all of its configuration that no single route is in. */
export const reverseProxy = defineKind<Model, World, ReverseProxySpec>({
  name: 'reverse-proxy',
  // It goes in one step with its backends and entries.
  deletes: 'early',
  probes: (model) => [BASE, BACKENDS, GENERATION, ...hostProbes(model)],
  desired: (world) => (proxyDemand(world) === 'wanted' ? [desired(world)] : []),
  observe,
  same: (before, after) => before.state === after.state && before.configuration === after.configuration,
  steps,
  reason,
})

function desired(world: World): Resource<ReverseProxySpec> {
  return { key: PROXY_KEY, spec: specOf(baseText(world), 'running') }
}

function specOf(base: string, state: ReverseProxySpec['state']): ReverseProxySpec {
  return { state, listeners: bindsOf(base).map(formatEndpoint), configuration: digest(base, 16) }
}

function observe(replies: Replies, world: World): Observed<ReverseProxySpec> {
  const state = stateOf(replies, world)
  // What could not be read is told as such; unknown is not empty.
  if (state === undefined || isUnprovided(replies, world)) return LEFT_ALONE
  if (proxyDemand(world) === 'waiting') return LEFT_ALONE
  if (world.model.routes.length > 0 && placesFault(world.places) !== undefined) return LEFT_ALONE
  const base = fileText(replies, BASE)
  const isThere = base !== '' || state !== 'stopped'
  return {
    owned: isThere ? [{ key: PROXY_KEY, spec: specOf(base, state) }] : [],
    foreign: [],
    conflicts: conflicts(replies, world),
  }
}

const LEFT_ALONE = { owned: [], foreign: [], blocked: [PROXY_KEY] } as const

/** Whether something about the host that it must fit could not be found out, or no haproxy is installed. */
function isUnprovided(replies: Replies, { model, facts }: World): boolean {
  if (model.routes.length === 0) return false
  const isUnread = hostProbes(model).some(({ id }) => {
    const reply = replies.get(id)
    return reply === undefined || ('error' in reply && reply.error.code !== 'not-found')
  })
  return isUnread || facts.proxy.installed === undefined
}

/** Undefined: could not be found out. */
function stateOf(replies: Replies, { places }: World): ReverseProxySpec['state'] | undefined {
  const running = isRunning(replies)
  if (running === undefined) return undefined
  if (!running) return ourProcesses(replies, places).size > 0 ? 'lost' : 'stopped'
  const [base, backends] = [fileText(replies, BASE), fileText(replies, BACKENDS)]
  const isRunningThem =
    parseVariable(replyText(replies, GENERATION.id) ?? '') === generationOf(base, backends)
  // What stands between its sections counts too: the process may have loaded it.
  if (!isRunningThem || backends !== backendsText(base, parseSections(backends))) return 'stale'
  return listensEverywhere(base, replies) ? 'running' : 'deaf'
}

/** Somebody may have told the process to pause; without a route in the file nobody looked. */
function listensEverywhere(base: string, replies: Replies): boolean {
  const text = replyText(replies, LISTENING.id)
  if (text === undefined) return true
  const sockets = parseListening(text)
  return bindsOf(base).every((bind) =>
    sockets.some(({ address, port }) => address === bind.address && port === bind.port),
  )
}

/** Told by the configuration that they were started with, whatever became of their sockets. */
function ourProcesses(replies: Replies, places: World['places']): ReadonlySet<number> {
  return startedWith(
    `${places.stateDir}/${BASE.file}`,
    places.network,
    replyText(replies, PROCESSES.id) ?? '',
  )
}

function conflicts(replies: Replies, world: World): readonly Conflict[] {
  const { model, facts, places } = world
  const { installed } = facts.proxy
  const sockets = parseListening(replyText(replies, LISTENING.id) ?? '')
  const taken = takenListeners(listenersOf(world), sockets, ourProcesses(replies, places))
  return [
    ...taken.map((conflict) => ({ key: PROXY_KEY, ...conflict })),
    ...(installed === undefined ? [] : missingFeatures(model, installed, PROXY_KEY)),
  ]
}

function steps(change: Change<ReverseProxySpec>, world: World): readonly Step[] {
  if (change.action === 'delete') return [{ tool: 'haproxy', op: 'stop' }]
  return [{ tool: 'haproxy', op: 'load', text: baseText(world) }]
}

const STATES = {
  stopped: 'is not running',
  stale: 'runs another configuration than its files hold',
  deaf: 'does not listen where it should',
  lost: 'runs, but its sockets in the run directory are gone',
} as const

function reason(before: ReverseProxySpec, after: ReverseProxySpec): string {
  const [one, other] = [before.listeners.join(', '), after.listeners.join(', ')]
  if (before.state !== 'running') return STATES[before.state]
  return one === other ? 'haproxy.cfg is not as it should be' : `listeners: ${one} -> ${other}`
}
