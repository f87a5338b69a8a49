import type { Change, Step } from '../../engine/types.ts'
import type { PeerSpec, VethSpec } from './spec.ts'

/** Steps on the host, then inside. A pair whose other end is elsewhere is made anew. */
export function vethSteps(change: Change<VethSpec>): readonly Step[] {
  const { key } = change
  switch (change.action) {
    case 'create':
      return create(key, change.after)
    case 'update':
      if (change.before.peer === undefined)
        return [line(`link delete dev ${key}`), ...create(key, change.after)]
      return [
        ...updateHostEnd(key, change.before, change.after),
        ...updatePeer(change.before.peer, change.after.peer),
        ...forgetAfterUpdate(change.before, change.after),
      ]
    case 'delete':
      return [line(`link delete dev ${key}`)]
  }
}

/** The peer is made where it belongs: moving it there afterwards is 33 times slower (performance.md, A2b). */
function create(name: string, { bridge, group, mtu, peer, ...port }: VethSpec): readonly Step[] {
  if (peer === undefined) return []
  const inner = `peer name ${peer.interface} address ${peer.mac} mtu ${peer.mtu} netns ${peer.netns}`
  return [
    line(`link add name ${name} master ${bridge} group ${group} mtu ${mtu} up type veth ${inner}`),
    line(`link set dev ${name} alias ${port.alias} ${bridgePort(port)}`),
    forgetNeighbours(bridge),
    { tool: 'ip', netns: peer.netns, line: `link set dev ${peer.interface} up` },
  ]
}

/** Whoever had the container's addresses before had another MAC, which the host believes in for up to a minute. */
function forgetNeighbours(device: string, netns?: string): Step {
  return { tool: 'ip', line: `neigh flush dev ${device}`, once: true, ...(netns !== undefined && { netns }) }
}

/** Another bridge is another gateway MAC to the container; another MAC of the container is one to the host. */
function forgetAfterUpdate(before: VethSpec, after: VethSpec): readonly Step[] {
  const moved = before.bridge !== after.bridge
  const [netns, device] = [after.peer?.netns, after.peer?.interface]
  return [
    ...(moved || before.peer?.mac !== after.peer?.mac ? [forgetNeighbours(after.bridge)] : []),
    ...(moved && netns !== undefined && device !== undefined ? [forgetNeighbours(device, netns)] : []),
  ]
}

function updateHostEnd(name: string, before: VethSpec, after: VethSpec): readonly Step[] {
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

function updatePeer(before: PeerSpec, after: PeerSpec | undefined): readonly Step[] {
  if (after === undefined) return []
  const settings = [
    before.mac !== after.mac && `address ${after.mac}`,
    before.mtu !== after.mtu && `mtu ${after.mtu}`,
    before.up !== after.up && 'up',
  ].filter((part) => part)
  if (settings.length === 0) return []
  return [{ tool: 'ip', netns: after.netns, line: `link set dev ${after.interface} ${settings.join(' ')}` }]
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
