/** What attack frames and honest ones have in common: parties, marks, and whole packets of the usual shapes. */
import { linkLocalOf } from '../../src/net/mac.ts'
import {
  addressBytes,
  BROADCAST,
  ethernet,
  fragment,
  groupMac,
  ipv4,
  ipv6,
  macBytes,
  message,
  NEXT,
  TYPE,
  udp,
  type Bytes,
  type Packet,
  type Ports,
} from './frame-bytes.ts'

export interface Party {
  readonly mac: string
  readonly ipv4: string
  readonly ipv6: string
}

export interface Parties {
  /** Who sends. */
  readonly sender: Party
  /** Whom unicast frames go to. */
  readonly receiver: Party
  /** Whose addresses an attack claims: another container, or the host. */
  readonly victim: Party
}

/** The frames of one case, most often one; `mark` must be in each of them, within all lengths and checksums. */
export type Build = (parties: Parties, mark: Bytes) => readonly Bytes[]

export const ALL_NODES = 'ff02::1'

export function local({ mac }: Party): string {
  return linkLocalOf(mac)
}

/** From the sender's MAC to the receiver's, or to the group's. */
export function frame4({ sender, receiver }: Parties, packet: Packet, payload: Bytes): Bytes {
  const to = packet.to.startsWith('2') || packet.to === '255.255.255.255' ? groupOf4(packet.to) : receiver.mac
  return ethernet({ from: sender.mac, to, type: TYPE.ipv4 }, ipv4(packet, payload))
}

function groupOf4(address: string): string {
  const [first = 0, second = 0, ...rest] = addressBytes(address)
  const group = [second & 0x7f, ...rest].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  return first === 255 ? BROADCAST : `01:00:5e:${group}`
}

export function frame6({ sender, receiver }: Parties, packet: Packet, payload: Bytes): Bytes {
  const to = packet.to.startsWith('ff') ? groupMac(packet.to) : receiver.mac
  return ethernet({ from: sender.mac, to, type: TYPE.ipv6 }, ipv6(packet, payload))
}

/** An option of Neighbour Discovery that holds a link-layer address: 1 of the source, 2 of the target. */
export function linkOption(type: 1 | 2, mac: string): Bytes {
  return [type, 1, ...macBytes(mac)]
}

/** Type 253 is for experiments (RFC 4727): whoever does not know an option passes over it (RFC 4861, 4.6). */
export function markOption(mark: Bytes): Bytes {
  return [253, 2, ...mark, 0, 0, 0, 0, 0, 0]
}

export const ND = {
  solicit: 133,
  advertise: 134,
  neighbourSolicit: 135,
  neighbourAdvertise: 136,
  redirect: 137,
} as const

export type Ends = Pick<Packet, 'from' | 'to'>

export function icmpv6(ends: Ends, type: number, body: Bytes): Bytes {
  return message(type, 0, body, ends)
}

/** Neighbour Discovery's own message, the mark as last option. */
export function neighbour(ends: Ends, type: number, body: Bytes, mark: Bytes): Bytes {
  return icmpv6(ends, type, [...body, ...markOption(mark)])
}

/** The same in a frame: hop limit 255 (RFC 4861, 6.1). */
export function neighbourFrame(parties: Parties, ends: Ends, type: number, body: Bytes, mark: Bytes): Bytes {
  return frame6(parties, { ...ends, next: NEXT.icmpv6, hops: 255 }, neighbour(ends, type, body, mark))
}

export function udpFrame(parties: Parties, ends: Ends, ports: Ports, payload: Bytes): Bytes {
  const lay = ends.from.includes(':') ? frame6 : frame4
  return lay(parties, { ...ends, next: NEXT.udp }, udp(ports, ends, payload))
}

export function pingFrame(parties: Parties, ends: Ends, mark: Bytes): Bytes {
  const body = [0x53, 0x36, 0, 1, ...mark]
  return ends.from.includes(':')
    ? frame6(parties, { ...ends, next: NEXT.icmpv6 }, message(128, 0, body, ends))
    : frame4(parties, { ...ends, next: NEXT.icmp }, message(8, 0, body))
}

/** MLD (RFC 2710, RFC 3810): hop limit 1, router alert in a hop-by-hop header. */
export function mldFrame(parties: Parties, ends: Ends, type: number, body: Bytes): Bytes {
  const alert = [NEXT.icmpv6, 0, 5, 2, 0, 0, 1, 0]
  const packet = { ...ends, next: NEXT.hopByHop, hops: 1 }
  return frame6(parties, packet, [...alert, ...icmpv6(ends, type, body)])
}

/** An IPv6 packet in pieces that begin at the given bytes of its payload (multiples of 8). */
export function fragments(
  parties: Parties,
  packet: Packet,
  payload: Bytes,
  cuts: readonly number[],
): readonly Bytes[] {
  return [0, ...cuts].map((start, index) => {
    const piece = fragment(packet.next, start, index < cuts.length, payload.slice(start, cuts[index]))
    return frame6(parties, { ...packet, next: NEXT.fragment }, piece)
  })
}
