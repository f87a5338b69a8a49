import type { Case, Step } from './step.ts'

const T = 'bridge slash64'

const FRAMES = `add table ${T}
add counter ${T} spoofed
add set ${T} ports { type ifname; }
add set ${T} macs { type ether_addr; }
add set ${T} portmacs { type ifname . ether_addr; }
add set ${T} ports4 { type ifname . ipv4_addr; }
add set ${T} ports6 { typeof iifname . @th,64,128; }
add chain ${T} frames
add chain ${T} frames-ip6
add chain ${T} frames-prerouting { type filter hook prerouting priority -300; policy accept; }
add chain ${T} frames-forward { type filter hook forward priority -300; policy accept; }
add element ${T} ports6 { "p" . 0x20010db8000100010000000000010002 }`

/** The table that looks at frames, and then one transaction after the other. */
function frames(...lines: readonly string[]): Step[] {
  return [{ nft: FRAMES }, ...lines.map((line) => ({ nft: line }))]
}

/** One transaction for each rule. */
function rules(...texts: readonly string[]): Step[] {
  return frames(...texts.map((text) => `add rule ${T} frames ${text}`))
}

export const FRAME_CASES: readonly Case[] = [
  { title: 'frames: the table', steps: frames() },
  {
    title: 'frames: ARP',
    steps: rules(
      'arp htype != 1 counter name "spoofed" drop',
      'arp htype 1 accept',
      'arp ptype != 0x0800 counter name "spoofed" drop',
      'arp hlen != 6 drop',
      'arp plen != 4 drop',
      'arp hlen 256 drop',
      'arp hlen x drop',
      'arp htype 65536 drop',
      'arp operation request accept',
      'arp operation { request, reply } accept',
      'iifname . arp saddr ether != @portmacs counter name "spoofed" drop',
      'iifname @ports arp saddr ether @macs drop',
      'iifname . arp saddr ip @ports4 accept',
      'arp saddr ip 0.0.0.0 iifname . arp daddr ip @ports4 accept',
      'arp nosuch 1 drop',
    ),
  },
  {
    title: 'frames: MACs and types of Ethernet',
    steps: rules(
      'iifname . ether saddr != @portmacs iifname != @ports counter name "spoofed" drop',
      'iifname @ports ether saddr @macs drop',
      'ether saddr 02:00:00:00:00:01 drop',
      'iifname . ether daddr @portmacs accept',
      'ether type arp goto frames-ip6',
      'ether type ip goto frames-ip6',
      'ether type ip6 jump frames-ip6',
      'ether type vlan drop',
      'iifname . ether saddr @nosuch drop',
    ),
  },
  {
    title: 'frames: IPv4',
    steps: rules(
      'udp sport 67 drop',
      'icmp type { redirect, router-advertisement } drop',
      'igmp type 17 drop',
      'igmp type != 17 accept',
      'igmp type 256 drop',
      'iifname "x" igmp type 17 drop',
      'ether type ip igmp type 17 drop',
      'ip saddr 10.0.0.1 igmp type 17 drop',
      'udp sport 65536 drop',
      'meta l4proto 256 drop',
      'iifname . ip saddr @ports4 meta l4proto != 255 accept',
      'ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept',
    ),
  },
  {
    title: 'frames: IPv6, fragments and Neighbour Discovery',
    steps: rules(
      'icmpv6 type { mld-listener-query, nd-router-advert, nd-redirect } drop',
      'frag nexthdr != { 6, 17, 58, 132 } drop',
      'frag nexthdr 58 accept',
      'frag nexthdr 58 frag frag-off 0 icmpv6 type != { echo-request, echo-reply } drop',
      'frag nexthdr 58 frag frag-off 1-127 drop',
      'frag frag-off 8192 drop',
      'icmpv6 type nd-neighbor-advert iifname . @th,64,128 != @ports6 counter name "spoofed" drop',
      'ip6 saddr :: icmpv6 type nd-neighbor-solicit iifname . @th,64,128 @ports6 accept',
      'iifname . @nh,64,128 @ports6 accept',
      '@th,64,128 0x20010db8000100010000000000010002 accept',
      'iifname . @nh,64,128 @nosuch accept',
    ),
  },
  {
    title: 'frames: ports',
    steps: frames(
      `add rule ${T} frames-prerouting iifname @ports goto frames comment "h:1"`,
      `add rule ${T} frames-forward oifname @ports iifname != @ports counter name "spoofed" drop`,
      `delete set ${T} ports`,
      `delete counter ${T} spoofed`,
    ),
  },
  {
    title: 'frames: elements of a set whose type is that of expressions',
    steps: frames(
      `add element ${T} ports6 { "p" . 0xfe8000000000000000aa00fffe000001, "q" . 0x1 }`,
      `add element ${T} ports6 { "p" . 0x20010db8000100010000000000010002 }`,
      `add element ${T} ports6 { "p" . 0xFE80000000000000000000000000000A }`,
      `add element ${T} ports6 { "r" . 12, "s" . 0x100000000, "t" . 0xffffffffffffffff, "t" . 0x10000000000000000 }`,
      `add element ${T} ports6 { "r" . 0x100000000000000000000000000000000 }`,
      `add element ${T} ports6 { "r" . fe80::1 }`,
      `add element ${T} ports6 { "r" }`,
      `delete element ${T} ports6 { "q" . 0x1 }`,
      `delete element ${T} ports6 { "q" . 0x1 }`,
      `create element ${T} ports6 { "p" . 0x20010db8000100010000000000010002 }`,
    ),
  },
  {
    title: 'frames: elements of MACs',
    steps: frames(
      `add element ${T} portmacs { "p" . 02:AA:00:00:00:01, "q" . 2:0:0:0:0:1 }`,
      `add element ${T} portmacs { "p" . 02:aa:00:00:00:01 }`,
      `add element ${T} macs { 02:00:00:00:00:01, 2:0:0:0:0:2 }`,
      `add element ${T} ports4 { "p" . 10.64.0.2, "p" . 10.64.0.3 }`,
      `delete element ${T} ports4 { "p" . 10.64.0.9 }`,
    ),
  },
  {
    title: 'frames: declaring again what is there',
    steps: frames(
      `add set ${T} ports6 { typeof iifname . @th,64,128; }`,
      `add set ${T} ports6 { type ifname . ipv6_addr; }`,
      `add set ${T} portmacs { type ifname . ether_addr; }`,
      `add chain ${T} frames-forward { type filter hook forward priority -300; policy drop; }`,
      `add chain ${T} frames-forward { type filter hook forward priority -200; policy drop; }`,
      `add chain ${T} nat { type nat hook prerouting priority 0; }`,
      `delete chain ${T} frames-ip6`,
      `delete set ${T} ports6`,
      `delete table ${T}`,
      `delete table ${T}`,
    ),
  },
]
