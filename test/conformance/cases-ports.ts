import { container } from '../support/model.ts'
import { WHOLE } from './drift-case.ts'
import type { DriftCase } from './drift-case.ts'

/** With a container that somebody else configures: it may be behind any port that is nobody's. */
const WITH_GUEST = {
  ...WHOLE,
  containers: [
    ...WHOLE.containers,
    container('guest', 9, { runtime: { type: 'none', name: 'guest', interface: 'eth0' } }),
  ],
}
/** A bridge of ours on a host that slash64 has not seen yet, with a port of somebody else. */
const WITH_PORT = [
  'ip link add name br-ct type bridge',
  'ip link set dev br-ct alias slash64:br-ct',
  'ip link add name tap0 master br-ct type veth peer name tap1',
]
const PLUGGED = ['ip link add name tap0 type veth peer name tap1', 'ip link set dev tap0 master br-ct']

/** What others plug into our bridges, and take away again. */
export const PORT_CASES: readonly DriftCase[] = [
  {
    name: 'frames: foreign port plugged in',
    prepare: [],
    drift: PLUGGED,
    expected: ['+ bridge-port ports tap0'],
  },
  {
    name: 'frames: foreign port taken away',
    prepare: WITH_PORT,
    drift: ['ip link delete dev tap0'],
    expected: ['- bridge-port ports tap0'],
  },
  {
    name: 'frames: port of a container that somebody else configures plugged in',
    model: WITH_GUEST,
    prepare: [],
    drift: PLUGGED,
    expected: [
      '+ bridge-port ports tap0',
      '+ port-sender guests tap0',
      '+ port-sender ports4 tap0 . 10.64.0.9',
      '+ port-sender ports6 tap0 . 0xfe8000000000000000aa00fffe000008',
      '+ port-sender ports6 tap0 . 0x20010db8000100010000000000010009',
    ],
  },
  {
    name: 'frames: such a port unplugged, where nothing is ever pruned',
    model: { ...WITH_GUEST, policy: { prune: 'never' } },
    prepare: WITH_PORT,
    drift: ['ip link set dev tap0 nomaster'],
    expected: [
      '- port-sender guests tap0',
      '- port-sender ports4 tap0 . 10.64.0.9',
      '- port-sender ports6 tap0 . 0x20010db8000100010000000000010009',
      '- port-sender ports6 tap0 . 0xfe8000000000000000aa00fffe000008',
      '- bridge-port ports tap0',
    ],
  },
]
