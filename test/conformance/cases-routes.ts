import type { DriftCase } from './drift-case.ts'

const CONTAINER = '2001:db8:1:1::1:2'
const SLICE = '2001:db8:1:1::1:0/112'

/** Drift of routes, proxy neighbours and settings. */
export const ROUTE_CASES: readonly DriftCase[] = [
  {
    name: 'route of a container deleted',
    drift: [`ip route delete ${CONTAINER} dev br-ct`],
    expected: ['+ route 2001:db8:1:1::1:2 dev br-ct'],
  },
  {
    name: 'route of a container with another metric',
    drift: [
      `ip route delete ${CONTAINER} dev br-ct`,
      `ip route add ${CONTAINER} dev br-ct proto 164 metric 200`,
    ],
    expected: ['~ route 2001:db8:1:1::1:2 dev br-ct'],
  },
  {
    name: 'unreachable slice deleted',
    drift: [`ip route delete unreachable ${SLICE}`],
    expected: ['+ route unreachable 2001:db8:1:1::1:0/112'],
  },
  {
    name: 'route added with our mark',
    drift: ['ip route add 2001:db8:5::/48 dev br-ct proto 164 metric 9'],
    expected: ['- route 2001:db8:5::/48 dev br-ct'],
  },
  {
    name: 'IPv4 route added with our mark',
    drift: ['ip route add 192.0.2.0/24 dev br-ct proto 164'],
    expected: ['- route 192.0.2.0/24 dev br-ct'],
  },
  {
    name: 'foreign route added to our bridge',
    drift: ['ip route add 2001:db8:5::/48 dev br-ct'],
    expected: [],
  },
  {
    name: 'proxy neighbour deleted',
    drift: [`ip neigh delete proxy ${CONTAINER} dev eth0`],
    expected: ['+ proxy-neighbour 2001:db8:1:1::1:2 dev eth0'],
  },
  {
    name: 'proxy neighbour added with our mark',
    drift: ['ip neigh add proxy 2001:db8:1:1::1:99 dev eth0 protocol 164'],
    expected: ['- proxy-neighbour 2001:db8:1:1::1:99 dev eth0'],
  },
  {
    name: 'foreign proxy neighbour added',
    drift: ['ip neigh add proxy 2001:db8:1:1::1:99 dev eth0'],
    expected: [],
  },
  {
    name: 'proxy neighbour made by somebody else serves, and stays his',
    prepare: [`ip neigh add proxy ${CONTAINER} dev eth0`],
    drift: [],
    expected: [],
  },
  {
    name: 'upstream down and up',
    drift: ['ip link set dev eth0 down', 'ip link set dev eth0 up'],
    expected: [
      '+ proxy-neighbour 2001:db8:1:1::1:1 dev eth0',
      '+ proxy-neighbour 2001:db8:1:1::1:2 dev eth0',
      '+ proxy-neighbour 2001:db8:1:1::1:3 dev eth0',
    ],
  },
  {
    name: 'IPv4 forwarding off',
    drift: ['sysctl net/ipv4/ip_forward=0'],
    expected: ['~ sysctl net.ipv4.ip_forward'],
  },
  {
    name: 'IPv6 forwarding off everywhere',
    drift: ['sysctl net/ipv6/conf/all/forwarding=0'],
    expected: [
      '~ sysctl net.ipv6.conf.all.forwarding',
      '~ sysctl net.ipv6.conf.eth0.forwarding',
      '~ bridge-sysctl net.ipv6.conf.br-ct.forwarding',
    ],
  },
  {
    name: 'IPv6 forwarding off on the upstream interface',
    drift: ['sysctl net/ipv6/conf/eth0/forwarding=0'],
    expected: ['~ sysctl net.ipv6.conf.eth0.forwarding'],
  },
  {
    name: 'proxy NDP off',
    drift: ['sysctl net/ipv6/conf/all/proxy_ndp=0', 'sysctl net/ipv6/conf/eth0/proxy_ndp=0'],
    expected: ['~ sysctl net.ipv6.conf.all.proxy_ndp', '~ sysctl net.ipv6.conf.eth0.proxy_ndp'],
  },
  {
    name: 'proxy delay back',
    drift: ['sysctl net/ipv6/neigh/eth0/proxy_delay=80'],
    expected: ['~ sysctl net.ipv6.neigh.eth0.proxy_delay'],
  },
  {
    name: 'router advertisements refused',
    drift: ['sysctl net/ipv6/conf/eth0/accept_ra=1'],
    expected: ['~ sysctl net.ipv6.conf.eth0.accept_ra'],
  },
  {
    name: 'router advertisements accepted on our bridge',
    drift: ['sysctl net/ipv6/conf/br-ct/accept_ra=1'],
    expected: ['~ bridge-sysctl net.ipv6.conf.br-ct.accept_ra'],
  },
  {
    name: 'IPv6 off on our bridge',
    drift: ['sysctl net/ipv6/conf/br-ct/disable_ipv6=1'],
    expected: [
      '~ bridge-sysctl net.ipv6.conf.br-ct.disable_ipv6',
      '+ address 2001:db8:1:1::1:1/128 dev br-ct',
      '+ route 2001:db8:1:1::1:2 dev br-ct',
      '+ route 2001:db8:1:1::1:3 dev br-ct',
    ],
  },
  { name: 'a setting that is not ours', drift: ['sysctl net/ipv6/conf/eth0/autoconf=0'], expected: [] },
]
