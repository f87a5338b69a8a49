import type { Step } from './step.ts'

export const TABLE = `add table inet slash64
add counter inet slash64 c-drop { comment "x"; }
add set inet slash64 bridges { type ifname; }
add set inet slash64 exposed6 { type ipv6_addr . inet_proto . inet_service; flags interval; }
add map inet slash64 forward4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
add map inet slash64 forward4-range { type inet_proto . inet_service : ipv4_addr; flags interval; }
add map inet slash64 source4 { type ifname : ipv4_addr; }
add set inet slash64 public4 { type ipv4_addr; }
add set inet slash64 networks4 { type ipv4_addr; flags interval; }
add set inet slash64 restricted { type inet_proto . inet_service; flags interval; }
add set inet slash64 from4 { type ipv4_addr . inet_proto . inet_service; flags interval; }
add map inet slash64 verdicts { type ifname : verdict; }
add set inet slash64 macs { type ether_addr; comment "m"; }
add map inet slash64 direct6 { type ipv6_addr . inet_service : ipv6_addr . inet_service; }
add chain inet slash64 port-forwards
add chain inet slash64 nat-prerouting { type nat hook prerouting priority -100; policy accept; }
add chain inet slash64 nat-postrouting { type nat hook postrouting priority srcnat; policy accept; }
add chain inet slash64 filter-forward { type filter hook forward priority filter - 5; policy accept; }
add chain inet slash64 guard
add rule inet slash64 port-forwards meta l4proto . th dport @restricted ip saddr . meta l4proto . th dport != @from4 return comment "h:abc"
add rule inet slash64 port-forwards dnat ip to meta l4proto . th dport map @forward4 comment "h:abd"
add rule inet slash64 port-forwards dnat ip to meta l4proto . th dport map @forward4-range comment "h:abe"
add rule inet slash64 nat-prerouting ip daddr @public4 jump port-forwards comment "h:1"
add rule inet slash64 nat-prerouting meta l4proto 6 dnat ip6 to ip6 daddr . th dport map @direct6 comment "h:7"
add rule inet slash64 nat-postrouting ip saddr @networks4 ip daddr @networks4 ct status dnat masquerade comment "h:2"
add rule inet slash64 nat-postrouting ip saddr @networks4 snat ip to oifname map @source4 comment "h:3"
add rule inet slash64 filter-forward iifname @bridges goto guard comment "h:4"
add rule inet slash64 guard ip6 daddr . meta l4proto . th dport @exposed6 accept comment "h:5"
add rule inet slash64 guard counter name c-drop drop comment "h:6"
add element inet slash64 bridges { "br-ct" }
add element inet slash64 exposed6 { 2001:db8:1:1::1:2 . tcp . 443, 2001:db8:1:1::1:2 . 17 . 8000-8010 }
add element inet slash64 forward4 { 6 . 2222 : 10.64.0.2 . 22 }
add element inet slash64 forward4-range { udp . 8000-8010 : 10.64.0.3 }
add element inet slash64 source4 { "eth0" : 203.0.113.2 }
add element inet slash64 networks4 { 10.64.0.0/24 }
add element inet slash64 restricted { udp . 8000-8010 }
add element inet slash64 from4 { 198.51.100.0/24 . udp . 8000-8010 }
add element inet slash64 direct6 { 2001:db8:1:1::1:2 . 80 : 2001:db8:1:1::1:2 . 8080 }
add element inet slash64 macs { 02:aa:bb:cc:dd:ee }`

export const T = 'inet slash64'

/** The table, and then one transaction after the other. */
export function nft(...lines: readonly string[]): Step[] {
  return [{ nft: TABLE }, ...lines.map((line) => ({ nft: line }))]
}
