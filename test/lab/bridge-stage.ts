import { linkLocalOf } from '../../src/net/mac.ts'
import type { Party } from './frame-parts.ts'
import { createLab, type Lab } from './lab.ts'

/** Three containers at a bridge of the host, wired by hand: nothing of slash64 is in it. */
export interface BridgeStage {
  readonly lab: Lab
  /** The host itself, by its bridge. */
  readonly host: Party
  readonly containers: Readonly<Record<ContainerName, Party>>
  readonly destroy: () => Promise<void>
}

export type ContainerName = 'ann' | 'ben' | 'cid'

export const BRIDGE = 'br-ct'
const NAMES: readonly ContainerName[] = ['ann', 'ben', 'cid']
const HOST: Party = { mac: '02:64:00:00:00:01', ipv4: '10.64.0.1', ipv6: '2001:db8:1:1::1:1' }
const CONTAINERS: Readonly<Record<ContainerName, Party>> = {
  ann: { mac: '02:64:00:00:00:0a', ipv4: '10.64.0.10', ipv6: '2001:db8:1:1::1:a' },
  ben: { mac: '02:64:00:00:00:0b', ipv4: '10.64.0.11', ipv6: '2001:db8:1:1::1:b' },
  cid: { mac: '02:64:00:00:00:0c', ipv4: '10.64.0.12', ipv6: '2001:db8:1:1::1:c' },
}

/** The host's end of a container's cable. */
export function portOf(name: ContainerName): string {
  return `port-${name}`
}

/** Every address of a party: what it may send from. */
export function addressesOf({ mac, ipv4, ipv6 }: Party): readonly string[] {
  return [ipv4, ipv6, linkLocalOf(mac)]
}

/** Whether br_netfilter lends the bridge's frames to IP's chains; then malformed packets are dropped by it. */
export async function lendFrames(lab: Lab, lend: boolean): Promise<void> {
  for (const tool of ['iptables', 'ip6tables', 'arptables'])
    await lab.writeSysctl('host', `net/bridge/bridge-nf-call-${tool}`, lend ? 1 : 0)
}

/** Raises it with br_netfilter out of the way. */
export async function raiseBridge(): Promise<BridgeStage> {
  const lab = await createLab({ containers: NAMES })
  await lab.ip(
    'host',
    // Whoever sends a query would else decide, seconds later, which frames to groups pass.
    `link add ${BRIDGE} address ${HOST.mac} type bridge mcast_snooping 0`,
    `address add ${HOST.ipv4}/24 dev ${BRIDGE}`,
    `address add ${HOST.ipv6}/112 dev ${BRIDGE} nodad`,
    `link set ${BRIDGE} up`,
    ...NAMES.flatMap((name) => cable(lab, name)),
  )
  await Promise.all(NAMES.map((name) => configure(lab, name)))
  await lendFrames(lab, false)
  return { lab, host: HOST, containers: CONTAINERS, destroy: lab.destroy }
}

function cable(lab: Lab, name: ContainerName): readonly string[] {
  const peer = `peer name eth0 address ${CONTAINERS[name].mac} netns ${lab.namespace(name)}`
  return [
    `link add ${portOf(name)} type veth ${peer}`,
    `link set ${portOf(name)} master ${BRIDGE}`,
    `link set ${portOf(name)} up`,
  ]
}

async function configure(lab: Lab, name: ContainerName): Promise<void> {
  const { ipv4, ipv6 } = CONTAINERS[name]
  await lab.ip(
    name,
    'link set eth0 up',
    `address add ${ipv4}/24 dev eth0`,
    `address add ${ipv6}/112 dev eth0 nodad`,
    `route add default via ${HOST.ipv4}`,
    `route add default via ${HOST.ipv6}`,
  )
}
