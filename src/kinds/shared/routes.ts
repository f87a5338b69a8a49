import type { Resource } from '../../engine/types.ts'
import type { Hop, RouteEntry } from '../../formats/ip-routes.ts'
import { MARK } from '../../model/identity.ts'

/** All by which the kernel tells one route from another; what ours never have is left out. */
export interface RouteSpec {
  /** As `ip` prints it: canonical, without /128. */
  readonly destination: string
  /** Absent, with `gateway` and `hops`: packets end here. */
  readonly device?: string
  readonly gateway?: string
  readonly metric: number
  /** How they end, where that is not `unreachable`. */
  readonly end?: string
  readonly tos?: string
  readonly hops?: readonly Hop[]
  /** Of a `default` that has no next hop to tell it by. */
  readonly family?: 4 | 6
}

export function routeSpec(entry: RouteEntry): RouteSpec {
  const { destination, unreachable, end, device, gateway, metric, tos, hops, family } = entry
  return {
    destination,
    metric,
    ...(!unreachable && device !== undefined && { device }),
    ...(gateway !== undefined && { gateway }),
    ...(end !== undefined && end !== 'unreachable' && { end }),
    ...(tos !== undefined && { tos }),
    ...(hops !== undefined && { hops }),
    ...(destination === 'default' && gateway === undefined && { family }),
  }
}

/** A route in the words of `ip`, without its metric, of which there is one only by intention. */
export function routeKey(spec: RouteSpec): string {
  const { destination, tos } = spec
  const end = endOf(spec)
  return [end, destination, tos && `tos ${tos}`, ...wayOf(spec)].filter((part) => part).join(' ')
}

/**
 * Routes of ours, each with a key of its own. Several to one destination by one way differ in the metric: the one that is wanted
 * keeps the key, so that the others are deletions and nothing else; of those that nobody wants, the first does.
 */
export function toldApart<Spec extends RouteSpec>(
  owned: readonly Resource<Spec>[],
  wanted: readonly Resource<RouteSpec>[],
): readonly Resource<Spec>[] {
  const groups = new Map<string, Resource<Spec>[]>()
  for (const one of owned) groups.set(one.key, [...(groups.get(one.key) ?? []), one])
  const metrics = new Map(wanted.map(({ key, spec }) => [key, spec.metric]))
  return [...groups.values()].flatMap((group) => {
    if (group.length === 1) return group
    const metric = metrics.get(group[0]?.key ?? '')
    const keeper = metric === undefined ? group[0] : group.find(({ spec }) => spec.metric === metric)
    return group.map((one, at) => (one === keeper ? one : { ...one, key: apart(one, group.slice(0, at)) }))
  })
}

/** Two that differ in nothing that we know are counted. */
function apart<Spec extends RouteSpec>(
  { key, spec }: Resource<Spec>,
  before: readonly Resource<Spec>[],
): string {
  const alike = before.filter((other) => other.spec.metric === spec.metric).length
  return `${key} metric ${spec.metric}${alike === 0 ? '' : ` (${alike + 1})`}`
}

/** The line that makes or deletes it: whole, so that nobody else's, and no twin, is hit. */
export function routeLine(verb: 'add' | 'replace' | 'delete', spec: RouteSpec): string {
  const { destination, tos, metric } = spec
  const to = spec.family === undefined ? destination : spec.family === 6 ? '::/0' : '0.0.0.0/0'
  const last = spec.hops === undefined ? [] : wayOf(spec)
  const way = spec.hops === undefined ? wayOf(spec) : []
  const words = ['route', verb, endOf(spec), to, tos && `tos ${tos}`, ...way]
  return [...words, `proto ${MARK} metric ${metric}`, ...last].filter((word) => word).join(' ')
}

function endOf({ device, gateway, hops, end }: RouteSpec): string {
  return end ?? (device === undefined && gateway === undefined && hops === undefined ? 'unreachable' : '')
}

function wayOf({ device, gateway, hops }: RouteSpec): readonly string[] {
  if (hops !== undefined)
    return hops.map((hop) => ['nexthop', ...wayOf({ ...hop, destination: '', metric: 0 })].join(' '))
  return [
    ...(gateway === undefined ? [] : [`via ${gateway}`]),
    ...(device === undefined ? [] : [`dev ${device}`]),
  ]
}
