import { FRAME_TABLE } from '../../model/identity.ts'
import { IPV6_SOURCE, ND_TARGET } from '../nft-set/declarations.ts'
import { ref, rule } from './rule.ts'
import type { Chain, Rule } from './rule.ts'

/**
 * The chains that look at frames: what comes in by a port of our bridges is from the MAC, the IPv4 and the IPv6 of the
 * container behind it, in plain Ethernet, and neither a router's nor a DHCP server's word. What is dropped here teaches
 * the bridge nothing, either: it learns MACs behind this hook.
 *
 *     prerouting, from a port of ours ──▶ frames: MAC ──▶ frames-arp, frames-ip, frames-ip6; anything else is dropped
 *     forward, to a port of ours ──▶ not from a port that is not known yet
 */
export function frameChains(): readonly Chain[] {
  return [
    chain('frames-arp', '', arpRules()),
    chain('frames-ip', '', ipRules()),
    chain('frames-ip6', '', ip6Rules()),
    chain('frames', '', frameRules()),
    chain('frames-prerouting', 'filter prerouting -300 accept', [
      rule(`iifname ${ref('ports')}`, 'goto frames'),
    ]),
    // A port can only send to others of its bridge. A container that was started just now waits for the next pass.
    chain('frames-forward', 'filter forward -300 accept', [
      rule(`oifname ${ref('ports')} iifname != ${ref('ports')}`, 'drop', 'stray'),
    ]),
  ]
}

function chain(name: string, hook: string, rules: readonly Rule[]): Chain {
  return { table: FRAME_TABLE, name, hook, rules }
}

/** VLAN tags of any kind, spanning tree, LLDP and all that is not IP end here. */
function frameRules(): readonly Rule[] {
  return [
    spoofed(`iifname . ether saddr != ${ref('portmacs')} iifname != ${ref('guests')}`),
    spoofed(`iifname ${ref('guests')} ether saddr ${ref('macs')}`),
    rule('ether type arp', 'goto frames-arp'),
    rule('ether type ip', 'goto frames-ip'),
    rule('ether type ip6', 'goto frames-ip6'),
    rule('', 'drop', 'forbidden'),
  ]
}

/** RFC 826 for Ethernet and IPv4; RFC 5227: a probe has no sender yet, and asks for its own address. */
function arpRules(): readonly Rule[] {
  return [
    forbidden('arp htype != 1'),
    forbidden('arp ptype != 0x0800'),
    forbidden('arp hlen != 6'),
    forbidden('arp plen != 4'),
    spoofed(`iifname . arp saddr ether != ${ref('portmacs')} iifname != ${ref('guests')}`),
    spoofed(`iifname ${ref('guests')} arp saddr ether ${ref('macs')}`),
    rule(`iifname . arp saddr ip ${ref('ports4')}`, 'accept'),
    rule(`arp saddr ip 0.0.0.0 iifname . arp daddr ip ${ref('ports4')}`, 'accept'),
    rule('', 'drop', 'spoofed'),
  ]
}

function ipRules(): readonly Rule[] {
  return [
    // What a DHCP server says, whatever port it says it from. An IGMP query (17), an advertisement of Multicast Router
    // Discovery (48, RFC 4286) and PIM (103) make the bridge send every group's frames to whoever sent it.
    forbidden('udp sport 67'),
    forbidden('udp dport 68'),
    forbidden('icmp type { redirect, router-advertisement }'),
    forbidden('igmp type { 17, 48 }'),
    forbidden('meta l4proto 103'),
    // A packet that lies about its length has no protocol.
    rule(`iifname . ip saddr ${ref('ports4')} meta l4proto != 255`, 'accept'),
    rule('ip saddr 0.0.0.0 udp sport 68 udp dport 67', 'accept'),
    rule('', 'drop', 'spoofed'),
  ]
}

function ip6Rules(): readonly Rule[] {
  return [
    forbidden('icmpv6 type { mld-listener-query, nd-router-advert, nd-redirect, 151 }'),
    forbidden('meta l4proto 103'),
    forbidden('udp sport 547'),
    forbidden('udp dport 546'),
    // RFC 7112: the first fragment has all headers, so that none of IANA's extension headers is behind it. RFC 6980:
    // Neighbour Discovery is never fragmented; that its first fragment is dropped makes the others harmless, and no stack
    // cuts an echo so short.
    forbidden('frag nexthdr { 0, 43, 44, 51, 60, 135, 139, 140 }'),
    forbidden('frag nexthdr 58 frag frag-off 0 icmpv6 type != { echo-request, echo-reply }'),
    forbidden('frag nexthdr 58 frag frag-off 1-127'),
    spoofed(`icmpv6 type nd-neighbor-advert iifname . ${ND_TARGET} != ${ref('ports6')}`),
    rule(
      'ip6 saddr :: icmpv6 type { mld-listener-report, nd-router-solicit, mld2-listener-report }',
      'accept',
    ),
    // Duplicate address detection (RFC 4862): for its own address only.
    rule(`ip6 saddr :: icmpv6 type nd-neighbor-solicit iifname . ${ND_TARGET} ${ref('ports6')}`, 'accept'),
    rule(`iifname . ${IPV6_SOURCE} ${ref('ports6')}`, 'accept'),
    rule('', 'drop', 'spoofed'),
  ]
}

function spoofed(match: string): Rule {
  return rule(match, 'drop', 'spoofed')
}

function forbidden(match: string): Rule {
  return rule(match, 'drop', 'forbidden')
}
