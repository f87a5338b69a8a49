import { digest } from '../../net/digest.ts'
import { notModelled, ToolFailure } from './fail.ts'
import { addLink, newNetns, removeNetns, setLinkState, setMaster } from './links.ts'
import { linkNamed } from './state.ts'
import type { ContainerRuntime, Link, MemoryContainer, Netns, World } from './state.ts'

const RUNTIMES: readonly ContainerRuntime[] = ['docker', 'incus', 'lxc', 'nspawn', 'podman']

/**
 * What people do with the runtimes' own commands, said in one way for all: `container start TYPE NAME [on BRIDGE]`, `stop`,
 * `restart`, `freeze` and `remove TYPE NAME`. A container has an `eth0` on the bridge, or the loopback only.
 */
export function runContainer(
  world: World,
  args: readonly string[],
  before: (change: string) => void,
): string {
  const [verb = '', word = '', name = '', ...rest] = args
  const type = RUNTIMES.find((one) => one === word)
  const [on, bridge] = rest
  const isNetwork = rest.length === 0 || (verb === 'start' && on === 'on' && rest.length === 2)
  const act = VERBS[verb]
  if (type === undefined || name === '' || !isNetwork || act === undefined)
    throw notModelled(`container ${args.join(' ')}`)
  before(`container ${args.join(' ')}`)
  const key = `${type} ${name}`
  if (verb === 'start' && !world.containers.has(key)) world.containers.set(key, created(type, name, bridge))
  const container = world.containers.get(key)
  if (container === undefined) throw new ToolFailure(`no such container: ${key}`, 1, true)
  act(world, container)
  return ''
}

const VERBS: Readonly<Record<string, (world: World, container: MemoryContainer) => void>> = {
  start,
  stop,
  restart: (world, container) => {
    stop(world, container)
    start(world, container)
  },
  freeze: (_, container) => {
    container.frozen = true
  },
  remove: (world, container) => {
    if (container.pid > 0) stop(world, container)
    world.containers.delete(`${container.type} ${container.name}`)
  },
}

function created(type: ContainerRuntime, name: string, bridge: string | undefined): MemoryContainer {
  return { type, name, bridge, id: digest(`${type} ${name}`, 64), pid: 0, frozen: false }
}

/** Another process each time, in another namespace, with another pair. */
function start(world: World, container: MemoryContainer): void {
  if (container.pid > 0) throw new ToolFailure(`${container.name} runs already`, 1, true)
  const bridge = bridgeOf(world, container)
  const netns = newNetns(world, `${container.type} ${container.name}`)
  const pid = world.nextPid
  world.nextPid += 1
  world.processes.set(pid, netns)
  const loopback = linkNamed(netns, 'lo')
  if (loopback !== undefined) setLinkState(world, loopback, true)
  if (bridge !== undefined) plugIn(world, netns, bridge, `veth${pid}`)
  Object.assign(container, { pid, frozen: false })
}

function bridgeOf({ host }: World, { bridge }: MemoryContainer): Link | undefined {
  const found = bridge === undefined ? undefined : linkNamed(host, bridge)
  if (bridge !== undefined && found?.kind !== 'bridge')
    throw new ToolFailure(`no such bridge: ${bridge}`, 1, true)
  return found
}

function plugIn(world: World, netns: Netns, bridge: Link, name: string): void {
  const inner = addLink(world, netns, { name: 'eth0', kind: 'veth' })
  const outer = addLink(world, world.host, { name, kind: 'veth' })
  inner.peer = outer
  outer.peer = inner
  setMaster(world, outer, bridge)
  for (const link of [inner, outer]) setLinkState(world, link, true)
}

function stop(world: World, container: MemoryContainer): void {
  const netns = world.processes.get(container.pid)
  if (netns === undefined) throw new ToolFailure(`${container.name} does not run`, 1, true)
  removeNetns(world, netns)
  world.processes.delete(container.pid)
  Object.assign(container, { pid: 0, frozen: false })
}
