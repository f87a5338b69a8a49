import { nft, T } from './nft-table.ts'
import type { Case } from './step.ts'

const COUNTED = `add counter ${T} receive-a
add counter ${T} transmit-a
add map ${T} receive4 { type ipv4_addr : counter; }
add map ${T} receive6 { type ipv6_addr : counter; }
add chain ${T} traffic { type filter hook postrouting priority 300; policy accept; }
add rule ${T} traffic oifname @bridges counter name ip daddr map @receive4 comment "h:8"
add rule ${T} traffic oifname @bridges counter name ip6 daddr map @receive6 comment "h:9"
add element ${T} receive4 { 10.64.0.2 : receive-a }
add element ${T} receive6 { 2001:db8::2 : "receive-a" }`

export const COUNTER_CASES: readonly Case[] = [
  { title: 'counters by a map', steps: nft(COUNTED) },
  {
    title: 'elements that lead to counters',
    steps: nft(
      COUNTED,
      `add element ${T} receive4 { 10.64.0.2 : receive-a }`,
      `add element ${T} receive4 { 10.64.0.2 : transmit-a }`,
      `create element ${T} receive4 { 10.64.0.2 : receive-a }`,
      `add element ${T} receive4 { 10.64.0.3 : nosuch }`,
      `add element ${T} receive4 { 10.64.0.3 : 10.64.0.4 }`,
      `add element ${T} receive4 { 10.64.0.3 : accept }`,
      `add element ${T} receive4 { 10.64.0.3 }`,
      `add element ${T} receive4 { 10.64.0.3 : transmit-a, 10.64.0.4 : receive-a }`,
      `delete element ${T} receive4 { 10.64.0.4 : nosuch }`,
      `delete element ${T} receive4 { 10.64.0.2 }\nadd element ${T} receive4 { 10.64.0.2 : transmit-a }`,
      `delete element ${T} receive4 { 10.64.0.9 }`,
      `add element ${T} receive4 { 10.64.0.0/24 : receive-a }`,
    ),
  },
  {
    title: 'counters and maps in use, and what lets go of them',
    steps: nft(
      COUNTED,
      `delete counter ${T} receive-a`,
      `delete counter ${T} transmit-a`,
      `delete map ${T} receive4`,
      `delete element ${T} receive4 { 10.64.0.2 }\ndelete counter ${T} receive-a`,
      `delete element ${T} receive4 { 10.64.0.2 }\ndelete element ${T} receive6 { 2001:db8::2 }\ndelete counter ${T} receive-a`,
      `add element ${T} receive4 { 10.64.0.2 : receive-a }`,
      `add counter ${T} receive-a\nadd element ${T} receive4 { 10.64.0.2 : receive-a }`,
      `flush chain ${T} traffic\ndelete map ${T} receive4\ndelete counter ${T} receive-a`,
      `delete counter ${T} receive-a`,
    ),
  },
  {
    title: 'a map made anew lets go of the counters, in one transaction',
    steps: nft(
      COUNTED,
      `delete counter ${T} receive-a\nflush chain ${T} traffic\nflush map ${T} receive6\ndelete map ${T} receive4`,
      `flush chain ${T} traffic\nflush map ${T} receive6\ndelete map ${T} receive4\ndelete counter ${T} receive-a\nadd map ${T} receive4 { type ipv4_addr : counter; flags interval; }`,
      `add element ${T} receive4 { 10.64.0.0/24 : transmit-a }`,
    ),
  },
  {
    title: 'maps and rules that do not fit',
    steps: nft(
      COUNTED,
      `add map ${T} receive4 { type ipv4_addr : counter; }`,
      `add map ${T} receive4 { type ipv4_addr : ipv4_addr; }`,
      `add map ${T} receive4 { type ipv4_addr : counter; flags interval; }`,
      `add set ${T} numbers { type counter; }`,
      `add rule ${T} guard counter name ip saddr map @bridges`,
      `add rule ${T} guard counter name ip saddr map @source4`,
      `add rule ${T} guard counter name ip saddr map @nosuch`,
      `add rule ${T} guard ip saddr @receive4 accept`,
      `add rule ${T} guard counter name "receive-a" accept`,
      `add rule ${T} guard iifname "x" counter name ip6 saddr map @receive6 drop`,
    ),
  },
  {
    title: 'values that are reset change no object',
    steps: nft(
      COUNTED,
      `reset counters table ${T}`,
      `reset counter ${T} receive-a`,
      `reset counter ${T} nosuch`,
      'reset counters table inet nosuch',
      'reset counters',
    ),
  },
]
