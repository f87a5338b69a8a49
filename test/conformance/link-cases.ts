import { BRIDGE, INSIDE, ip, PAIR } from './step.ts'
import type { Case } from './step.ts'

export const LINK_CASES: readonly Case[] = [
  { title: 'a bridge alone has no carrier and no link-local address', steps: [{ batch: BRIDGE }] },
  {
    title: 'a whole container: pair, addresses, routes, proxy neighbour',
    steps: [
      { batch: BRIDGE },
      { batch: PAIR },
      { ip: 'link set dev w alias "slash64 veth" type bridge_slave hairpin on isolated on' },
      { batch: INSIDE, in: 'c1' },
      { ip: 'route add 2001:db8:1:1::1:2/128 dev br proto 164 metric 164' },
      { ip: 'route add unreachable 2001:db8:1:1::1:0/112 proto 164 metric 4096' },
      { ip: 'neigh replace proxy 2001:db8:1:1::1:2 dev up0 protocol 164' },
    ],
  },
  {
    title: 'deleting a veth end deletes its peer in the other namespace',
    steps: [{ batch: BRIDGE }, { batch: PAIR }, { batch: INSIDE, in: 'c1' }, { ip: 'link delete dev w' }],
  },
  {
    title: 'deleting the inner end deletes the outer one',
    steps: [{ batch: BRIDGE }, { batch: PAIR }, { ip: 'link delete dev eth0', in: 'c1' }],
  },
  {
    title: 'deleting a bridge releases its ports and takes its addresses, routes and proxy neighbours along',
    steps: [
      { batch: BRIDGE },
      { batch: PAIR },
      { ip: 'link set dev w type bridge_slave hairpin on' },
      { ip: 'neigh add proxy 2001:db8::5 dev br protocol 164' },
      { ip: 'link delete dev br' },
    ],
  },
  {
    title:
      'link down drops IPv6 addresses, routes and proxy neighbours; up brings back what hangs on IPv4 addresses',
    steps: [
      { batch: BRIDGE },
      { batch: PAIR },
      { batch: INSIDE, in: 'c1' },
      { ip: 'neigh add proxy 2001:db8::5 dev br protocol 164' },
      { ip: 'route add 10.99.0.0/16 via 10.64.0.9 dev br proto 164' },
      { ip: 'link set dev br down' },
      { ip: 'link set dev br up' },
    ],
  },
  {
    title: 'the inner end down: carrier is lost, everything stays',
    steps: [
      { batch: BRIDGE },
      { batch: PAIR },
      { batch: INSIDE, in: 'c1' },
      { ip: 'route add 2001:db8:1:1::1:2/128 dev br proto 164 metric 164' },
      { ip: 'link set dev eth0 down', in: 'c1' },
    ],
  },
  {
    title: 'links by group',
    steps: [{ batch: BRIDGE }, { batch: PAIR }, ...ip('link delete group 164', 'link delete group 164')],
  },
  {
    title: 'links that are there, absent, or misspelt',
    steps: [
      { batch: BRIDGE },
      ...ip(
        'link add name br type bridge',
        'link add name x type veth peer name br',
        'link add name x type veth peer name x',
        'link add name x type nosuch',
        'link add name x master nosuch type bridge',
        'link add name x type veth peer name y netns nosuch',
        'link add name abcdefghijklmnop type bridge',
        'link delete dev nosuch',
        'link delete dev lo',
        'link set dev nosuch up',
        'link set dev br master nosuch',
        'link set dev br mtu abc',
        'link set dev br address zz',
        'link set dev br bogus',
        'link set dev br type bridge_slave hairpin on',
        'link set dev up0 master br type bridge_slave hairpin on',
        'link set dev up0 netns nosuch',
        'bogus x',
        'link bogus',
        'link set up',
        'addr bogus',
        'link add name x',
      ),
    ],
  },
  {
    title: 'a port moves on and off a bridge, and a link into a namespace',
    steps: [
      { batch: BRIDGE },
      {
        batch:
          'link add name w address 02:00:00:00:00:02 group 7 up type veth peer name p address 02:00:00:00:00:01\nlink set dev p up',
      },
      ...ip(
        'link set dev w master br',
        'link set dev w nomaster',
        'addr add 10.1.0.1/24 dev p',
        'link set dev p netns c1',
      ),
    ],
  },
  {
    title: 'a bridge that does not learn from reserved groups',
    steps: ip(
      'link add name b2 up type bridge no_linklocal_learn 1',
      'link add name b3 type bridge',
      'link add name b4 type bridge no_linklocal_learn 1',
      'link set dev b3 mtu 1400 type bridge no_linklocal_learn 1',
      'link set dev b4 type bridge no_linklocal_learn 0',
      'link set dev b2 mtu 1400',
      'link set dev b2 type bridge no_linklocal_learn x',
      'link set dev b2 type bridge forward_delay x',
      'link set dev b2 type bridge vlan_filtering x',
    ),
  },
  {
    title: "a bridge without a MAC of its own takes its port's",
    steps: ip(
      'link add name b2 up type bridge',
      'link add name w address 02:00:00:00:00:02 master b2 up type veth peer name p address 02:00:00:00:00:01',
    ),
  },
]
