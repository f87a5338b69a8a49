import { defineKind } from '../../engine/define-kind.ts'
import { reference } from '../../engine/types.ts'
import type { Change, Conflict, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { RouteEntry } from '../../formats/ip-routes.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { usableLink } from '../shared/attachment.ts'
import { inside, insideCommand, insideProbes, networkOf, runningContainers } from '../shared/inside.ts'
import { MARK, MARK_TEXT } from '../../model/identity.ts'
import { LINKS } from '../shared/probes.ts'
import { routeKey, routeLine, routeSpec, toldApart } from '../shared/routes.ts'
import type { RouteSpec } from '../shared/routes.ts'
import { interfaceReference } from '../veth/desired.ts'

interface ContainerRouteSpec extends RouteSpec {
  readonly netns: string
}

/** A container's default routes, by the gateways on its bridge; told as ours by `protocol 164`. */
export const containerRoute = defineKind<Model, World, ContainerRouteSpec>({
  name: 'container-route',
  deletes: 'late',
  container: ({ key }) => key.split(' ')[0] ?? '',
  probes: (model, known) => [LINKS, ...insideProbes(model, known)],
  desired: (world) => runningContainers(world).flatMap((container) => desired(container, world)),
  observe,
  same: (before, after) => before.metric === after.metric,
  steps,
})

function desired(container: Container, world: World): readonly Resource<ContainerRouteSpec>[] {
  const network = world.model.networks.find(({ name }) => name === container.network)
  const ways = [
    { own: container.ipv4, subnet: network?.ipv4 },
    { own: container.ipv6, subnet: network?.ipv6 },
  ]
  return ways.flatMap(({ own, subnet }) => {
    if (own === undefined || subnet === undefined) return []
    const { interface: device, name: netns } = container.runtime
    const spec = { destination: 'default', gateway: subnet.gateway, device, metric: MARK, netns }
    const address = reference('container-address', `${container.name} ${own}/${subnet.length} dev ${device}`)
    return [{ key: keyOf(container, spec), spec, needs: [interfaceReference(container, world), address] }]
  })
}

function keyOf({ name }: Container, spec: RouteSpec): string {
  return `${name} ${routeKey(spec)}`
}

function observe(replies: Replies, world: World): Observed<ContainerRouteSpec> {
  const found = runningContainers(world).map((container) => observeContainer(container, replies, world))
  return {
    owned: found.flatMap(({ owned }) => owned),
    foreign: found.flatMap(({ foreign }) => foreign),
    conflicts: found.flatMap(({ conflicts }) => conflicts ?? []),
  }
}

function observeContainer(
  container: Container,
  replies: Replies,
  world: World,
): Observed<ContainerRouteSpec> {
  const device = usableLink(replies, container, world)?.name
  const all = inside(replies, container, world.model)?.routes ?? []
  const wanted = desired(container, world)
  const owned = all
    .filter(({ protocol, destination }) => protocol === MARK_TEXT && destination === 'default')
    .map((entry) => asResource(container, entry))
  const others = all.filter(
    ({ protocol, destination }) => protocol !== MARK_TEXT && destination === 'default',
  )
  const serving = wanted.filter(({ spec }) => isServed(container, spec, others))
  const served = new Set(serving.map(({ key }) => key))
  return {
    // What leads out as ours would needs none of ours; of ours beside it only what is wanted stays.
    owned: [
      ...(device === undefined ? [] : toldApart(owned, wanted)),
      ...serving.filter(({ key }) => device !== undefined && !owned.some((one) => one.key === key)),
    ],
    foreign: others.map(
      ({ gateway, device: other }) => `${container.name} default via ${gateway} dev ${other}`,
    ),
    conflicts: wanted
      .filter(({ key }) => !served.has(key))
      .flatMap((resource) => inTheWay(container, resource, others, world)),
  }
}

function asResource(container: Container, entry: RouteEntry): Resource<ContainerRouteSpec> {
  const spec = { ...routeSpec(entry), netns: container.runtime.name }
  return { key: keyOf(container, spec), spec }
}

/** Of the foreign default routes of its family, the one by which the kernel sends. */
function winner({ gateway }: RouteSpec, others: readonly RouteEntry[]): RouteEntry | undefined {
  const family = gateway?.includes(':') === true ? 6 : 4
  const ofFamily = others.filter((entry) => entry.family === family)
  return ofFamily.toSorted((one, other) => one.metric - other.metric)[0]
}

/** The container's own configuration leads out as the file says: by the same gateway and interface, from no other address. */
function isServed({ ipv4, ipv6 }: Container, spec: RouteSpec, others: readonly RouteEntry[]): boolean {
  const other = winner(spec, others)
  if (other === undefined || other.gateway !== spec.gateway || other.device !== spec.device) return false
  return other.source === undefined || other.source === (other.family === 6 ? ipv6 : ipv4)
}

/** Another default route that wins over ours: what leaves the container does not come by the host, or not from its address. */
function inTheWay(
  container: Container,
  { key, spec }: Resource<ContainerRouteSpec>,
  others: readonly RouteEntry[],
  world: World,
): Conflict[] {
  const other = winner(spec, others)
  if (other === undefined || other.metric > MARK) return []
  const flag = other.family === 6 ? '-6 ' : ''
  const way = other.gateway === undefined ? `dev ${other.device}` : `via ${other.gateway}`
  const source = other.source === undefined ? '' : ` src ${other.source}`
  return [
    {
      key,
      message: `container ${container.name} has a default route ${way}${source} that slash64 did not make`,
      hint: `remove it (${insideCommand(container, world)} ${flag}route delete default ${way}), and what makes it; or leave the inside alone (runtime: none)`,
    },
  ]
}

function steps(change: Change<ContainerRouteSpec>, world: World): readonly Step[] {
  const [name = ''] = change.key.split(' ')
  const netns = networkOf({ name }, world)
  const line = (verb: 'replace' | 'delete', spec: RouteSpec): Step => ({
    tool: 'ip',
    netns,
    line: routeLine(verb, spec),
  })
  switch (change.action) {
    // `replace`: in a container that moved, the old way out still holds this metric until the late deletes.
    case 'create':
      return [line('replace', change.after)]
    case 'update':
      return [line('replace', change.after), line('delete', change.before)]
    case 'delete':
      return [line('delete', change.before)]
  }
}
