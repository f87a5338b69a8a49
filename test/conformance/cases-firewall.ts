import type { DriftCase } from './drift-case.ts'

const T = 'inet slash64'

/** Drift inside our table: chains, rules, sets, and every set's elements. */
export const FIREWALL_CASES: readonly DriftCase[] = [
  {
    name: 'table deleted',
    drift: [`nft delete table ${T}`],
    expected: [
      '+ nft-table inet slash64',
      '+ nft-set counter dropped',
      '+ nft-set counter spoofed',
      '+ nft-set counter invalid',
      '+ nft-set set bridges',
      '+ nft-set set public4',
      '+ nft-set map source4',
      '+ nft-set set networks4',
      '+ nft-set set senders4',
      '+ nft-set set senders6',
      '+ nft-set set exposed6',
      '+ nft-set set open6',
      '+ nft-set map forwards4',
      '+ nft-set map ranges4',
      '+ nft-set set limited4',
      '+ nft-set map direct6',
      '+ nft-set set allowed4',
      '+ nft-chain port-forwards',
      '+ nft-chain senders',
      '+ nft-chain guard',
      '+ nft-chain filter-forward',
      '+ nft-chain nat-prerouting',
      '+ nft-chain nat-output',
      '+ nft-chain nat-postrouting',
      '+ guarded-interface bridges br-ct',
      '+ sender senders4 br-ct . 10.64.0.2',
      '+ sender senders6 br-ct . 2001:db8:1:1::1:2',
      '+ sender senders4 br-ct . 10.64.0.3',
      '+ sender senders6 br-ct . 2001:db8:1:1::1:3',
      '+ nat-address public4 203.0.113.2',
      '+ nat-address source4 eth0',
      '+ nat-address networks4 10.64.0.0/24',
      '+ exposure exposed6 2001:db8:1:1::1:2 . 6 . 443',
      '+ exposure exposed6 2001:db8:1:1::1:2 . 17 . 8000-8010',
      '+ exposure open6 2001:db8:1:1::1:3',
      '+ port-forward limited4 6 . 2222',
      '+ port-forward allowed4 198.51.100.0/24 . 6 . 2222',
      '+ port-forward forwards4 6 . 2222',
      '+ port-forward ranges4 17 . 8000-8010',
    ],
  },
  // The host in memory knows no flags of tables.
  {
    name: 'table asleep',
    only: 'kernel',
    drift: [`nft add table ${T} { flags dormant; }`],
    expected: ['~ nft-table inet slash64'],
  },
  { name: 'foreign table added', drift: ['nft add table inet other'], expected: [] },
  { name: 'chain flushed', drift: [`nft flush chain ${T} guard`], expected: ['~ nft-chain guard'] },
  {
    name: 'hooked chain deleted',
    drift: [`nft flush chain ${T} filter-forward`, `nft delete chain ${T} filter-forward`],
    expected: ['+ nft-chain filter-forward'],
  },
  { name: 'rule added', drift: [`nft add rule ${T} guard accept`], expected: ['~ nft-chain guard'] },
  {
    name: 'rule inserted before ours',
    drift: [`nft insert rule ${T} guard ip6 saddr 2001:db8::66 accept`],
    expected: ['~ nft-chain guard'],
  },
  {
    name: 'chain added',
    drift: [`nft add chain ${T} theirs`, `nft add rule ${T} theirs accept`],
    expected: ['- nft-chain theirs'],
  },
  {
    name: 'hooked chain added',
    drift: [`nft add chain ${T} theirs { type filter hook input priority 0; policy accept; }`],
    expected: ['- nft-chain theirs'],
  },
  {
    name: 'set added',
    drift: [`nft add set ${T} theirs { type ipv4_addr; }`],
    expected: ['- nft-set set theirs'],
  },
  { name: 'counter added', drift: [`nft add counter ${T} theirs`], expected: ['- nft-set counter theirs'] },
  {
    name: 'set made anew with other flags',
    drift: [
      `nft flush chain ${T} guard`,
      `nft delete set ${T} open6`,
      `nft add set ${T} open6 { type ipv6_addr; flags interval; }`,
    ],
    expected: ['~ nft-set set open6', '~ nft-chain guard', '+ exposure open6 2001:db8:1:1::1:3'],
  },
  ...(
    [
      ['bridges', 'br-ct', 'guarded-interface'],
      ['public4', '203.0.113.2', 'nat-address'],
      ['networks4', '10.64.0.0/24', 'nat-address'],
      ['senders4', 'br-ct . 10.64.0.2', 'sender'],
      ['senders6', 'br-ct . 2001:db8:1:1::1:2', 'sender'],
      ['exposed6', '2001:db8:1:1::1:2 . 17 . 8000-8010', 'exposure'],
      ['open6', '2001:db8:1:1::1:3', 'exposure'],
      ['limited4', '6 . 2222', 'port-forward'],
      ['allowed4', '198.51.100.0/24 . 6 . 2222', 'port-forward'],
    ] as const
  ).map(([set, element, kind]): DriftCase => ({
    name: `element of ${set} deleted`,
    drift: [`nft delete element ${T} ${set} { ${quoted(element)} }`],
    expected: [`+ ${kind} ${set} ${element}`],
  })),
  ...(
    [
      ['source4', 'eth0', 'nat-address'],
      ['forwards4', '6 . 2222', 'port-forward'],
      ['ranges4', '17 . 8000-8010', 'port-forward'],
    ] as const
  ).map(([map, key, kind]): DriftCase => ({
    name: `entry of ${map} deleted`,
    drift: [`nft delete element ${T} ${map} { ${quoted(key)} }`],
    expected: [`+ ${kind} ${map} ${key}`],
  })),
  ...(
    [
      ['bridges', 'br-x', 'guarded-interface'],
      ['public4', '203.0.113.9', 'nat-address'],
      ['networks4', '10.65.0.0/24', 'nat-address'],
      ['senders4', 'br-ct . 10.64.0.9', 'sender'],
      ['senders6', 'br-ct . 2001:db8:1:1::1:9', 'sender'],
      ['exposed6', '2001:db8:1:1::1:2 . 6 . 22', 'exposure'],
      ['open6', '2001:db8:1:1::1:9', 'exposure'],
      ['limited4', '6 . 2223', 'port-forward'],
      ['allowed4', '192.0.2.7 . 6 . 2222', 'port-forward'],
    ] as const
  ).map(([set, element, kind]): DriftCase => ({
    name: `element of ${set} added`,
    drift: [`nft add element ${T} ${set} { ${quoted(element)} }`],
    expected: [`- ${kind} ${set} ${element}`],
  })),
  {
    name: 'forward retargeted by hand',
    drift: [
      `nft delete element ${T} forwards4 { 6 . 2222 }`,
      `nft add element ${T} forwards4 { 6 . 2222 : 10.64.0.3 . 22 }`,
    ],
    expected: ['~ port-forward forwards4 6 . 2222'],
  },
  {
    name: 'SNAT to another address by hand',
    drift: [
      `nft delete element ${T} source4 { "eth0" }`,
      `nft add element ${T} source4 { "eth0" : 203.0.113.9 }`,
    ],
    expected: ['~ nat-address source4 eth0'],
  },
  {
    name: 'exposed port widened by hand',
    drift: [
      `nft delete element ${T} exposed6 { 2001:db8:1:1::1:2 . 17 . 8000-8010 }`,
      `nft add element ${T} exposed6 { 2001:db8:1:1::1:2 . 17 . 7000-9000 }`,
    ],
    expected: [
      '+ exposure exposed6 2001:db8:1:1::1:2 . 17 . 8000-8010',
      '- exposure exposed6 2001:db8:1:1::1:2 . 17 . 7000-9000',
    ],
  },
]

function quoted(element: string): string {
  return element.replace(/^(br-\w+|eth0)/, '"$1"')
}
