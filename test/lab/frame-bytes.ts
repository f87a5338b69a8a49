/** Ethernet frames as bytes: each function lays one header around what it carries. Numbers are in network order. */
import { parseIpv4, parseIpv6 } from '../../src/net/address.ts'

export type Bytes = readonly number[]

export const TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  lldp: 0x88cc,
} as const
export const NEXT = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  udp: 17,
  esp: 50,
  pim: 103,
  fragment: 44,
  icmpv6: 58,
  destinationOptions: 60,
} as const
export const BROADCAST = 'ff:ff:ff:ff:ff:ff'

/** The number in so many bytes. */
export function number(value: number | bigint, length: number): Bytes {
  const wide = BigInt(value)
  return Array.from({ length }, (_, index) => Number((wide >> BigInt(8 * (length - 1 - index))) & 0xffn))
}

export function zeros(length: number): Bytes {
  return Array.from({ length }, () => 0)
}

export function macBytes(mac: string): Bytes {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16))
  if (bytes.length !== 6 || bytes.some((byte) => !(byte >= 0 && byte < 256)))
    throw new Error(`no MAC: ${mac}`)
  return bytes
}

export function addressBytes(address: string): Bytes {
  const value = address.includes(':') ? parseIpv6(address) : parseIpv4(address)
  if (value === undefined) throw new Error(`no address: ${address}`)
  return number(value, address.includes(':') ? 16 : 4)
}

/** The MAC of an IPv6 multicast group (RFC 2464, 7). */
export function groupMac(group: string): string {
  return ['33', '33', ...addressBytes(group).slice(12).map(hexByte)].join(':')
}

/** The group in which the owner of an address hears Neighbour Solicitations (RFC 4291, 2.7.1). */
export function solicitedNode(address: string): string {
  const [a = 0, b = 0, c = 0] = addressBytes(address).slice(13)
  return `ff02::1:ff${hexByte(a)}:${hexByte(b)}${hexByte(c)}`
}

export function toHex(bytes: Bytes): string {
  return bytes.map(hexByte).join('')
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

export interface Ethernet {
  readonly from: string
  readonly to: string
  /** Ether type; for LLC frames the length that stands in its place. */
  readonly type: number
}

/** Not padded to 60 bytes: a veth pair asks for no padding. */
export function ethernet({ from, to, type }: Ethernet, payload: Bytes): Bytes {
  return [...macBytes(to), ...macBytes(from), ...number(type, 2), ...payload]
}

/** A VLAN tag's rest: identifier, then the type of what it carries. */
export function vlan(identifier: number, type: number, payload: Bytes): Bytes {
  return [...number(identifier, 2), ...number(type, 2), ...payload]
}

export interface Arp {
  readonly operation: 'request' | 'reply'
  readonly senderMac: string
  readonly sender: string
  readonly targetMac?: string
  readonly target: string
}

export function arp({ operation, senderMac, sender, targetMac, target }: Arp): Bytes {
  const head = [0, 1, ...number(TYPE.ipv4, 2), 6, 4, 0, operation === 'request' ? 1 : 2]
  const to = targetMac === undefined ? zeros(6) : macBytes(targetMac)
  return [...head, ...macBytes(senderMac), ...addressBytes(sender), ...to, ...addressBytes(target)]
}

export interface Packet {
  readonly from: string
  readonly to: string
  /** Protocol (IPv4) or next header (IPv6). */
  readonly next: number
  /** TTL or hop limit; 64 unless told. */
  readonly hops?: number
  /** IPv4's flags and fragment offset as one number; "do not fragment" unless told. */
  readonly piece?: number
}

/** `extra`: by how much the header's total length is a lie. */
export function ipv4(
  { from, to, next, hops = 64, piece = 0x4000 }: Packet,
  payload: Bytes,
  extra = 0,
): Bytes {
  const ends = [...addressBytes(from), ...addressBytes(to)]
  const length = number(20 + payload.length + extra, 2)
  const start = [0x45, 0, ...length, 0x53, 0x36, ...number(piece, 2), hops, next]
  const sum = checksum([...start, 0, 0, ...ends])
  return [...start, ...number(sum, 2), ...ends, ...payload]
}

export function ipv6({ from, to, next, hops = 64 }: Packet, payload: Bytes): Bytes {
  const length = number(payload.length, 2)
  return [0x60, 0, 0, 0, ...length, next, hops, ...addressBytes(from), ...addressBytes(to), ...payload]
}

/** An options header (hop by hop, destination) of 16 bytes: an experiment's option, to be passed over (RFC 4727). */
export function options(next: number, mark: Bytes, payload: Bytes): Bytes {
  return [next, 1, 0x1e, mark.length, ...mark, 1, 10 - mark.length, ...zeros(10 - mark.length), ...payload]
}

/** `offset` in bytes, a multiple of 8. */
export function fragment(next: number, offset: number, more: boolean, payload: Bytes): Bytes {
  return [next, 0, ...number(offset | (more ? 1 : 0), 2), 0x53, 0x36, 0x34, 0x21, ...payload]
}

/** RFC 1071. */
export function checksum(bytes: Bytes): number {
  let sum = 0
  for (let index = 0; index < bytes.length; index += 2) {
    sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}

/** ICMP, ICMPv6 and IGMP begin alike; only ICMPv6 sums up its addresses too. */
export function message(type: number, code: number, body: Bytes, ends?: Pick<Packet, 'from' | 'to'>): Bytes {
  const blank = [type, code, 0, 0, ...body]
  const pseudo = ends ? pseudoHeader(ends, NEXT.icmpv6, blank.length) : []
  return [type, code, ...number(checksum([...pseudo, ...blank]), 2), ...body]
}

export interface Ports {
  readonly from: number
  readonly to: number
}

export function udp(ports: Ports, ends: Pick<Packet, 'from' | 'to'>, payload: Bytes): Bytes {
  const length = 8 + payload.length
  const start = [...number(ports.from, 2), ...number(ports.to, 2), ...number(length, 2)]
  const sum = checksum([...pseudoHeader(ends, NEXT.udp, length), ...start, 0, 0, ...payload])
  return [...start, ...number(sum === 0 ? 0xffff : sum, 2), ...payload]
}

function pseudoHeader({ from, to }: Pick<Packet, 'from' | 'to'>, next: number, length: number): Bytes {
  const tail = from.includes(':') ? [...number(length, 4), 0, 0, 0, next] : [0, next, ...number(length, 2)]
  return [...addressBytes(from), ...addressBytes(to), ...tail]
}
