import { ip } from './step.ts'
import type { Case } from './step.ts'

/** What is read after each case. */
export const SYSCTLS: readonly string[] = [
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/forwarding',
  'net/ipv4/conf/up0/forwarding',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/default/forwarding',
  'net/ipv6/conf/up0/forwarding',
  'net/ipv6/conf/br/forwarding',
  'net/ipv6/conf/all/proxy_ndp',
  'net/ipv6/conf/up0/proxy_ndp',
  'net/ipv6/conf/br/proxy_ndp',
  'net/ipv6/conf/up0/accept_ra',
  'net/ipv6/conf/br/accept_ra',
  'net/ipv6/conf/up0/disable_ipv6',
  'net/ipv6/conf/br/disable_ipv6',
  'net/ipv6/neigh/up0/proxy_delay',
  'net/ipv6/neigh/br/proxy_delay',
  'net/ipv6/neigh/all/proxy_delay',
  'net/ipv6/conf/nosuch/proxy_ndp',
]

const set = (sysctl: string, value: string): { sysctl: string; value: string } => ({ sysctl, value })

export const SYSCTL_CASES: readonly Case[] = [
  { title: 'defaults of a new namespace', steps: [] },
  {
    title: 'forwarding for all sets every interface, and the default of later ones',
    steps: [
      set('net/ipv6/conf/all/forwarding', '1'),
      set('net/ipv4/ip_forward', '1'),
      ...ip('link add name br type bridge'),
    ],
  },
  {
    title: 'the same value again resets what was set for one interface',
    steps: [
      set('net/ipv6/conf/all/forwarding', '1'),
      set('net/ipv6/conf/up0/forwarding', '0'),
      set('net/ipv6/conf/all/forwarding', '1'),
      set('net/ipv4/conf/all/forwarding', '1'),
    ],
  },
  {
    title: 'proxy settings, and a link that is made anew',
    steps: [
      ...ip('link add name br type bridge'),
      set('net/ipv6/conf/all/proxy_ndp', '1'),
      set('net/ipv6/conf/br/proxy_ndp', '1'),
      set('net/ipv6/conf/br/accept_ra', '2'),
      set('net/ipv6/neigh/br/proxy_delay', '0'),
      ...ip('link delete dev br', 'link add name br type bridge'),
      set('net/ipv6/conf/up0/proxy_ndp', '1'),
    ],
  },
  {
    title: 'IPv6 switched off on a link takes its addresses and routes, and gives none back',
    steps: [
      ...ip(
        'link add name br address 02:aa:bb:cc:dd:01 up type bridge',
        'addr add 2001:db8:9::1/64 dev br nodad',
      ),
      set('net/ipv6/conf/br/disable_ipv6', '1'),
      ...ip('addr add 2001:db8:9::2/64 dev br nodad'),
      set('net/ipv6/conf/br/disable_ipv6', '0'),
      ...ip('addr add 2001:db8:9::3/64 dev br nodad'),
    ],
  },
]
