/**
 * The lab's wiring, as text for `ip -batch` and sysctl names: no process is started here.
 *
 *   internet eth0 ─── in0 router up0 ─── eth0 host ─── (slash64's bridge and veth pairs) ─── containers
 *   198.51.100.10      .1        203.0.113.1    .2
 *   2001:db8:ffff::10  ::1       see below
 */
export type Delivery = 'on-link' | 'routed'

export const ADDRESSES = {
  internet: '198.51.100.10',
  /** A second source on the internet, for `from`. */
  stranger: '198.51.100.66',
  internet6: '2001:db8:ffff::10',
  host: '203.0.113.2',
  host6: '2001:db8:1:1::2',
  router: '203.0.113.1',
  prefix: '2001:db8:1:1::/64',
} as const

export interface Namespaces {
  readonly internet: string
  readonly router: string
  readonly host: string
}

/** Lines for the first batch, in the namespace that holds all: names and cables. */
export function wiring(names: Namespaces, containers: readonly string[]): readonly string[] {
  return [
    ...[names.internet, names.router, names.host, ...containers].map((name) => `netns add ${name}`),
    `link add eth0 netns ${names.internet} type veth peer name in0 netns ${names.router}`,
    `link add eth0 netns ${names.host} type veth peer name up0 netns ${names.router}`,
  ]
}

/** One namespace's sysctls, written before its links come up, and its `ip -batch` lines. */
export interface Setup {
  readonly sysctls: readonly string[]
  readonly lines: readonly string[]
}

/** Duplicate address detection takes a second or more for each address; with it off the lab is up at once. */
const NO_DAD = ['net/ipv6/conf/default/accept_dad=0', 'net/ipv6/conf/default/dad_transmits=0']

/** `conf/default` is for links to come; those that the first batch made are named. */
function quick(...links: readonly string[]): readonly string[] {
  return [...NO_DAD, ...links.map((link) => `net/ipv6/conf/${link}/accept_dad=0`)]
}

export function internetSetup(): Setup {
  return {
    sysctls: quick('eth0'),
    lines: [
      'link set lo up',
      'link set eth0 up',
      `address add ${ADDRESSES.internet}/24 dev eth0`,
      `address add ${ADDRESSES.stranger}/24 dev eth0`,
      `address add ${ADDRESSES.internet6}/64 dev eth0`,
      'route add default via 198.51.100.1',
      'route add default via 2001:db8:ffff::1',
    ],
  }
}

/** On-link: the /64 is connected, so the router asks for every single address of it. Routed: sent to the host. */
export function routerSetup(delivery: Delivery): Setup {
  const uplink =
    delivery === 'on-link'
      ? ['address add 2001:db8:1:1::ffff/64 dev up0']
      : ['address add 2001:db8:0:1::1/64 dev up0', `route add ${ADDRESSES.prefix} via 2001:db8:0:1::2`]
  return {
    sysctls: [...quick('in0', 'up0'), 'net/ipv4/ip_forward=1', 'net/ipv6/conf/all/forwarding=1'],
    lines: [
      'link set lo up',
      'link set in0 up',
      'link set up0 up',
      'address add 198.51.100.1/24 dev in0',
      'address add 2001:db8:ffff::1/64 dev in0',
      'address add 203.0.113.1/24 dev up0',
      ...uplink,
    ],
  }
}

/** A host as the provider hands it over: addresses and default routes, nothing forwarded. */
export function hostSetup(delivery: Delivery): Setup {
  const [own, router] =
    delivery === 'on-link' ? [ADDRESSES.host6, '2001:db8:1:1::ffff'] : ['2001:db8:0:1::2', '2001:db8:0:1::1']
  return {
    sysctls: quick('eth0'),
    lines: [
      'link set lo up',
      'link set eth0 up',
      `address add ${ADDRESSES.host}/24 dev eth0`,
      `address add ${own}/64 dev eth0`,
      `route add default via ${ADDRESSES.router}`,
      `route add default via ${router}`,
    ],
  }
}

/** A container that nobody has given a network yet. */
export function containerSetup(): Setup {
  return { sysctls: NO_DAD, lines: ['link set lo up'] }
}

/** The shell words of one process that does all of one namespace's setup; its batch comes from stdin. */
export function setupCommand(setup: Setup): readonly string[] {
  const writes = setup.sysctls.map((entry) => {
    const [name, value] = entry.split('=')
    return `echo ${value} >/proc/sys/${name}`
  })
  return ['sh', '-ec', [...writes, 'exec ip -batch -'].join('\n')]
}
