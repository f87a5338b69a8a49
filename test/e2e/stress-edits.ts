import { ADDRESSES } from '../lab/topology.ts'
import { IPV6 } from './fixtures.ts'
import type { Random } from './stress-random.ts'

/**
 * What somebody else does to the host, as commands there. Only what the kernel tells of: of proxy neighbours and of settings
 * like `accept_ra` it tells nobody (README), so the former go together with an event of their link, and the latter stay.
 */
export interface Edit {
  readonly name: string
  readonly argv: readonly string[]
  readonly input?: string
}

/** By what tells of them: lines of one sort each of `ip monitor` (proxy neighbours by their link's), and `nft monitor`. */
export type EditSort = 'route' | 'link' | 'address' | 'setting' | 'proxy' | 'firewall'

/** What can be edited: the host's ends of the pairs, and as many containers (::1:2 is the first). */
export interface Victims {
  readonly ports: readonly [string, ...string[]]
}

type MakeEdit = (random: Random, victims: Victims) => Edit

export function randomEdit(sort: EditSort, random: Random, victims: Victims): Edit {
  return random.pick(EDITS[sort])(random, victims)
}

function address(random: Random, { ports }: Victims): string {
  return `${IPV6}1:${random.below(ports.length) + 2}`
}

function ip(...lines: readonly string[]): Edit {
  return { name: lines.join('; '), argv: ['ip', '-batch', '-'], input: `${lines.join('\n')}\n` }
}

function nft(command: string): Edit {
  return { name: `nft ${command}`, argv: ['nft', command] }
}

function setting(path: string, value: string): Edit {
  return { name: `${path} = ${value}`, argv: ['sh', '-c', `echo ${value} >/proc/sys/net/${path}`] }
}

const ROUTES: readonly [MakeEdit, ...MakeEdit[]] = [
  (random, victims) => ip(`route del ${address(random, victims)} dev br-ct`),
  (random, victims) => ip(`route del ${address(random, victims)} dev br-ct`),
  (random, victims) => ip(`route replace unreachable ${address(random, victims)} metric 164 proto 164`),
  () => ip(`route del unreachable ${IPV6}1:0/112`),
]

const LINKS: readonly [MakeEdit, ...MakeEdit[]] = [
  (random, { ports }) => ip(`link set ${random.pick(ports)} down`),
  (random, { ports }) => {
    const port = random.pick(ports)
    return ip(`link set ${port} down`, `link set ${port} up`)
  },
  (random, { ports }) => ip(`link del ${random.pick(ports)}`),
  (random, { ports }) => ip(`link set ${random.pick(ports)} nomaster`),
  (random, { ports }) => ip(`link set ${random.pick(ports)} alias slash64:somebody`),
  (random, { ports }) => ip(`link set ${random.pick(ports)} mtu ${random.pick([1280, 1400])}`),
  (random, { ports }) => ip(`link set ${random.pick(ports)} type bridge_slave hairpin off`),
  (random, { ports }) => ip(`link set ${random.pick(ports)} type bridge_slave isolated off`),
  (random) => ip(`link set br-ct address 02:00:00:00:00:0${random.below(9)}`),
  () => ip('link set br-ct alias slash64:else'),
  () => ip('link set br-ct down'),
  () => ip('link del br-ct'),
]

const ADDRESSES_OF_BRIDGE: readonly [MakeEdit, ...MakeEdit[]] = [
  () => ip('addr flush dev br-ct scope global'),
  () => ip('addr del 10.64.0.1/24 dev br-ct'),
  () => ip(`addr del ${IPV6}1:1/128 dev br-ct`),
]

const SETTINGS: readonly [MakeEdit, ...MakeEdit[]] = [
  (random) =>
    setting(
      random.pick(['ipv6/conf/all/forwarding', 'ipv6/conf/eth0/forwarding', 'ipv6/conf/br-ct/forwarding']),
      '0',
    ),
  () => setting('ipv4/ip_forward', '0'),
  (random) => setting(`ipv6/conf/${random.pick(['all', 'eth0'])}/proxy_ndp`, '0'),
]

const PROXIES: readonly [MakeEdit, ...MakeEdit[]] = [
  (random, victims) =>
    ip(
      `neigh del proxy ${address(random, victims)} dev eth0`,
      `link set eth0 txqueuelen ${900 + random.below(90)}`,
    ),
  // As an administrator, or a provider's agent, who sets up again what goes with the link.
  () =>
    ip(
      'link set eth0 down',
      'link set eth0 up',
      `addr replace ${ADDRESSES.host6}/64 dev eth0 nodad`,
      `route replace default via ${ADDRESSES.router}`,
      'route replace default via 2001:db8:1:1::ffff',
    ),
]

const ELEMENTS: readonly [MakeEdit, ...MakeEdit[]] = [
  (random, victims) =>
    nft(
      `add element inet slash64 exposed6 { ${address(random, victims)} . udp . ${1_000 + random.below(9_000)} }`,
    ),
  (random, victims) => nft(`add element inet slash64 open6 { ${address(random, victims)} }`),
  (random, victims) =>
    nft(`delete element inet slash64 exposed6 { ${address(random, victims)} . tcp . 443 }`),
  (random) => nft(`flush set inet slash64 ${random.pick(['exposed6', 'senders4', 'senders6', 'bridges'])}`),
  () => nft('flush map inet slash64 forwards4'),
  (random) =>
    nft(`flush set bridge slash64 ${random.pick(['ports', 'macs', 'portmacs', 'ports4', 'ports6'])}`),
]

const RULES: readonly [MakeEdit, ...MakeEdit[]] = [
  () => nft('add rule inet slash64 guard accept'),
  () => nft('insert rule inet slash64 guard accept'),
  () => nft('flush chain inet slash64 guard'),
  (random) => nft(`flush table ${random.pick(['inet', 'bridge'])} slash64`),
  (random) => nft(`delete table ${random.pick(['inet', 'bridge'])} slash64`),
  () => nft('flush ruleset'),
]

const EDITS: Readonly<Record<EditSort, readonly [MakeEdit, ...MakeEdit[]]>> = {
  route: ROUTES,
  link: LINKS,
  address: ADDRESSES_OF_BRIDGE,
  setting: SETTINGS,
  proxy: PROXIES,
  firewall: [...ELEMENTS, ...ELEMENTS, ...RULES],
}
