import { BLOG_VETH, DB_VETH, WHOLE } from './drift-case.ts'
import type { DriftCase } from './drift-case.ts'

const T = 'bridge slash64'

const BLOG6 = ['0xfe8000000000000000aa00fffe000001', '0x20010db8000100010000000000010002'] as const
const DB6 = ['0xfe8000000000000000aa00fffe000002', '0x20010db8000100010000000000010003'] as const
const PORTS6 = [
  ...BLOG6.map((address) => `+ port-sender ports6 ${BLOG_VETH} . ${address}`),
  ...DB6.map((address) => `+ port-sender ports6 ${DB_VETH} . ${address}`),
]

/** Everything that the table is made of. */
const WHOLE_TABLE = [
  '+ nft-table bridge slash64',
  ...['counter spoofed', 'counter forbidden', 'counter stray'].map((one) => `+ nft-set bridge ${one}`),
  ...['ports', 'guests', 'macs', 'portmacs', 'ports4', 'ports6'].map((set) => `+ nft-set bridge set ${set}`),
  ...['-arp', '-ip', '-ip6', '', '-prerouting', '-forward'].map((name) => `+ nft-chain bridge frames${name}`),
]
const ELEMENTS = [
  ...[BLOG_VETH, DB_VETH].map((port) => `+ bridge-port ports ${port}`),
  '+ port-sender macs 02:11:22:33:44:55',
  '+ port-sender macs 02:aa:00:00:00:01',
  '+ port-sender macs 02:aa:00:00:00:02',
  `+ port-sender portmacs ${BLOG_VETH} . 02:aa:00:00:00:01`,
  `+ port-sender ports4 ${BLOG_VETH} . 10.64.0.2`,
  ...PORTS6.slice(0, 2),
  `+ port-sender portmacs ${DB_VETH} . 02:aa:00:00:00:02`,
  `+ port-sender ports4 ${DB_VETH} . 10.64.0.3`,
  ...PORTS6.slice(2),
]

const OPEN = { ...WHOLE, firewall: { ...WHOLE.firewall, antiSpoof: false } }
const SENDERS = [
  'senders4 br-ct . 10.64.0.2',
  'senders4 br-ct . 10.64.0.3',
  'senders6 br-ct . 2001:db8:1:1::1:2',
  'senders6 br-ct . 2001:db8:1:1::1:3',
]

