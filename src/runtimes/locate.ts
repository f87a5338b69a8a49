import type { RuntimeType } from '../config/types.ts'
import type { Netns, Probe, Replies } from '../engine/types.ts'
import type { Found } from '../formats/runtimes/types.ts'
import type { Container, Model } from '../model/types.ts'
import { SystemError } from '../system/errors.ts'
import { RUNTIMES } from './index.ts'

/** Where a container's network is. `inode`: of the namespace, where that is a process's. */
export type Place =
  | { readonly state: 'running'; readonly netns: Netns; readonly inode?: string }
  | Exclude<Found, { readonly state: 'running' }>

/** The read that tells whether the container runs; none where its network is found by name, or its process was told. */
export function lookupProbe(container: Container, model: Model): Probe | undefined {
  const { type, process } = container.runtime
  if (process !== undefined) return undefined
  const known = lookups.get(container)
  const definition = RUNTIMES[type]
  if (known !== undefined || definition === undefined) return known
  // What failed is told for all of them at once (facts/lookups.ts).
  const asked = definition.probe(container, containersOf(model, type))
  // Some runtimes are asked for all of theirs at once.
  const isOfOne = 'argv' in asked && asked.alike === true
  const probe: Probe = {
    ...asked,
    mayFail: true,
    inside: true,
    ...(isOfOne && { container: container.name }),
  }
  lookups.set(container, probe)
  return probe
}

const lookups = new WeakMap<Container, Probe>()

/** The read that tells of its network, once its process is known. */
export function networkProbe(container: Container, model: Model, known: Replies): Probe | undefined {
  const found = foundIn(container, model, known)
  if (found?.state !== 'running') return undefined
  const link = `/proc/${found.pid}/ns/net`
  return { id: link, link, contained: true, container: container.name }
}

/** Where it is, as far as it was read; undefined: what tells of it was not read yet, or nobody is to look. */
export function locate(container: Container, model: Model, known: Replies): Place | undefined {
  const { type, name } = container.runtime
  if (type === 'netns') return { state: 'running', netns: name }
  const found = foundIn(container, model, known)
  if (found?.state !== 'running') return found
  const reply = known.get(`/proc/${found.pid}/ns/net`)
  if (reply === undefined) return undefined
  if ('error' in reply) return withoutNetwork(reply.error)
  const inode = /^net:\[(\d+)\]$/.exec(reply.text)?.[1] ?? ''
  return { state: 'running', netns: `@${found.pid}/${inode}`, inode }
}

function withoutNetwork(error: SystemError): Place {
  return error.code === 'not-found' ? { state: 'absent', why: 'has just ended' } : { state: 'unknown', error }
}

function foundIn(container: Container, model: Model, known: Replies): Found | undefined {
  const { process } = container.runtime
  if (process !== undefined) return { state: 'running', pid: process }
  const probe = lookupProbe(container, model)
  const reply = probe && known.get(probe.id)
  if (reply === undefined) return undefined
  if ('error' in reply) return { state: 'unknown', error: reply.error }
  try {
    return RUNTIMES[container.runtime.type]?.find(reply, container)
  } catch (error) {
    if (error instanceof SystemError) return { state: 'unknown', error }
    throw error
  }
}

const groups = new WeakMap<Model, ReadonlyMap<RuntimeType, readonly Container[]>>()

/** Every declared container of one runtime. */
export function containersOf(model: Model, type: RuntimeType): readonly Container[] {
  const known = groups.get(model) ?? grouped(model)
  groups.set(model, known)
  return known.get(type) ?? []
}

function grouped({ containers }: Model): ReadonlyMap<RuntimeType, readonly Container[]> {
  const types = new Set(containers.map(({ runtime }) => runtime.type))
  return new Map([...types].map((type) => [type, containers.filter(({ runtime }) => runtime.type === type)]))
}
