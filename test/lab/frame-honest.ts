import {
  addressBytes,
  arp,
  BROADCAST,
  ethernet,
  message,
  NEXT,
  number,
  options,
  solicitedNode,
  TYPE,
  udp,
  zeros,
} from './frame-bytes.ts'
import type { Arp, Bytes } from './frame-bytes.ts'
import {
  ALL_NODES,
  fragments,
  frame4,
  frame6,
  icmpv6,
  linkOption,
  local,
  mldFrame,
  ND,
  neighbourFrame,
  pingFrame,
  udpFrame,
} from './frame-parts.ts'
import type { Build, Parties } from './frame-parts.ts'

type Frames = Readonly<Record<string, Build>>

const UNSPECIFIED = '::'

function arpFrame(
  { sender, receiver }: Parties,
  fields: Omit<Arp, 'senderMac'>,
  mark: Bytes,
): readonly Bytes[] {
  const to = fields.operation === 'request' ? BROADCAST : receiver.mac
  const body = arp({ ...fields, senderMac: sender.mac })
  return [ethernet({ from: sender.mac, to, type: TYPE.arp }, [...body, ...zeros(18), ...mark])]
}

const ARP: Frames = {
  'arp request': (all, mark) =>
    arpFrame(all, { operation: 'request', sender: all.sender.ipv4, target: all.receiver.ipv4 }, mark),
  'arp reply': (all, mark) => {
    const { sender, receiver } = all
    const to = { targetMac: receiver.mac, target: receiver.ipv4 }
    return arpFrame(all, { operation: 'reply', sender: sender.ipv4, ...to }, mark)
  },
  'arp announcement': (all, mark) =>
    arpFrame(all, { operation: 'request', sender: all.sender.ipv4, target: all.sender.ipv4 }, mark),
  'arp probe': (all, mark) =>
    arpFrame(all, { operation: 'request', sender: '0.0.0.0', target: all.sender.ipv4 }, mark),
}

const NEIGHBOUR: Frames = {
  'neighbour solicitation': (all, mark) => {
    const { sender, receiver } = all
    const ends = { from: sender.ipv6, to: solicitedNode(receiver.ipv6) }
    const body = [0, 0, 0, 0, ...addressBytes(receiver.ipv6), ...linkOption(1, sender.mac)]
    return [neighbourFrame(all, ends, ND.neighbourSolicit, body, mark)]
  },
  'neighbour advertisement': (all, mark) => {
    const { sender, receiver } = all
    const body = [0x60, 0, 0, 0, ...addressBytes(sender.ipv6), ...linkOption(2, sender.mac)]
    return [neighbourFrame(all, { from: sender.ipv6, to: receiver.ipv6 }, ND.neighbourAdvertise, body, mark)]
  },
  'neighbour advertisement of the own link-local': (all, mark) => {
    const { sender, receiver } = all
    const body = [0x60, 0, 0, 0, ...addressBytes(local(sender)), ...linkOption(2, sender.mac)]
    return [
      neighbourFrame(all, { from: local(sender), to: receiver.ipv6 }, ND.neighbourAdvertise, body, mark),
    ]
  },
  'unsolicited neighbour advertisement': (all, mark) => {
    const body = [0x20, 0, 0, 0, ...addressBytes(all.sender.ipv6), ...linkOption(2, all.sender.mac)]
    return [neighbourFrame(all, { from: all.sender.ipv6, to: ALL_NODES }, ND.neighbourAdvertise, body, mark)]
  },
  'duplicate address detection': (all, mark) => {
    const ends = { from: UNSPECIFIED, to: solicitedNode(all.sender.ipv6) }
    return [
      neighbourFrame(all, ends, ND.neighbourSolicit, [0, 0, 0, 0, ...addressBytes(all.sender.ipv6)], mark),
    ]
  },
  'duplicate address detection of the own link-local': (all, mark) => {
    const own = local(all.sender)
    const ends = { from: UNSPECIFIED, to: solicitedNode(own) }
    return [neighbourFrame(all, ends, ND.neighbourSolicit, [0, 0, 0, 0, ...addressBytes(own)], mark)]
  },
  'router solicitation': (all, mark) => {
    const ends = { from: local(all.sender), to: 'ff02::2' }
    return [neighbourFrame(all, ends, ND.solicit, [0, 0, 0, 0, ...linkOption(1, all.sender.mac)], mark)]
  },
}

/** MLDv2 report (RFC 3810, 5.2) of one group; the mark is the record's auxiliary data. */
function report(group: string, mark: Bytes): Bytes {
  return [0, 0, 0, 1, 4, mark.length / 4, 0, 0, ...addressBytes(group), ...mark]
}

const GROUPS: Frames = {
  'mld report': (all, mark) => [
    mldFrame(
      all,
      { from: local(all.sender), to: 'ff02::16' },
      143,
      report(solicitedNode(all.sender.ipv6), mark),
    ),
  ],
  'mld report before there is an address': (all, mark) => [
    mldFrame(all, { from: UNSPECIFIED, to: 'ff02::16' }, 143, report(solicitedNode(all.sender.ipv6), mark)),
  ],
  'mld report of the first version': (all, mark) => {
    const group = solicitedNode(all.sender.ipv6)
    const body = [0, 0, 0, 0, ...addressBytes(group), ...mark]
    return [mldFrame(all, { from: local(all.sender), to: group }, 131, body)]
  },
  'igmp report': (all, mark) => {
    const body = message(0x22, 0, [0, 0, 0, 1, 4, mark.length / 4, 0, 0, 239, 1, 2, 3, ...mark])
    return [frame4(all, { from: all.sender.ipv4, to: '224.0.0.22', next: NEXT.igmp, hops: 1 }, body)]
  },
}

