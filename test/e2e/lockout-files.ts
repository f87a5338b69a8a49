import type { Config } from '../../src/config/types.ts'
import { forward, HOST } from './fixtures.ts'

export const NETWORKS = { 'br-ct': { ipv6: '::1:0/112', ipv4: '10.64.0.0/24' } }
export const FORWARDS = [forward('2222/tcp -> blog:22')]

/** Files by what is wrong with them, and the code that says so; each is an edit of one that is in force. */
export type Row = readonly [what: string, code: string, parts: Partial<Config>]

/** br-ct with another private subnet, its containers moved along. */
export function moved(ipv4: string, ipv6 = '::1:0/112'): Partial<Config> {
  return { networks: { 'br-ct': { ipv6, ipv4 } } }
}

export function second(ipv4: string): Partial<Config> {
  return { networks: { ...NETWORKS, 'br-two': { ipv4 } } }
}

function slice(ipv6: string): Partial<Config> {
  return { networks: { ...NETWORKS, 'br-two': { ipv6 } } }
}

export function forwards(...texts: readonly string[]): Partial<Config> {
  return { nat: { forwards: [...FORWARDS, ...texts.map((text) => forward(text))] } }
}

export function upstream(ipv4: string, more: Partial<Config> = {}): Partial<Config> {
  return { upstream: { interface: 'eth0', ipv4 }, ...more }
}

function prefix(cidr: string): Partial<Config> {
  return { prefix: { cidr, delivery: 'on-link' } }
}

export const ROWS: readonly Row[] = [
  ['a network over the administrator', 'S64-G010', moved('198.51.100.0/24')],
  ['a small one', 'S64-G010', moved('198.51.100.8/29')],
  ['a /8 over the administrator', 'S64-G010', moved('198.0.0.0/8')],
  ['a new network over the administrator', 'S64-G010', second('198.51.100.0/25')],
  ['half of the uplink’s subnet', 'S64-G010', moved('203.0.113.128/25')],
  ['a few addresses of the uplink’s link', 'S64-G010', second('203.0.113.64/29')],
  ['the on-link next hop of another table', 'S64-G010', moved('172.31.1.0/24')],
  ['a /12 over that next hop', 'S64-G010', second('172.16.0.0/12')],
  ['a next hop of a route to elsewhere', 'S64-G010', second('172.31.9.0/28')],
  ['what the uplink reaches without a next hop', 'S64-G010', second('100.64.9.0/24')],
  ['the subnet of a second interface', 'S64-G010', moved('192.168.77.0/24')],
  ['a /16 over a second interface', 'S64-G010', second('192.168.0.0/16')],
  ['the address at the other end of a tunnel', 'S64-G010', second('172.30.5.0/24')],
  ['a slice with the IPv6 next hop', 'S64-G010', slice('::ff00/120')],
  ['a small slice with it', 'S64-G010', slice('::fff0/124')],
  ['a slice with an IPv6 next hop of another table', 'S64-G010', slice('::88:0/112')],
  ['a slice with who is connected by IPv6', 'S64-G010', slice('::77:0/112')],
  ['br-ct in a slice with who is connected', 'S64-G010', moved('10.64.0.0/24', '::77:0/112')],
  ['a forward over sshd', 'S64-G011', forwards('22/tcp -> blog:22')],
  ['a range over sshd', 'S64-G011', forwards('20-30/tcp -> blog:20-30')],
  ['a range that shifts', 'S64-G011', forwards('20-25/tcp -> blog:120-125')],
  ['all ports below 2222', 'S64-G011', forwards('1-2221/tcp -> blog:1-2221')],
  ['all ports', 'S64-G011', { nat: { forwards: [forward('1-65535/tcp -> blog:1-65535')] } }],
  ['sshd on every address of both families', 'S64-G011', forwards('2022/tcp -> blog:22')],
  [
    'a forward over sshd for one source',
    'S64-G011',
    { nat: { forwards: [forward('22/tcp -> blog:22', '198.51.100.66/32')] } },
  ],
  ['an upstream.ipv4 that nobody has', 'S64-G012', upstream('203.0.113.22')],
  ['the router’s address as upstream.ipv4', 'S64-G012', upstream('203.0.113.1')],
  [
    'a wrong upstream.ipv4 and a new forward',
    'S64-G012',
    upstream('198.51.100.2', forwards('2223/tcp -> db:22')),
  ],
  ['another prefix', 'S64-G013', prefix('2001:db8:1:2::/64')],
  ['a prefix with a digit too few', 'S64-G013', prefix('2001:db8:1:1::/56'.replace('1:1::/56', '2:1::/64'))],
  ['a prefix of elsewhere', 'S64-G013', prefix('2a01:4f8:1:1::/64')],
  ['an interface that leads nowhere', 'S64-G014', { upstream: { interface: 'lan0', ipv4: HOST } }],
]