/** Drift of the table that looks at frames, and of what it takes for granted. */
export const FRAME_CASES: readonly DriftCase[] = [
  {
    name: 'frames: table deleted',
    drift: [`nft delete table ${T}`],
    expected: [...WHOLE_TABLE, ...ELEMENTS],
  },
  {
    name: 'frames: everything flushed but the other table',
    drift: [`nft flush table ${T}`],
    expected: WHOLE_TABLE.filter((line) => line.includes('nft-chain')).map((line) => line.replace('+', '~')),
  },
  // The host in memory knows no flags of tables.
  {
    name: 'frames: table asleep',
    only: 'kernel',
    drift: [`nft add table ${T} { flags dormant; }`],
    expected: ['~ nft-table bridge slash64'],
  },
  {
    name: 'frames: chain flushed',
    drift: [`nft flush chain ${T} frames-ip6`],
    expected: ['~ nft-chain bridge frames-ip6'],
  },
  {
    name: 'frames: hooked chain deleted',
    drift: [`nft flush chain ${T} frames-prerouting`, `nft delete chain ${T} frames-prerouting`],
    expected: ['+ nft-chain bridge frames-prerouting'],
  },
  {
    name: 'frames: all rules of a chain deleted but one',
    drift: [
      `nft flush chain ${T} frames`,
      `nft add rule ${T} frames ether type arp goto frames-arp comment "slash64:b7cf4a1479a2"`,
    ],
    expected: ['~ nft-chain bridge frames'],
  },
  {
    name: 'frames: rule inserted before ours',
    drift: [`nft insert rule ${T} frames accept`],
    expected: ['~ nft-chain bridge frames'],
  },
  {
    name: 'frames: rule added behind ours',
    drift: [`nft add rule ${T} frames-forward ether saddr 02:00:00:00:00:99 drop`],
    expected: ['~ nft-chain bridge frames-forward'],
  },
  {
    name: 'frames: policy changed',
    drift: [`nft add chain ${T} frames-forward { type filter hook forward priority -300; policy drop; }`],
    expected: ['~ nft-chain bridge frames-forward'],
  },
  {
    name: 'frames: hook changed',
    drift: [
      `nft flush chain ${T} frames-prerouting`,
      `nft delete chain ${T} frames-prerouting`,
      `nft add chain ${T} frames-prerouting { type filter hook input priority -300; policy accept; }`,
      `nft add rule ${T} frames-prerouting iifname @ports goto frames comment "slash64:23dd00717e62"`,
    ],
    expected: ['~ nft-chain bridge frames-prerouting'],
  },
  {
    name: 'frames: chain, set and counter added',
    drift: [
      `nft add chain ${T} theirs`,
      `nft add set ${T} theirset { type ether_addr; }`,
      `nft add counter ${T} theirs`,
    ],
    expected: [
      '- nft-set bridge set theirset',
      '- nft-set bridge counter theirs',
      '- nft-chain bridge theirs',
    ],
  },
  {
    name: 'frames: set deleted',
    drift: [`nft flush chain ${T} frames`, `nft flush chain ${T} frames-arp`, `nft delete set ${T} portmacs`],
    expected: [
      '+ nft-set bridge set portmacs',
      '~ nft-chain bridge frames-arp',
      '~ nft-chain bridge frames',
      `+ port-sender portmacs ${BLOG_VETH} . 02:aa:00:00:00:01`,
      `+ port-sender portmacs ${DB_VETH} . 02:aa:00:00:00:02`,
    ],
  },
  {
    name: 'frames: set made anew with another type',
    drift: [
      `nft flush chain ${T} frames-ip6`,
      `nft delete set ${T} ports6`,
      `nft add set ${T} ports6 { type ifname . ipv6_addr; }`,
    ],
    expected: ['~ nft-set bridge set ports6', '~ nft-chain bridge frames-ip6', ...PORTS6],
  },
  {
    name: 'frames: counter deleted',
    drift: [`nft flush chain ${T} frames-forward`, `nft delete counter ${T} stray`],
    expected: ['+ nft-set bridge counter stray', '~ nft-chain bridge frames-forward'],
  },
  ...(
    [
      ['ports', BLOG_VETH, 'bridge-port'],
      ['macs', '02:11:22:33:44:55', 'port-sender'],
      ['portmacs', `${BLOG_VETH} . 02:aa:00:00:00:01`, 'port-sender'],
      ['ports4', `${BLOG_VETH} . 10.64.0.2`, 'port-sender'],
      ['ports6', `${BLOG_VETH} . ${BLOG6[0]}`, 'port-sender'],
    ] as const
  ).map(([set, element, kind]): DriftCase => ({
    name: `frames: element of ${set} deleted`,
    drift: [`nft delete element ${T} ${set} { ${quoted(element)} }`],
    expected: [`+ ${kind} ${set} ${element}`],
  })),
  ...(
    [
      ['ports', 'tap9', 'bridge-port'],
      ['guests', 'tap9', 'port-sender'],
      ['guests', BLOG_VETH, 'port-sender'],
      ['macs', '02:00:00:00:00:99', 'port-sender'],
      ['portmacs', 'tap9 . 02:00:00:00:00:99', 'port-sender'],
      ['portmacs', `${BLOG_VETH} . 02:aa:00:00:00:02`, 'port-sender'],
      ['ports4', `${BLOG_VETH} . 10.64.0.1`, 'port-sender'],
      ['ports6', `${BLOG_VETH} . ${DB6[0]}`, 'port-sender'],
      ['ports6', `${BLOG_VETH} . 0x20010db8000100010000000000010001`, 'port-sender'],
    ] as const
  ).map(([set, element, kind]): DriftCase => ({
    name: `frames: element of ${set} added: ${element}`,
    drift: [`nft add element ${T} ${set} { ${quoted(element)} }`],
    expected: [`- ${kind} ${set} ${element}`],
  })),
  {
    name: 'frames: bridge learns from reserved groups',
    drift: ['ip link set dev br-ct type bridge no_linklocal_learn 0'],
    expected: ['~ bridge br-ct'],
  },
  {
    name: 'frames: anti-spoofing switched off',
    drift: [],
    next: OPEN,
    expected: ['~ nft-chain guard', ...SENDERS.map((one) => `- sender ${one}`), '- nft-table bridge slash64'],
  },
  {
    name: 'frames: anti-spoofing switched on again',
    model: OPEN,
    drift: [],
    next: WHOLE,
    expected: [
      WHOLE_TABLE[0] ?? '',
      ...WHOLE_TABLE.filter((line) => line.startsWith('+ nft-set')),
      '~ nft-chain guard',
      ...WHOLE_TABLE.filter((line) => line.startsWith('+ nft-chain')),
      ...[0, 2, 1, 3].map((index) => `+ sender ${SENDERS[index]}`),
      ...ELEMENTS,
    ],
  },
]

/** nft takes names of interfaces only in quotes. */
function quoted(element: string): string {
  return element.replace(/^(s64-[\w-]+|tap\d)/, '"$1"')
}
