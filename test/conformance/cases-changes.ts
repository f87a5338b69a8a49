import { container, model, network, tcp } from '../support/model.ts'
import { BLOG, BLOG_VETH } from './drift-case.ts'
import type { DriftCase } from './drift-case.ts'

const runtime = { type: 'netns', name: BLOG, interface: 'eth0' } as const
const BLOG_AT_CT = container('blog', 2, { runtime, expose: [tcp(8000, 8010)] })
const TWO = network({
  name: 'br-two',
  mac: '02:11:22:33:44:66',
  ipv6: { cidr: '2001:db8:1:1::2:0/112', gateway: '2001:db8:1:1::2:1', length: 112 },
  ipv4: { cidr: '10.65.0.0/24', gateway: '10.65.0.1', length: 24 },
})
const BEFORE = model({ networks: [network(), TWO], containers: [BLOG_AT_CT] })
const MOVED = { ...BLOG_AT_CT, network: 'br-two', ipv6: '2001:db8:1:1::2:2', ipv4: '10.65.0.2' }

/** Changes of the file whose old and new objects would be in each other's way. */
export const CHANGE_CASES: readonly DriftCase[] = [
  {
    name: 'container moved to another network',
    model: BEFORE,
    prepare: [],
    drift: [],
    next: model({ networks: [network(), TWO], containers: [MOVED] }),
    expected: [
      '+ sender senders4 br-two . 10.65.0.2',
      '+ sender senders6 br-two . 2001:db8:1:1::2:2',
      '- sender senders4 br-ct . 10.64.0.2',
      '- sender senders6 br-ct . 2001:db8:1:1::1:2',
      `+ port-sender ports4 ${BLOG_VETH} . 10.65.0.2`,
      `+ port-sender ports6 ${BLOG_VETH} . 0x20010db8000100010000000000020002`,
      `- port-sender ports4 ${BLOG_VETH} . 10.64.0.2`,
      `- port-sender ports6 ${BLOG_VETH} . 0x20010db8000100010000000000010002`,
      '+ exposure exposed6 2001:db8:1:1::2:2 . 6 . 8000-8010',
      '- exposure exposed6 2001:db8:1:1::1:2 . 6 . 8000-8010',
      '+ route 2001:db8:1:1::2:2 dev br-two',
      `~ veth ${BLOG_VETH}`,
      '+ container-address blog 10.65.0.2/24 dev eth0',
      '+ container-address blog 2001:db8:1:1::2:2/112 dev eth0',
      '+ container-route blog default via 10.65.0.1 dev eth0',
      '+ container-route blog default via 2001:db8:1:1::2:1 dev eth0',
      '+ proxy-neighbour 2001:db8:1:1::2:2 dev eth0',
      '- proxy-neighbour 2001:db8:1:1::1:2 dev eth0',
      '- container-route blog default via 2001:db8:1:1::1:1 dev eth0',
      '- container-route blog default via 10.64.0.1 dev eth0',
      '- container-address blog 2001:db8:1:1::1:2/112 dev eth0',
      '- container-address blog 10.64.0.2/24 dev eth0',
      '- route 2001:db8:1:1::1:2 dev br-ct',
    ],
  },
  {
    name: 'network renamed',
    model: model({ containers: [BLOG_AT_CT] }),
    prepare: [],
    drift: [],
    next: model({
      networks: [network({ name: 'br-new', mac: '02:11:22:33:44:77' })],
      containers: [{ ...BLOG_AT_CT, network: 'br-new' }],
    }),
    expected: [
      '+ guarded-interface bridges br-new',
      '+ sender senders4 br-new . 10.64.0.2',
      '+ sender senders6 br-new . 2001:db8:1:1::1:2',
      '- sender senders4 br-ct . 10.64.0.2',
      '- sender senders6 br-ct . 2001:db8:1:1::1:2',
      '+ port-sender macs 02:11:22:33:44:77',
      '- port-sender macs 02:11:22:33:44:55',
      '+ bridge br-new',
      '+ bridge-sysctl net.ipv6.conf.br-new.disable_ipv6',
      '+ bridge-sysctl net.ipv6.conf.br-new.accept_ra',
      '+ bridge-sysctl net.ipv6.conf.br-new.accept_dad',
      '+ bridge-sysctl net.ipv6.conf.br-new.forwarding',
      '+ address 10.64.0.1/24 dev br-new',
      '+ address 2001:db8:1:1::1:1/128 dev br-new',
      '+ route 2001:db8:1:1::1:2 dev br-new',
      `~ veth ${BLOG_VETH}`,
      '- route 2001:db8:1:1::1:2 dev br-ct',
      '- address 2001:db8:1:1::1:1/128 dev br-ct',
      '- address 10.64.0.1/24 dev br-ct',
      '- bridge br-ct',
      '- guarded-interface bridges br-ct',
    ],
  },
  {
    name: 'exposed range widened over the old one',
    model: BEFORE,
    prepare: [],
    drift: [],
    next: model({ networks: [network(), TWO], containers: [{ ...BLOG_AT_CT, expose: [tcp(7000, 9000)] }] }),
    expected: [
      '+ exposure exposed6 2001:db8:1:1::1:2 . 6 . 7000-9000',
      '- exposure exposed6 2001:db8:1:1::1:2 . 6 . 8000-8010',
    ],
  },
  {
    name: 'nothing left in the file but the network',
    model: model({ containers: [BLOG_AT_CT] }),
    prepare: [],
    drift: [],
    next: model(),
    expected: [
      '- sender senders4 br-ct . 10.64.0.2',
      '- sender senders6 br-ct . 2001:db8:1:1::1:2',
      '- port-sender macs 02:aa:00:00:00:01',
      `- port-sender portmacs ${BLOG_VETH} . 02:aa:00:00:00:01`,
      `- port-sender ports4 ${BLOG_VETH} . 10.64.0.2`,
      `- port-sender ports6 ${BLOG_VETH} . 0x20010db8000100010000000000010002`,
      `- port-sender ports6 ${BLOG_VETH} . 0xfe8000000000000000aa00fffe000001`,
      '- exposure exposed6 2001:db8:1:1::1:2 . 6 . 8000-8010',
      '- proxy-neighbour 2001:db8:1:1::1:2 dev eth0',
      `- veth ${BLOG_VETH}`,
      '- route 2001:db8:1:1::1:2 dev br-ct',
      `- bridge-port ports ${BLOG_VETH}`,
    ],
  },
]
