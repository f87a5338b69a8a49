import { ToolFailure } from './fail.ts'
import type { Netns } from './state.ts'

/** Defaults of kernel 6.18 for what programs of this kind read and write; the rest is "not-found". */
const PER_INTERFACE: readonly (readonly [directory: string, values: Readonly<Record<string, string>>])[] = [
  [
    'net/ipv6/conf',
    {
      accept_dad: '1',
      accept_ra: '1',
      accept_ra_defrtr: '1',
      accept_ra_pinfo: '1',
      accept_redirects: '1',
      accept_source_route: '0',
      addr_gen_mode: '0',
      autoconf: '1',
      dad_transmits: '1',
      disable_ipv6: '0',
      force_forwarding: '0',
      forwarding: '0',
      keep_addr_on_down: '0',
      mtu: '1500',
      proxy_ndp: '0',
      use_tempaddr: '0',
    },
  ],
  ['net/ipv6/neigh', { gc_stale_time: '60', proxy_delay: '80', proxy_qlen: '64', unres_qlen: '101' }],
  [
    'net/ipv4/conf',
    {
      accept_redirects: '1',
      arp_announce: '0',
      arp_ignore: '0',
      forwarding: '0',
      promote_secondaries: '0',
      proxy_arp: '0',
      route_localnet: '0',
      rp_filter: '0',
      send_redirects: '1',
    },
  ],
  ['net/ipv4/neigh', { gc_stale_time: '60', proxy_delay: '80', proxy_qlen: '64', unres_qlen: '101' }],
]

const GLOBAL: Readonly<Record<string, string>> = {
  'net/bridge/bridge-nf-call-arptables': '0',
  'net/bridge/bridge-nf-call-ip6tables': '0',
  'net/bridge/bridge-nf-call-iptables': '0',
  'net/ipv4/ip_forward': '0',
  'net/ipv4/ip_local_port_range': '32768\t60999',
  'net/ipv4/ip_nonlocal_bind': '0',
  'net/ipv6/ip_nonlocal_bind': '0',
}

/** Makes the entries of interfaces: copies of `default`, as the kernel does for a new link. */
export function defaultsFor(netns: Netns, names: readonly string[]): void {
  for (const [name, value] of Object.entries(GLOBAL))
    if (!netns.sysctls.has(name)) netns.sysctls.set(name, value)
  for (const name of names) {
    for (const [directory, values] of PER_INTERFACE) {
      // Neighbour tables know `default`, and no `all`.
      if (name === 'all' && directory.endsWith('neigh')) continue
      for (const [key, boot] of Object.entries(values)) {
        const value = netns.sysctls.get(`${directory}/default/${key}`) ?? boot
        netns.sysctls.set(`${directory}/${name}/${key}`, value)
      }
    }
  }
}

export function dropInterface(netns: Netns, name: string): void {
  for (const [directory, values] of PER_INTERFACE) {
    for (const key of Object.keys(values)) netns.sysctls.delete(`${directory}/${name}/${key}`)
  }
}

/** What the kernel had at boot; undefined for an entry that this fake does not know. */
export function bootValue(name: string): string | undefined {
  const key = name.slice(name.lastIndexOf('/') + 1)
  const found = PER_INTERFACE.find(([directory]) => name.startsWith(`${directory}/`))
  return GLOBAL[name] ?? found?.[1][key]
}

/** The value, or ENOENT. */
export function readSysctl(netns: Netns, name: string): string {
  const value = netns.sysctls.get(name)
  if (value === undefined) throw new ToolFailure('No such file or directory', 1, true)
  return value
}

/** Writes one value, and what the kernel changes along with it. ENOENT and EINVAL as the kernel answers. */
export function writeSysctl(netns: Netns, name: string, value: string): void {
  readSysctl(netns, name)
  if (!/^-?\d{1,10}(\s+-?\d{1,10})*$/.test(value)) throw new ToolFailure('Invalid argument', 1, true)
  netns.sysctls.set(name, value)
  if (name === 'net/ipv4/ip_forward' || name === 'net/ipv4/conf/all/forwarding') return forward4(netns, value)
  if (name === 'net/ipv6/conf/all/forwarding') return forward6(netns, value)
  if (name === 'net/ipv6/conf/all/disable_ipv6') setEverywhere(netns, 'net/ipv6/conf', 'disable_ipv6', value)
  if (name.endsWith('/disable_ipv6')) applyDisabled(netns)
  if (name.startsWith('net/ipv6/conf/') && name.endsWith('/forwarding')) forgetRouters(netns)
}

function setEverywhere(netns: Netns, directory: string, key: string, value: string): void {
  for (const name of netns.sysctls.keys()) {
    if (name.startsWith(`${directory}/`) && name.endsWith(`/${key}`)) netns.sysctls.set(name, value)
  }
}

function forward4(netns: Netns, value: string): void {
  setEverywhere(netns, 'net/ipv4/conf', 'forwarding', value)
  netns.sysctls.set('net/ipv4/ip_forward', value)
}

/** Writing it resets every interface's value, also when it does not change (measured on 6.18). */
function forward6(netns: Netns, value: string): void {
  setEverywhere(netns, 'net/ipv6/conf', 'forwarding', value)
  forgetRouters(netns)
}

/** Forwarding without `accept_ra=2` drops what router advertisements gave (protocol 9). */
function forgetRouters(netns: Netns): void {
  netns.routes = netns.routes.filter((route) => {
    if (route.protocol !== 9 || route.link === undefined) return true
    const conf = `net/ipv6/conf/${route.link.name}`
    return netns.sysctls.get(`${conf}/forwarding`) !== '1' || netns.sysctls.get(`${conf}/accept_ra`) === '2'
  })
}

function applyDisabled(netns: Netns): void {
  for (const link of netns.links.values()) {
    if (netns.sysctls.get(`net/ipv6/conf/${link.name}/disable_ipv6`) !== '1') continue
    link.addresses = link.addresses.filter((address) => address.prefix.family === 4)
    netns.routes = netns.routes.filter((route) => route.link !== link || route.prefix.family === 4)
  }
}
