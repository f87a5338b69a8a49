import type { RuntimeType } from '../../src/config/types.ts'
import { vethName } from '../../src/model/identity.ts'
import type { Model } from '../../src/model/types.ts'
import { container, model } from '../support/model.ts'
import type { DriftCase } from './drift-case.ts'

function only(type: RuntimeType): Model {
  return model({ containers: [container('web', 2, { runtime: { type, name: 'web', interface: 'eth0' } })] })
}

function pairOf(type: RuntimeType): string {
  return vethName({ type, name: 'web', interface: 'eth0' })
}

const ADDRESSES = [
  '+ container-address web 10.64.0.2/24 dev eth0',
  '+ container-address web 2001:db8:1:1::1:2/112 dev eth0',
  '+ container-route web default via 10.64.0.1 dev eth0',
  '+ container-route web default via 2001:db8:1:1::1:1 dev eth0',
]

/** What is put into a container that has the loopback only. */
function wiring(type: RuntimeType): readonly string[] {
  const settings = ['accept_ra', 'addr_gen_mode'].map((name) => `+ container-setting web ${name} dev eth0`)
  return [`+ veth ${pairOf(type)}`, ...settings, ...ADDRESSES]
}

/** The name of a port that a runtime made: another one each time. */
export const RUNTIMES_PORT = 'vethN'

function sendersOf(port: string): readonly string[] {
  return [
    `port-sender portmacs ${port} . 02:aa:00:00:00:01`,
    `port-sender ports4 ${port} . 10.64.0.2`,
    `port-sender ports6 ${port} . 0xfe8000000000000000aa00fffe000001`,
    `port-sender ports6 ${port} . 0x20010db8000100010000000000010002`,
  ]
}

const PROXY = 'proxy-neighbour 2001:db8:1:1::1:2 dev eth0'

function casesOf(type: RuntimeType): readonly DriftCase[] {
  const start = `container start ${type} web`
  return [
    {
      name: `${type}: a container without a network starts`,
      model: only(type),
      prepare: [],
      drift: [start],
      expected: [...wiring(type), `+ ${PROXY}`],
    },
    {
      name: `${type}: it starts again, in another namespace`,
      model: only(type),
      prepare: [start],
      drift: [`container restart ${type} web`],
      expected: wiring(type),
    },
    {
      name: `${type}: it stops`,
      model: only(type),
      prepare: [start],
      drift: [`container stop ${type} web`],
      expected: [`- ${PROXY}`],
    },
    {
      name: `${type}: it is removed`,
      model: only(type),
      prepare: [start],
      drift: [`container remove ${type} web`],
      expected: [`- ${PROXY}`],
    },
    {
      name: `${type}: one starts on our bridge`,
      model: only(type),
      prepare: [],
      drift: [`${start} on br-ct`],
      expected: [
        `+ bridge-port ports ${RUNTIMES_PORT}`,
        ...sendersOf(RUNTIMES_PORT).map((key) => `+ ${key}`),
        ...sendersOf(pairOf(type))
          .toSorted()
          .map((key) => `- ${key}`),
        '~ container-port web dev eth0',
        '~ container-setting web accept_ra dev eth0',
        ...ADDRESSES,
        `+ ${PROXY}`,
        `- bridge-port ports ${pairOf(type)}`,
      ],
    },
    {
      name: `${type}: another container starts`,
      model: only(type),
      prepare: [start],
      drift: [`container start ${type} webs on br-ct`],
      // It is nobody whom the file knows.
      expected: [`+ bridge-port ports ${RUNTIMES_PORT}`],
    },
  ]
}

/** Containers of runtimes come, go, and come again as other namespaces: as their commands tell, and as processes are. */
export const RUNTIME_CASES: readonly DriftCase[] = [
  ...casesOf('docker'),
  ...casesOf('lxc'),
  ...(['incus', 'nspawn', 'podman'] as const).flatMap((type) => casesOf(type).slice(1, 3)),
]
