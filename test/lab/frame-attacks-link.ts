import { arp, BROADCAST, ethernet, ipv4, message, NEXT, TYPE, vlan, zeros } from './frame-bytes.ts'
import type { Arp, Bytes } from './frame-bytes.ts'
import { pingFrame } from './frame-parts.ts'
import type { Build, Parties } from './frame-parts.ts'

type Attacks = Readonly<Record<string, Build>>

/** The mark stands behind the message, where Ethernet's padding is. */
function arpFrame({ sender, receiver }: Parties, fields: Arp, mark: Bytes): readonly Bytes[] {
  const to = fields.operation === 'request' ? BROADCAST : receiver.mac
  return [ethernet({ from: sender.mac, to, type: TYPE.arp }, [...arp(fields), ...zeros(18), ...mark])]
}

const ARP_ATTACKS: Attacks = {
  'arp reply for another': (all, mark) => {
    const { sender, receiver, victim } = all
    const to = { targetMac: receiver.mac, target: receiver.ipv4 }
    return arpFrame(all, { operation: 'reply', senderMac: sender.mac, sender: victim.ipv4, ...to }, mark)
  },
  'gratuitous arp for another': (all, mark) => {
    const { sender, victim } = all
    const who = { sender: victim.ipv4, target: victim.ipv4 }
    return arpFrame(all, { operation: 'request', senderMac: sender.mac, ...who }, mark)
  },
  'arp request in the name of another': (all, mark) => {
    const who = { sender: all.victim.ipv4, target: all.receiver.ipv4 }
    return arpFrame(all, { operation: 'request', senderMac: all.sender.mac, ...who }, mark)
  },
  // Says that the own address is at another's MAC: only the ARP sender's hardware address is wrong.
  'arp with the hardware address of another': (all, mark) => {
    const { sender, receiver, victim } = all
    const to = { targetMac: receiver.mac, target: receiver.ipv4 }
    return arpFrame(all, { operation: 'reply', senderMac: victim.mac, sender: sender.ipv4, ...to }, mark)
  },
  // An address that is being probed for is not taken into use (RFC 5227).
  'arp probe for an address of another': (all, mark) => {
    const who = { sender: '0.0.0.0', target: all.victim.ipv4 }
    return arpFrame(all, { operation: 'request', senderMac: all.sender.mac, ...who }, mark)
  },
}

function ping4({ sender, receiver }: Parties, mark: Bytes): Bytes {
  const body = message(8, 0, [0x53, 0x36, 0, 1, ...mark])
  return ipv4({ from: sender.ipv4, to: receiver.ipv4, next: NEXT.icmp }, body)
}

function tagged(type: number, payload: (all: Parties, mark: Bytes) => Bytes): Build {
  return (all, mark) => [ethernet({ from: all.sender.mac, to: all.receiver.mac, type }, payload(all, mark))]
}

const VLAN_ATTACKS: Attacks = {
  'vlan tag': tagged(TYPE.vlan, (all, mark) => vlan(7, TYPE.ipv4, ping4(all, mark))),
  // Identifier 0 says priority only: receivers take it for an untagged frame.
  'priority tag': tagged(TYPE.vlan, (all, mark) => vlan(0, TYPE.ipv4, ping4(all, mark))),
  'service vlan tag': tagged(TYPE.serviceVlan, (all, mark) => vlan(7, TYPE.ipv4, ping4(all, mark))),
  'two vlan tags': tagged(TYPE.vlan, (all, mark) => vlan(1, TYPE.vlan, vlan(7, TYPE.ipv4, ping4(all, mark)))),
  'arp reply for another behind a priority tag': tagged(TYPE.vlan, ({ sender, receiver, victim }, mark) => {
    const to = { targetMac: receiver.mac, target: receiver.ipv4 }
    const reply = arp({ operation: 'reply', senderMac: sender.mac, sender: victim.ipv4, ...to })
    return vlan(0, TYPE.arp, [...reply, ...zeros(14), ...mark])
  }),
}

/** An LLC frame says its length where the ether type would be. */
function llc(all: Parties, to: string, payload: Bytes): readonly Bytes[] {
  return [ethernet({ from: all.sender.mac, to, type: payload.length }, payload)]
}

const bridgeUnit = (mark: Bytes): Bytes => [0, 0, 0, 0, 0, ...zeros(31), ...mark]

const CONTROL_ATTACKS: Attacks = {
  'spanning tree': (all, mark) => llc(all, '01:80:c2:00:00:00', [0x42, 0x42, 3, ...bridgeUnit(mark)]),
  'spanning tree for each vlan': (all, mark) =>
    llc(all, '01:00:0c:cc:cc:cd', [0xaa, 0xaa, 3, 0, 0, 0x0c, 1, 0x0b, ...bridgeUnit(mark)]),
  lldp: (all, mark) => [
    ethernet({ from: all.sender.mac, to: all.receiver.mac, type: TYPE.lldp }, [
      2,
      7,
      4,
      ...zeros(6),
      0xfe,
      12,
      0,
      0x53,
      0x36,
      1,
      ...mark,
      0,
      0,
    ]),
  ],
  'unknown ether type': (all, mark) => [
    ethernet({ from: all.sender.mac, to: all.receiver.mac, type: 0x88b5 }, mark),
  ],
  'unknown ether type to all': (all, mark) => [
    ethernet({ from: all.sender.mac, to: BROADCAST, type: 0x88b5 }, mark),
  ],
}

const MAC_ATTACKS: Attacks = {
  'mac of another': (all, mark) => {
    const forged = { ...all, sender: { ...all.sender, mac: all.victim.mac } }
    return [pingFrame(forged, { from: all.sender.ipv4, to: all.receiver.ipv4 }, mark)]
  },
  'mac of nobody': (all, mark) => {
    const forged = { ...all, sender: { ...all.sender, mac: '02:53:36:34:00:01' } }
    return [pingFrame(forged, { from: all.sender.ipv6, to: all.receiver.ipv6 }, mark)]
  },
  'mac, ipv4 and arp of another': (all, mark) => {
    const { receiver, victim } = all
    const who = { senderMac: victim.mac, sender: victim.ipv4, target: receiver.ipv4 }
    return arpFrame({ ...all, sender: victim }, { operation: 'request', ...who }, mark)
  },
}

/** What is wrong below IP. */
export const LINK_ATTACKS: Attacks = { ...ARP_ATTACKS, ...VLAN_ATTACKS, ...CONTROL_ATTACKS, ...MAC_ATTACKS }

/** Which the bridge itself never forwards; yet it learns the sender's MAC from them, before any nft chain sees them. */
export const LINK_LOCAL_HIJACKS: Attacks = {
  'lldp with the mac of another': ({ victim }, mark) => [
    ethernet({ from: victim.mac, to: '01:80:c2:00:00:0e', type: TYPE.lldp }, mark),
  ],
  'reserved group with the mac of another': ({ victim }, mark) => [
    ethernet({ from: victim.mac, to: '01:80:c2:00:00:03', type: 0x888e }, mark),
  ],
}
