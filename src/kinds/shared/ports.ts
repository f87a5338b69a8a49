import { vethName } from '../../model/identity.ts'
import type { Container } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { guardedPort } from './attachment.ts'

/** Who is behind the ports of our bridges, as far as it is known. */
export interface PortMap {
  /** Ports of declared containers: behind each is one of them and nobody else. */
  readonly known: ReadonlySet<string>
  /** The bridge of each port that is plugged in now. */
  readonly bridges: ReadonlyMap<string, string>
  /** Plugged-in ports of pairs that we made for containers which left the file: they go with their pair (kind veth). */
  readonly leaving: ReadonlySet<string>
  /** Containers of which nothing could be read: what stands for them may be right. */
  readonly unread: readonly Container[]
}

const maps = new WeakMap<World, PortMap>()

export function portMap(world: World): PortMap {
  const map = maps.get(world) ?? mapOf(world)
  maps.set(world, map)
  return map
}

function mapOf(world: World): PortMap {
  const { model, facts } = world
  const known = new Set(model.containers.flatMap((container) => guardedPort(container, world) ?? []))
  const pairs = new Set(model.containers.map(({ runtime }) => vethName(runtime)))
  const leaving = facts.ports.filter(({ name, ours }) => ours && !known.has(name) && !pairs.has(name))
  return {
    known,
    bridges: new Map(facts.ports.map(({ name, bridge }) => [name, bridge])),
    leaving: new Set(leaving.map(({ name }) => name)),
    unread: model.containers.filter(({ name }) => facts.containers.get(name)?.state === 'unknown'),
  }
}

/** Whether a container of which nothing could be read now may be behind this port, so that what stands for it must stay. */
export function isPerhaps(port: string, world: World): boolean {
  const { known, bridges, unread } = portMap(world)
  const bridge = bridges.get(port)
  return (
    !known.has(port) &&
    unread.some(({ network, runtime }) => network === bridge || vethName(runtime) === port)
  )
}

/** Whether the port is plugged into something that only bears the name of one of our bridges. */
export function isTaken(port: string, world: World): boolean {
  return world.facts.takenNetworks.has(portMap(world).bridges.get(port) ?? '')
}
