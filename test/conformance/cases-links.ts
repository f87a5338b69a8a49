import { BLOG, BLOG_VETH, DB_VETH } from './drift-case.ts'
import type { DriftCase } from './drift-case.ts'

/** What is put back when blog has no interface any more. */
const BLOG_WITHOUT_INTERFACE = [
  `+ veth ${BLOG_VETH}`,
  '+ container-setting blog accept_ra dev eth0',
  '+ container-setting blog addr_gen_mode dev eth0',
  '+ container-address blog 10.64.0.2/24 dev eth0',
  '+ container-address blog 2001:db8:1:1::1:2/112 dev eth0',
  '+ container-route blog default via 10.64.0.1 dev eth0',
  '+ container-route blog default via 2001:db8:1:1::1:1 dev eth0',
]

/** Drift of links and addresses: bridge, veth pair, and what is inside a container. */
export const LINK_CASES: readonly DriftCase[] = [
  { name: 'nothing happens', drift: [], expected: [] },
  {
    name: 'bridge deleted',
    drift: ['ip link delete dev br-ct'],
    expected: [
      '+ bridge br-ct',
      '+ bridge-sysctl net.ipv6.conf.br-ct.disable_ipv6',
      '+ bridge-sysctl net.ipv6.conf.br-ct.accept_ra',
      '+ bridge-sysctl net.ipv6.conf.br-ct.accept_dad',
      '+ bridge-sysctl net.ipv6.conf.br-ct.forwarding',
      '+ address 10.64.0.1/24 dev br-ct',
      '+ address 2001:db8:1:1::1:1/128 dev br-ct',
      '+ route 2001:db8:1:1::1:2 dev br-ct',
      '+ route 2001:db8:1:1::1:3 dev br-ct',
      `~ veth ${BLOG_VETH}`,
      `~ veth ${DB_VETH}`,
    ],
  },
  {
    name: 'bridge down',
    drift: ['ip link set dev br-ct down'],
    expected: [
      '~ bridge br-ct',
      '+ address 2001:db8:1:1::1:1/128 dev br-ct',
      '+ route 2001:db8:1:1::1:2 dev br-ct',
      '+ route 2001:db8:1:1::1:3 dev br-ct',
    ],
  },
  {
    name: 'bridge with another MAC',
    drift: ['ip link set dev br-ct address 02:00:00:00:00:99'],
    expected: ['~ bridge br-ct'],
  },
  {
    name: 'bridge with another MTU',
    drift: ['ip link set dev br-ct mtu 1400'],
    expected: ['~ bridge br-ct'],
  },
  {
    name: 'bridge without its alias',
    drift: ['ip link set dev br-ct alias x'],
    expected: ['~ bridge br-ct'],
  },
  { name: 'bridge in another group', drift: ['ip link set dev br-ct group 7'], expected: ['~ bridge br-ct'] },
  {
    name: 'bridge added with our mark',
    drift: ['ip link add name br-old group 164 type bridge', 'ip link set dev br-old alias slash64:br-old'],
    expected: ['- bridge br-old'],
  },
  { name: 'foreign bridge added', drift: ['ip link add name docker0 type bridge'], expected: [] },
  {
    name: 'foreign bridge in our group',
    drift: ['ip link add name lxcbr0 group 164 type bridge'],
    expected: [],
  },
  {
    name: 'gateway addresses deleted',
    drift: ['ip addr delete 10.64.0.1/24 dev br-ct', 'ip addr delete 2001:db8:1:1::1:1/128 dev br-ct'],
    expected: ['+ address 10.64.0.1/24 dev br-ct', '+ address 2001:db8:1:1::1:1/128 dev br-ct'],
  },
  {
    name: 'address added with our mark',
    drift: ['ip addr add 10.99.0.1/24 dev br-ct metric 164'],
    expected: ['- address 10.99.0.1/24 dev br-ct'],
  },
  {
    name: 'foreign address added to our bridge',
    drift: ['ip addr add 10.99.0.1/24 dev br-ct'],
    expected: [],
  },
  {
    name: 'veth pair deleted',
    drift: [`ip link delete dev ${BLOG_VETH}`],
    expected: BLOG_WITHOUT_INTERFACE,
  },
  {
    name: 'interface inside deleted',
    drift: [`ip -n ${BLOG} link delete dev eth0`],
    expected: BLOG_WITHOUT_INTERFACE,
  },
  { name: 'host end down', drift: [`ip link set dev ${BLOG_VETH} down`], expected: [`~ veth ${BLOG_VETH}`] },
  {
    name: 'host end unplugged',
    drift: [`ip link set dev ${BLOG_VETH} nomaster`],
    expected: [`~ veth ${BLOG_VETH}`],
  },
  {
    name: 'host end without hairpin, isolated',
    drift: [`ip link set dev ${BLOG_VETH} type bridge_slave hairpin off isolated on`],
    expected: [`~ veth ${BLOG_VETH}`],
  },
  {
    name: 'host end with another alias',
    drift: [`ip link set dev ${BLOG_VETH} alias mine`],
    expected: [`~ veth ${BLOG_VETH}`],
  },
  {
    // A bridge takes the lowest MTU of its ports, until somebody has set its own (br_mtu_auto_adjust).
    name: 'host end with another MTU',
    only: 'kernel',
    prepare: [],
    drift: [`ip link set dev ${DB_VETH} mtu 1300`],
    expected: ['~ bridge br-ct', `~ veth ${DB_VETH}`],
  },
  {
    name: 'inside down',
    drift: [`ip -n ${BLOG} link set dev eth0 down`],
    expected: [
      `~ veth ${BLOG_VETH}`,
      '+ container-address blog 2001:db8:1:1::1:2/112 dev eth0',
      '+ container-route blog default via 10.64.0.1 dev eth0',
      '+ container-route blog default via 2001:db8:1:1::1:1 dev eth0',
    ],
  },
  {
    name: 'inside with another MAC',
    drift: [`ip -n ${BLOG} link set dev eth0 address 02:00:00:00:00:77`],
    expected: [`~ veth ${BLOG_VETH}`],
  },
  {
    name: 'address inside deleted',
    drift: [`ip -n ${BLOG} addr delete 10.64.0.2/24 dev eth0`],
    expected: [
      '+ container-address blog 10.64.0.2/24 dev eth0',
      '+ container-route blog default via 10.64.0.1 dev eth0',
    ],
  },
  {
    name: 'IPv6 address inside deleted',
    drift: [`ip -n ${BLOG} addr delete 2001:db8:1:1::1:2/112 dev eth0`],
    expected: ['+ container-address blog 2001:db8:1:1::1:2/112 dev eth0'],
  },
  {
    name: 'address inside added with our mark',
    drift: [`ip -n ${BLOG} addr add 10.64.0.77/24 dev eth0 metric 164`],
    expected: ['- container-address blog 10.64.0.77/24 dev eth0'],
  },
  {
    name: 'foreign address inside added',
    drift: [`ip -n ${BLOG} addr add 192.0.2.5/32 dev eth0`],
    expected: [],
  },
  {
    name: 'default routes inside deleted',
    drift: [
      `ip -n ${BLOG} route delete default via 10.64.0.1`,
      `ip -n ${BLOG} route delete default via 2001:db8:1:1::1:1`,
    ],
    expected: [
      '+ container-route blog default via 10.64.0.1 dev eth0',
      '+ container-route blog default via 2001:db8:1:1::1:1 dev eth0',
    ],
  },
  {
    name: 'container ends',
    drift: [`ip netns delete ${BLOG}`],
    expected: ['- proxy-neighbour 2001:db8:1:1::1:2 dev eth0'],
  },
  {
    name: 'container starts again',
    prepare: [],
    drift: [`ip netns delete ${BLOG}`, `ip netns add ${BLOG}`],
    expected: BLOG_WITHOUT_INTERFACE,
  },
]
