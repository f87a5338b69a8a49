import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Conflict, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import { replyText } from '../../engine/observe.ts'
import { bindsOf, generationOf, parseVariable } from '../../formats/haproxy.ts'
import { formatEndpoint } from '../../net/endpoint.ts'
import { parseListening, startedWith } from '../../formats/sockets.ts'
import { digest } from '../../net/digest.ts'
import { listenersOf } from '../../model/reverse-proxy.ts'
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
import { takenListeners } from './taken.ts'

export interface ReverseProxySpec {
  /** `stale`: it runs another configuration than its files hold. `lost`: it runs, and its socket is gone. */
  readonly state: 'running' | 'stopped' | 'stale' | 'lost'
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
  desired: (world) => (listenersOf(world).length > 0 ? [desired(world)] : []),
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
  const base = fileText(replies, BASE)
  const isThere = base !== '' || state !== 'stopped'
  return {
    owned: isThere && state !== undefined ? [{ key: PROXY_KEY, spec: specOf(base, state) }] : [],
    foreign: [],
    conflicts: conflicts(replies, world),
    // The reads that failed are told as such.
    blocked: state === undefined || isUnprovided(world) ? [PROXY_KEY] : [],
  }
}

/** Undefined: could not be found out. */
function stateOf(replies: Replies, { places }: World): ReverseProxySpec['state'] | undefined {
  const running = isRunning(replies)
  if (running === undefined) return undefined
  if (!running) return ourProcesses(replies, places.stateDir).size > 0 ? 'lost' : 'stopped'
  const generation = generationOf(fileText(replies, BASE), fileText(replies, BACKENDS))
  return parseVariable(replyText(replies, GENERATION.id) ?? '') === generation ? 'running' : 'stale'
}

/** Told by the configuration that they were started with, whatever became of their sockets. */
function ourProcesses(replies: Replies, stateDir: string): ReadonlySet<number> {
  return startedWith(`${stateDir}/${BASE.file}`, replyText(replies, PROCESSES.id) ?? '')
}

function isUnprovided({ model, facts }: World): boolean {
  return model.routes.length > 0 && facts.proxy.installed === undefined
}

function conflicts(replies: Replies, world: World): readonly Conflict[] {
  const { model, facts, places } = world
  const { installed } = facts.proxy
  const sockets = parseListening(replyText(replies, LISTENING.id) ?? '')
  const taken = takenListeners(listenersOf(world), sockets, ourProcesses(replies, places.stateDir))
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
  lost: 'runs, but its sockets in the run directory are gone',
} as const

function reason(before: ReverseProxySpec, after: ReverseProxySpec): string {
  const [one, other] = [before.listeners.join(', '), after.listeners.join(', ')]
  if (before.state !== 'running') return STATES[before.state]
  return one === other ? 'haproxy.cfg is not as it should be' : `listeners: ${one} -> ${other}`
}
