import type { Problem, Replies } from '../engine/types.ts'
import type { RouteEntry } from '../formats/ip-routes.ts'
import { ALIAS_PREFIX, MARK_TEXT } from '../model/identity.ts'
import { links, routes } from '../kinds/shared/probes.ts'
import type { World } from '../model/world.ts'
import { canonicalIpv4, canonicalIpv6, cidrContains, overlaps, parseCidr } from '../net/address.ts'

/**
 * Foreign objects that are not in the place of one of ours, and still keep a container from being reached: its
 * address on the host itself, a route that leads it away, a bridge port that eastWest: deny does not hold.
 */
export function obstacles(world: World, replies: Replies): readonly Problem[] {
  return [
    ...addressesOnHost(world, replies),
    ...routesAway(world, replies),
    ...(world.model.firewall.eastWest === 'deny' ? openPorts(world, replies) : []),
  ]
}

function addressesOnHost({ model, facts }: World, replies: Replies): readonly Problem[] {
  const owner = new Map(
    model.containers.flatMap(({ name, ipv4, ipv6 }) =>
      [ipv4, ipv6].map((own): [string, string] => [own ?? '', name]),
    ),
  )
  return links(replies).flatMap(({ name: device, addresses }) =>
    addresses.flatMap(({ address, length, family }) => {
      const container = owner.get(address)
      // An IPv6 on a foreign link stands in the way of the container's route, and is told there.
      const isTold = family === 6 && facts.foreignAddresses.get(address) === device
      if (container === undefined || isTold) return []
      return [
        {
          code: 'S64-F002',
          message: `${address}, the address of container ${container}, is on ${device} of this host, which answers for it`,
          hint: `take it away (ip addr delete ${address}/${length} dev ${device}), or give the container another address`,
        },
      ]
    }),
  )
}

function routesAway(world: World, replies: Replies): readonly Problem[] {
  const { networks } = world.model
  const bridges = new Set(networks.map(({ name }) => name))
  const subnets = networks.flatMap(({ ipv4, ipv6 }) =>
    [ipv4, ipv6].flatMap((subnet) => parseCidr(subnet?.cidr ?? '') ?? []),
  )
  const foreign = [...routes(replies, 4), ...routes(replies, 6)].filter(
    ({ protocol, device, destination }) =>
      protocol !== MARK_TEXT && !bridges.has(device ?? '') && destination !== 'default',
  )
  return foreign.flatMap((route) => {
    const cidr = parseCidr(withLength(route.destination))
    if (cidr === undefined || !subnets.some((subnet) => overlaps(subnet, cidr))) return []
    return leadsAway(route, cidr.length, world)
  })
}

/** The more specific route wins, then the smaller metric; ours are a /128 each, and the connected IPv4 subnet. */
function leadsAway(route: RouteEntry, length: number, { model }: World): readonly Problem[] {
  const destination = withLength(route.destination)
  const six = destination.includes(':')
  const lost = model.containers.filter(({ ipv4, ipv6, network }) => {
    const own = six ? ipv6 : ipv4
    if (own === undefined || !cidrContains(destination, own)) return false
    const subnet = model.networks.find(({ name }) => name === network)?.ipv4
    const ours = six ? 128 : (subnet?.length ?? 32)
    return length > ours || (length === ours && route.metric < Number(MARK_TEXT))
  })
  const [first] = lost
  if (first === undefined) return []
  const words = `${route.destination}${route.device === undefined ? '' : ` dev ${route.device}`}${route.metric === 0 ? '' : ` metric ${route.metric}`}`
  return [
    {
      code: 'S64-F003',
      message: `the route ${words}, which slash64 did not make, leads packets for container ${first.name} away${lost.length > 1 ? ` (and ${lost.length - 1} more)` : ''}`,
      hint: `remove it (ip route delete ${words}), or give the container another address`,
    },
  ]
}

function withLength(destination: string): string {
  if (canonicalIpv4(destination) !== undefined) return `${destination}/32`
  return canonicalIpv6(destination) === undefined ? destination : `${destination}/128`
}

/** Ports of our bridges that somebody else made: frames between them never come by the firewall. */
function openPorts({ model }: World, replies: Replies): readonly Problem[] {
  const bridges = new Set(model.networks.map(({ name }) => name))
  return links(replies)
    .filter(({ master, isolated }) => master !== undefined && bridges.has(master) && !isolated)
    .filter(({ alias }) => !alias.startsWith(ALIAS_PREFIX))
    .map(({ name, master }) => ({
      code: 'S64-F004',
      message: `the port ${name} of ${master} is not isolated, so eastWest: deny does not hold for it`,
      hint: `isolate it (ip link set dev ${name} type bridge_slave isolated on)`,
    }))
}