const DHCP: Frames = {
  'dhcp4 discover': (all, mark) => {
    const head = [1, 1, 6, 0, 0x53, 0x36, 0x34, 0x21, ...zeros(20), ...addressBytes('0.0.0.0')]
    const body = [
      ...head.slice(0, 28),
      ...zeros(16 + 64 + 128),
      0x63,
      0x82,
      0x53,
      0x63,
      53,
      1,
      1,
      43,
      mark.length,
      ...mark,
      255,
    ]
    return [udpFrame(all, { from: '0.0.0.0', to: '255.255.255.255' }, { from: 68, to: 67 }, body)]
  },
  'dhcp4 renewal': (all, mark) => [
    udpFrame(all, { from: all.sender.ipv4, to: all.receiver.ipv4 }, { from: 68, to: 67 }, [
      1,
      1,
      6,
      0,
      ...mark,
    ]),
  ],
  'dhcp6 solicit': (all, mark) => {
    const body = [1, 0x53, 0x36, 0x34, 0, 17, ...number(mark.length, 2), ...mark]
    return [udpFrame(all, { from: local(all.sender), to: 'ff02::1:2' }, { from: 546, to: 547 }, body)]
  },
}

const TRAFFIC: Frames = {
  'ping by ipv4': (all, mark) => [pingFrame(all, { from: all.sender.ipv4, to: all.receiver.ipv4 }, mark)],
  'ping by ipv6': (all, mark) => [pingFrame(all, { from: all.sender.ipv6, to: all.receiver.ipv6 }, mark)],
  'ping by link-local': (all, mark) => [
    pingFrame(all, { from: local(all.sender), to: local(all.receiver) }, mark),
  ],
  'udp by ipv4': (all, mark) => [
    udpFrame(all, { from: all.sender.ipv4, to: all.receiver.ipv4 }, { from: 40_000, to: 9 }, mark),
  ],
  'udp by ipv6': (all, mark) => [
    udpFrame(all, { from: all.sender.ipv6, to: all.receiver.ipv6 }, { from: 40_000, to: 9 }, mark),
  ],
  'udp by ipv6 in fragments': (all, mark) => {
    const ends = { from: all.sender.ipv6, to: all.receiver.ipv6 }
    const whole = udp({ from: 40_000, to: 9 }, ends, [...mark, ...zeros(16), ...mark])
    return fragments(all, { ...ends, next: NEXT.udp }, whole, [24])
  },
  'esp by ipv6 in fragments': (all, mark) => {
    const ends = { from: all.sender.ipv6, to: all.receiver.ipv6 }
    return fragments(all, { ...ends, next: NEXT.esp }, [...zeros(8), ...mark, ...zeros(16), ...mark], [24])
  },
  'udp by ipv4 in fragments': (all, mark) => {
    const ends = { from: all.sender.ipv4, to: all.receiver.ipv4 }
    const whole = udp({ from: 40_000, to: 9 }, ends, [...mark, ...zeros(16), ...mark])
    const packet = { ...ends, next: NEXT.udp }
    return [
      frame4(all, { ...packet, piece: 0x2000 }, whole.slice(0, 24)),
      frame4(all, { ...packet, piece: 3 }, whole.slice(24)),
    ]
  },
  // No stack cuts where less than the least MTU of IPv6 is full (RFC 8200, 5).
  'ping by ipv6 in fragments': (all, mark) => {
    const ends = { from: all.sender.ipv6, to: all.receiver.ipv6 }
    const whole = icmpv6(ends, 128, [0x53, 0x36, 0, 2, ...mark, ...zeros(1224), ...mark])
    return fragments(all, { ...ends, next: NEXT.icmpv6 }, whole, [1232])
  },
  // Multicast DNS sends with the hop limit of Neighbour Discovery (RFC 6762, 11).
  'multicast dns by ipv4': (all, mark) => {
    const ends = { from: all.sender.ipv4, to: '224.0.0.251' }
    const body = udp({ from: 5353, to: 5353 }, ends, mark)
    return [frame4(all, { ...ends, next: NEXT.udp, hops: 255 }, body)]
  },
  'multicast dns by ipv6': (all, mark) => {
    const ends = { from: local(all.sender), to: 'ff02::fb' }
    const body = udp({ from: 5353, to: 5353 }, ends, mark)
    return [frame6(all, { ...ends, next: NEXT.udp, hops: 255 }, body)]
  },
  'udp behind options': (all, mark) => {
    const ends = { from: all.sender.ipv6, to: all.receiver.ipv6 }
    const body = options(NEXT.udp, mark, udp({ from: 40_000, to: 9 }, ends, mark))
    return [frame6(all, { ...ends, next: NEXT.destinationOptions }, body)]
  },
}

/** What a container must be able to send, by name. */
export const HONEST: Frames = { ...ARP, ...NEIGHBOUR, ...GROUPS, ...DHCP, ...TRAFFIC }
