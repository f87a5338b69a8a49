import type { Change, Netns, Step } from '../../engine/types.ts'
import type { World } from '../../model/world.ts'
import { networkOf } from '../shared/inside.ts'
import type { PeerSpec, VethSpec } from './spec.ts'

/** Steps on the host, then inside. A pair whose other end is elsewhere is made anew. */
export function vethSteps(change: Change<VethSpec>, world: World): readonly Step[] {
  const { key } = change
  if (change.action === 'delete') return [line(`link delete dev ${key}`)]
  const inside = networkOf({ name: change.after.container }, world)
  if (change.action === 'create') return create(key, change.after, inside)
  if (change.before.peer === undefined)
    return [line(`link delete dev ${key}`), ...create(key, change.after, inside)]
  return updateSteps(key, change.before, change.after, inside)
}

/** From the one state of a pair to the other, whoever made it: the host's end by its name, the other in its network. */
export function updateSteps(name: string, before: PairSpec, after: PairSpec, inside: Netns): readonly Step[] {
  return [
    ...updateHostEnd(name, before, after),
    ...updatePeer(before.peer, after.peer, inside),
    ...forgetAfterUpdate(before, after, inside),
  ]
}

/** Both ends, without the marks of who made them. */
export type PairSpec = Omit<VethSpec, 'alias' | 'group' | 'container'> & Partial<VethSpec>

/** The peer is made where it belongs: moving it there afterwards is 33 times slower (performance.md, A2b). */
function create(
  name: string,
  { bridge, group, mtu, peer, ...port }: VethSpec,
  inside: Netns,
): readonly Step[] {
  if (peer === undefined) return []
  const inner = `peer name ${peer.interface} address ${peer.mac} mtu ${peer.mtu} netns ${inside}`
  return [
    line(`link add name ${name} master ${bridge} group ${group} mtu ${mtu} up type veth ${inner}`),
    line(`link set dev ${name} alias ${port.alias} ${bridgePort(port)}`),
    forgetNeighbours(bridge),
    ...ipv6Steps(peer, inside),
    { tool: 'ip', netns: inside, line: `link set dev ${peer.interface} up` },
    ...linkLocalSteps(peer, inside),
  ]
}

/** Whoever had the container's addresses before had another MAC, which the host believes in for up to a minute. */
function forgetNeighbours(device: string, netns?: Netns): Step {
  return { tool: 'ip', line: `neigh flush dev ${device}`, once: true, ...(netns !== undefined && { netns }) }
}

/** Another bridge is another gateway MAC to the container; another MAC of the container is one to the host. */
function forgetAfterUpdate(before: PairSpec, after: PairSpec, inside: Netns): readonly Step[] {
  const moved = before.bridge !== after.bridge
  const device = after.peer?.interface
  return [
    ...(moved || before.peer?.mac !== after.peer?.mac ? [forgetNeighbours(after.bridge)] : []),
    ...(moved && device !== undefined ? [forgetNeighbours(device, inside)] : []),
  ]
}

function updateHostEnd(name: string, before: PairSpec, after: PairSpec): readonly Step[] {
  const moved = before.bridge !== after.bridge
  const settings = [
    moved && `master ${after.bridge}`,
    before.mtu !== after.mtu && `mtu ${after.mtu}`,
    before.group !== after.group && `group ${after.group}`,
    before.alias !== after.alias && `alias ${after.alias}`,
    before.up !== after.up && 'up',
  ].filter((part) => part)
  // A new bridge port starts with the kernel's defaults, and one message cannot both make it a port and set it up.
  const portDiffers = moved || before.hairpin !== after.hairpin || before.isolated !== after.isolated
  return [
    ...(settings.length === 0 ? [] : [line(`link set dev ${name} ${settings.join(' ')}`)]),
    ...(portDiffers ? [line(`link set dev ${name} ${bridgePort(after)}`)] : []),
  ]
}

function updatePeer(
  before: PeerSpec | undefined,
  after: PeerSpec | undefined,
  inside: Netns,
): readonly Step[] {
  if (before === undefined || after === undefined) return []
  const settings = [
    before.mac !== after.mac && `address ${after.mac}`,
    before.mtu !== after.mtu && `mtu ${after.mtu}`,
    before.up !== after.up && 'up',
  ].filter((part) => part)
  const words = (text: string): Step => ({
    tool: 'ip',
    netns: inside,
    line: `link set dev ${after.interface} ${text}`,
  })
  const addressed = before.linkLocal === after.linkLocal
  return [
    ...(addressed ? [] : ipv6Steps(after, inside)),
    ...(settings.length === 0 ? [] : [words(settings.join(' '))]),
    ...(addressed ? [] : linkLocalSteps(after, inside, before.linkLocal)),
  ]
}

/** Runtimes and images switch IPv6 off for every interface to come; without a link-local address it is off on this one. */
function ipv6Steps({ interface: device, linkLocal }: PeerSpec, inside: Netns): readonly Step[] {
  if (linkLocal === undefined) return []
  return [
    { tool: 'ip', netns: inside, setting: { name: `net/ipv6/conf/${device}/disable_ipv6`, value: '0' } },
  ]
}

/** The kernel makes one when a link comes up, a moment later; and none when its MAC changes, or the old one stays. */
function linkLocalSteps(
  { interface: device, linkLocal }: PeerSpec,
  inside: Netns,
  last = '',
): readonly Step[] {
  if (linkLocal === undefined) return []
  const add = `addr replace ${linkLocal}/64 dev ${device} nodad`
  const remove = last === '' ? [] : [`addr delete ${last}/64 dev ${device}`]
  return [add, ...remove].map((text) => ({ tool: 'ip', netns: inside, line: text }))
}

function bridgePort({ hairpin, isolated }: Pick<VethSpec, 'hairpin' | 'isolated'>): string {
  return `type bridge_slave hairpin ${onOff(hairpin)} isolated ${onOff(isolated)}`
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off'
}

function line(text: string): Step {
  return { tool: 'ip', line: text }
}
