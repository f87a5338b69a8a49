import { nft, T } from './nft-table.ts'
import type { Case } from './step.ts'

export const RULE_CASES: readonly Case[] = [
  {
    title: 'chains go with their rules, and only when nothing leads to them',
    steps: nft(
      `add chain ${T} extra`,
      `add rule ${T} extra accept`,
      `add element ${T} verdicts { "x" : jump extra }`,
      `delete chain ${T} extra`,
      `flush map ${T} verdicts`,
      `delete chain ${T} extra`,
    ),
  },
  {
    title: 'a transaction is applied whole or not at all',
    steps: nft(
      `add element ${T} bridges { "x2" }\nadd element ${T} forward4 { 6 . 2222 : 10.64.0.3 . 22 }`,
      `delete element ${T} forward4 { 6 . 2222 }\nadd element ${T} forward4 { 6 . 2222 : 10.64.0.3 . 22 }`,
      `delete element ${T} networks4 { 10.64.0.0/24 }\nadd element ${T} networks4 { 10.64.0.0/25 }`,
      `flush set ${T} restricted; add element ${T} restricted { udp . 8005-8009 }`,
      `add table inet zz\nbogus statement`,
      `flush chain ${T} guard\nflush chain ${T} filter-forward\ndelete chain ${T} guard\ndelete counter ${T} c-drop\nadd element ${T} bridges { "x1" }`,
      `flush chain ${T} filter-forward\ndelete set ${T} bridges\nadd set ${T} bridges { type ipv4_addr; }`,
      '',
      '# nothing\n',
    ),
  },
  {
    title: 'rules that others write',
    steps: nft(
      `add rule ${T} guard ct state vmap { established : accept, related : accept, invalid : drop } comment "h:z"`,
      `add rule ${T} guard icmpv6 type { packet-too-big, time-exceeded, parameter-problem, destination-unreachable } accept`,
      `add rule ${T} guard ct state established,related accept`,
      `add rule ${T} guard ct state invalid counter name c-drop drop`,
      `add rule ${T} guard meta nfproto ipv6 iifname "eth0" oifname != @bridges drop`,
      `add rule ${T} guard meta l4proto { tcp, udp } th dport 53 accept`,
      `add rule ${T} guard tcp dport 8000-8010 counter accept`,
      `add rule ${T} guard ip6 saddr fe80::/10 accept`,
      `add rule ${T} guard ip saddr { 10.0.0.0/8, 192.168.1.1 } return`,
      `add rule ${T} guard fib daddr type local accept`,
      `add rule ${T} guard fib saddr . iif oif missing drop`,
      `add rule ${T} guard iifname vmap @verdicts`,
      `add rule ${T} guard iifname eth0 limit rate 10/second accept`,
      `add rule ${T} guard ether saddr @macs log prefix "x" reject`,
      `add rule ${T} nat-prerouting tcp dport 80 dnat ip to 10.0.0.1:8080`,
      `add rule ${T} nat-prerouting ip6 daddr 2001:db8::1 tcp dport 80 redirect to :8080`,
      `insert rule ${T} guard drop comment "first"`,
      `add rule ${T} guard meta mark 1 ct direction original counter packets 0 bytes 0 accept`,
      `add rule ${T} guard icmp type echo-request accept`,
      `add rule ${T} guard tcp flags syn tcp option maxseg size set rt mtu`,
      `add rule ${T} guard ip6 saddr :: meta l4proto 58 return`,
    ),
  },
  {
    title: 'names that nft does not take',
    steps: [
      { nft: 'add table inet 9x' },
      { nft: 'add table inet set' },
      { nft: 'add table bad name' },
      { nft: 'add table inet a' },
      { nft: 'add chain inet a fwd' },
      { nft: 'add set inet a s { type nosuch; }' },
      { nft: 'add set inet a s' },
      { nft: 'add chain inet a b { type nosuch hook forward priority 0; }' },
    ],
  },
  {
    title: 'foreign tables, and everything flushed',
    steps: nft(
      'add table ip foreign',
      'add chain ip foreign fwd1 { type filter hook forward priority filter; policy drop; }',
      `flush table ${T}`,
      `delete table ${T}`,
    ),
  },
  { title: 'flush ruleset', steps: nft('add table ip foreign', 'flush ruleset') },
]
