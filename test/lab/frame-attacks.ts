import {
  addressBytes,
  ethernet,
  ipv4,
  message,
  NEXT,
  number,
  options,
  TYPE,
  udp,
  zeros,
} from './frame-bytes.ts'
import type { Bytes } from './frame-bytes.ts'
import { LINK_ATTACKS } from './frame-attacks-link.ts'
import { NEIGHBOUR_ATTACKS } from './frame-attacks-neighbour.ts'
import { ALL_NODES, fragments, frame4, frame6, local, mldFrame, pingFrame, udpFrame } from './frame-parts.ts'
import type { Build, Ends, Parties } from './frame-parts.ts'

type Attacks = Readonly<Record<string, Build>>

function between4({ sender, receiver }: Parties): Ends {
  return { from: sender.ipv4, to: receiver.ipv4 }
}

function between6({ sender, receiver }: Parties): Ends {
  return { from: local(sender), to: local(receiver) }
}

/** BOOTREPLY with an offer (RFC 2131): enough of it that a client would look at it. */
function offer({ sender, receiver }: Parties, mark: Bytes): Bytes {
  const head = [2, 1, 6, 0, 0x53, 0x36, 0x34, 0x21, ...zeros(8), ...addressBytes(receiver.ipv4)]
  const fixed = [...head, ...addressBytes(sender.ipv4), ...zeros(4 + 16 + 64 + 128), 0x63, 0x82, 0x53, 0x63]
  return [...fixed, 53, 1, 2, 54, 4, ...addressBytes(sender.ipv4), 43, mark.length, ...mark, 255]
}

/** DHCPv6 (RFC 8415): type, transaction, the mark as a vendor's option. */
function dhcp6(type: number, mark: Bytes): Bytes {
  return [type, 0x53, 0x36, 0x34, 0, 17, ...number(mark.length, 2), ...mark]
}

const DHCP_ATTACKS: Attacks = {
  'dhcp4 offer': (all, mark) => [udpFrame(all, between4(all), { from: 67, to: 68 }, offer(all, mark))],
  'dhcp4 offer to all': (all, mark) => [
    udpFrame(all, { from: all.sender.ipv4, to: '255.255.255.255' }, { from: 67, to: 68 }, offer(all, mark)),
  ],
  // Clients ask for their own port only.
  'dhcp4 offer from another port': (all, mark) => [
    udpFrame(all, between4(all), { from: 1067, to: 68 }, offer(all, mark)),
  ],
  // No kernel takes such a packet, but a client that listens by packet socket sees it.
  'dhcp4 offer of wrong length': (all, mark) => {
    const packet = { ...between4(all), next: NEXT.udp }
    const body = udp({ from: 67, to: 68 }, packet, offer(all, mark))
    const ends = { from: all.sender.mac, to: all.receiver.mac }
    return [ethernet({ ...ends, type: TYPE.ipv4 }, ipv4(packet, body, 200))]
  },
  'dhcp6 advertise': (all, mark) => [udpFrame(all, between6(all), { from: 547, to: 546 }, dhcp6(2, mark))],
  'dhcp6 reply from another port': (all, mark) => [
    udpFrame(all, between6(all), { from: 1547, to: 546 }, dhcp6(7, mark)),
  ],
  'dhcp6 reply in fragments': (all, mark) => {
    const ends = between6(all)
    const body = udp({ from: 547, to: 546 }, ends, dhcp6(7, mark))
    const packet = { ...ends, next: NEXT.destinationOptions }
    return fragments(all, packet, options(NEXT.udp, mark, body), [16])
  },
}

