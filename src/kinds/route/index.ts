import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Conflict, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { RouteEntry } from '../../formats/ip-routes.ts'
import { cidrContains } from '../../net/address.ts'
import type { Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { MARK_TEXT } from '../../model/identity.ts'
import { ROUTES4, ROUTES6, routes } from '../shared/probes.ts'
import { routeKey, routeLine, routeSpec, toldApart } from '../shared/routes.ts'
import type { RouteSpec } from '../shared/routes.ts'
import { desiredRoutes } from './desired.ts'

/** `RTPROT_KERNEL` of linux/rtnetlink.h: connected routes are nobody's doing. */
const KERNEL = '2'

/** Routes in the main table, told as ours by `protocol 164`. */
export const route = defineKind<Model, World, RouteSpec>({
  name: 'route',
  deletes: 'late',
  probes: () => [ROUTES4, ROUTES6],
  desired: ({ model }) => desiredRoutes(model),
  observe,
  same: (before, after) => before.metric === after.metric && before.gateway === after.gateway,
  steps,
})

function observe(replies: Replies, world: World): Observed<RouteSpec> {
  const all = [...routes(replies, 4), ...routes(replies, 6)]
  const wanted = desiredRoutes(world.model)
  const others = new Map(
    all.filter(({ protocol }) => protocol !== MARK_TEXT).map((entry) => [slot(entry), entry]),
  )
  return {
    owned: toldApart(all.filter(({ protocol }) => protocol === MARK_TEXT).map(asResource), wanted),
    foreign: all
      .filter(({ protocol }) => protocol !== MARK_TEXT && protocol !== KERNEL)
      .map((entry) => entry.destination),
    conflicts: [
      ...wanted.flatMap((resource) => elsewhere(resource, world)),
      ...wanted.flatMap((resource) => swallowsRouter(resource, all, world)),
      ...wanted.filter(({ spec }) => others.has(slot(spec))).map(taken),
    ],
  }
}

function asResource(entry: RouteEntry): Resource<RouteSpec> {
  const spec = routeSpec(entry)
  return { key: routeKey(spec), spec }
}

/**
 * The next hop of somebody else's route lies where ours would lead: in a slice, which is more specific than the
 * uplink's own prefix, or at a container's address. The host would lose its way out.
 */
function swallowsRouter(
  { key, spec }: Resource<RouteSpec>,
  all: readonly RouteEntry[],
  { model }: World,
): Conflict[] {
  const isSlice = spec.device === undefined && model.prefix.delivery === 'on-link'
  const covers = (gateway: string) =>
    isSlice ? cidrContains(spec.destination, gateway) : gateway === spec.destination
  const router = all.find(
    ({ protocol, gateway, family }) =>
      protocol !== MARK_TEXT && family === 6 && gateway !== undefined && covers(gateway),
  )
  if (router === undefined) return []
  return [
    {
      key,
      message: `${router.gateway}, the next hop of this host's route to ${router.destination}, would be cut off by ${key}`,
      hint: 'choose a slice and addresses without the provider’s router',
    },
  ]
}

/** The container's address stands on another interface of this host: then packets for it never get to the bridge. */
function elsewhere({ key, spec }: Resource<RouteSpec>, { facts }: World): Conflict[] {
  const device = spec.device === undefined ? undefined : facts.foreignAddresses.get(spec.destination)
  if (device === undefined) return []
  return [
    {
      key,
      message: `${spec.destination}, a container's address, is on ${device} of this host`,
      hint: `give the container another address; or take it from ${device} (ip addr delete ${spec.destination} dev ${device})`,
    },
  ]
}

/** What the kernel keeps one route for. */
function slot({ destination, metric }: { readonly destination: string; readonly metric: number }): string {
  return `${destination} ${metric}`
}

function taken({ key, spec }: Resource<RouteSpec>): Conflict {
  return {
    key,
    message: `a route to ${spec.destination} with metric ${spec.metric} exists that slash64 did not make`,
    hint: `remove it (ip route delete ${spec.destination} metric ${spec.metric}); or give it another metric; or choose another address`,
  }
}

function steps(change: Change<RouteSpec>): readonly Step[] {
  switch (change.action) {
    case 'create':
      // `replace`: after a move to another bridge, the old route still holds this metric until the late deletes.
      return [line('replace', change.after)]
    case 'update':
      return [line('delete', change.before), line('add', change.after)]
    case 'delete':
      return [line('delete', change.before)]
  }
}

function line(verb: 'add' | 'replace' | 'delete', spec: RouteSpec): Step {
  return { tool: 'ip', line: routeLine(verb, spec) }
}
