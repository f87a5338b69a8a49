import type { Container } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { parseIpv6 } from '../../net/address.ts'
import { linkLocalOf } from '../../net/mac.ts'
import { guardedPort } from '../shared/attachment.ts'
import { defineElementKind } from '../shared/elements.ts'
import type { ElementSpec } from '../shared/elements.ts'
import { isPerhaps, isTaken, portMap } from '../shared/ports.ts'
import { standingContainers, standingNetworks } from '../shared/standing.ts'

/**
 * Who may send what, by the port that it comes in by: each container from its own MAC and addresses. Behind a port of nobody
 * may be a container that somebody else configures (`runtime: none`): it has their addresses, and no MAC of others.
 */
export const portSender = defineElementKind({
  name: 'port-sender',
  sets: ['guests', 'macs', 'portmacs', 'ports4', 'ports6'],
  deletes: 'early',
  protects: true,
  accompanies: true,
  keeps,
  withdrawal,
  followsHost: true,
  desired: (world) => [
    ...macs(world),
    ...standingContainers(world).flatMap((container) => ofContainer(container, world)),
    ...guestPorts(world).flatMap(([port, bridge]) => ofGuest(port, bridge, world)),
  ],
})

/** Those of the bridges are the gateways'. */
function macs({ model }: World): readonly ElementSpec[] {
  const all = [...model.networks, ...model.containers.filter(({ runtime }) => runtime.type !== 'none')]
  return all.map(({ mac }) => ({ set: 'macs', element: mac }))
}

function ofContainer(container: Container, world: World): readonly ElementSpec[] {
  const port = guardedPort(container, world)
  if (port === undefined) return []
  return [{ set: 'portmacs', element: `${port} . ${container.mac}` }, ...addresses(port, container)]
}

function addresses(port: string, container: Container): readonly ElementSpec[] {
  return sourcesOf(container).map(({ set, value }) => ({ set, element: `${port} . ${value}` }))
}

interface Source {
  readonly set: 'ports4' | 'ports6'
  readonly value: string
}

/** The addresses that it may send from; the same for each port. */
function sourcesOf(container: Container): readonly Source[] {
  const known = sources.get(container) ?? newSources(container)
  sources.set(container, known)
  return known
}

const sources = new WeakMap<Container, readonly Source[]>()

function newSources({ mac, ipv4, ipv6 }: Container): readonly Source[] {
  const six = [linkLocalOf(mac), ...(ipv6 === undefined ? [] : [ipv6])]
  return [
    ...(ipv4 === undefined ? [] : [{ set: 'ports4' as const, value: ipv4 }]),
    ...six.map((address) => ({ set: 'ports6' as const, value: hexadecimal(address) })),
  ]
}

/** As nft prints it. */
function hexadecimal(address: string): string {
  return `0x${(parseIpv6(address) ?? 0n).toString(16)}`
}

function guestPorts(world: World): readonly (readonly [port: string, bridge: string])[] {
  const { known, bridges, leaving } = portMap(world)
  const standing = new Set(standingNetworks(world).map(({ name }) => name))
  return [...bridges].filter(
    ([port, bridge]) =>
      !known.has(port) && !leaving.has(port) && !isPerhaps(port, world) && standing.has(bridge),
  )
}

function ofGuest(port: string, bridge: string, { model }: World): readonly ElementSpec[] {
  const guests = model.containers.filter(
    ({ network, runtime }) => network === bridge && runtime.type === 'none',
  )
  if (guests.length === 0) return []
  return [{ set: 'guests', element: port }, ...guests.flatMap((container) => addresses(port, container))]
}

/**
 * On a bridge that lost its marks everything stays; and so does what is there for a port behind which a container may be of
 * which nothing could be read now: as its own, or as a guest's.
 */
function keeps({ set, element }: ElementSpec, world: World): boolean {
  const [port = '', value] = element.split(' . ')
  if (set === 'macs') return false
  if (isTaken(port, world)) return true
  if (!isPerhaps(port, world)) return false
  const { unread } = portMap(world)
  const guests = world.model.containers.filter(({ runtime }) => runtime.type === 'none')
  return value === undefined || [...unread, ...guests].some((one) => valuesOf(one).includes(value))
}

/** A container that has another port now, as its runtime makes one with each start; and ports that are no guests' now. */
function withdrawal({ set, element }: ElementSpec, world: World): string | undefined {
  if (set === 'macs') return undefined
  const [port = '', value] = element.split(' . ')
  if (value === undefined) return guestLess(port, world)
  const declared = world.model.containers.some((container) => valuesOf(container).includes(value))
  return declared ? `what has ${value} is not behind ${port}` : undefined
}

function guestLess(port: string, world: World): string | undefined {
  const { known, bridges } = portMap(world)
  if (known.has(port)) return `behind ${port} is a container of the file`
  return bridges.has(port) ? undefined : `nothing is plugged in by the name ${port}`
}

function valuesOf(container: Container): readonly string[] {
  return [container.mac, ...sourcesOf(container).map(({ value }) => value)]
}