const SPOOFED: Attacks = {
  'ipv4 of another': (all, mark) => [pingFrame(all, { from: all.victim.ipv4, to: all.receiver.ipv4 }, mark)],
  'ipv4 of nobody': (all, mark) => [pingFrame(all, { from: '192.0.2.99', to: all.receiver.ipv4 }, mark)],
  'ipv6 of another': (all, mark) => [pingFrame(all, { from: all.victim.ipv6, to: all.receiver.ipv6 }, mark)],
  'ipv6 of nobody': (all, mark) => [pingFrame(all, { from: '2001:db8:bad::1', to: all.receiver.ipv6 }, mark)],
  'link-local of another': (all, mark) => [
    pingFrame(all, { from: local(all.victim), to: local(all.receiver) }, mark),
  ],
  'ping from the unspecified address': (all, mark) => [
    pingFrame(all, { from: '::', to: all.receiver.ipv6 }, mark),
  ],
  'udp of another': (all, mark) => [
    udpFrame(all, { from: all.victim.ipv6, to: all.receiver.ipv6 }, { from: 5353, to: 9 }, mark),
  ],
}

const ROUTING: Attacks = {
  // Redirect for host (RFC 792), with the packet it pretends to answer.
  'icmp redirect': (all, mark) => {
    const inner = ipv4({ from: all.receiver.ipv4, to: all.victim.ipv4, next: NEXT.udp }, [
      0,
      9,
      0,
      9,
      0,
      16,
      0,
      0,
      ...mark,
    ])
    const body = message(5, 1, [...addressBytes(all.sender.ipv4), ...inner])
    return [frame4(all, { ...between4(all), next: NEXT.icmp }, body)]
  },
  'icmp router advertisement': (all, mark) => {
    const body = message(9, 0, [1, 2, 7, 8, ...addressBytes(all.sender.ipv4), 0, 0, 0, 0, ...mark])
    return [frame4(all, { from: all.sender.ipv4, to: '224.0.0.1', next: NEXT.icmp, hops: 1 }, body)]
  },
  // Whoever asks for listeners becomes the port to which the bridge sends every group's traffic.
  'igmp query': (all, mark) => {
    const body = message(0x11, 100, [0, 0, 0, 0, 2, 125, 0, 0, ...mark])
    return [frame4(all, { from: all.sender.ipv4, to: '224.0.0.1', next: NEXT.igmp, hops: 1 }, body)]
  },
  // So does whoever says that it is a multicast router: PIM (RFC 7761), Multicast Router Discovery (RFC 4286).
  'pim hello': (all, mark) => {
    const body = message(0x20, 0, [0, 1, 0, 2, 0, 105, ...mark])
    return [frame4(all, { from: all.sender.ipv4, to: '224.0.0.13', next: NEXT.pim, hops: 1 }, body)]
  },
  'pim hello by ipv6': (all, mark) => {
    const body = message(0x20, 0, [0, 1, 0, 2, 0, 105, ...mark])
    return [frame6(all, { from: local(all.sender), to: 'ff02::d', next: NEXT.pim, hops: 1 }, body)]
  },
  'multicast router advertisement': (all, mark) => {
    const body = message(0x30, 20, [0, 0, 0, 0, ...mark])
    return [frame4(all, { from: all.sender.ipv4, to: '224.0.0.106', next: NEXT.igmp, hops: 1 }, body)]
  },
  'multicast router advertisement by ipv6': (all, mark) => [
    mldFrame(all, { from: local(all.sender), to: 'ff02::6a' }, 151, [0, 0, 0, 0, ...mark]),
  ],
  'mld query': (all, mark) => [
    mldFrame(all, { from: local(all.sender), to: ALL_NODES }, 130, [
      0x27,
      0x10,
      0,
      0,
      ...zeros(16),
      2,
      125,
      0,
      0,
      ...mark,
    ]),
  ],
}

/** What no container may send, by name; each is one frame or the pieces of one packet. */
export const ATTACKS: Attacks = {
  ...LINK_ATTACKS,
  ...NEIGHBOUR_ATTACKS,
  ...DHCP_ATTACKS,
  ...SPOOFED,
  ...ROUTING,
}
