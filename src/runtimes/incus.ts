import { parsedOnce } from '../formats/json.ts'
import { parseIncusList, readIncusEvent } from '../formats/runtimes/incus.ts'
import { UNKNOWN_TO_IT } from '../formats/runtimes/types.ts'
import { containerTopic, DEADLINE } from './shared.ts'
import type { RuntimeDefinition } from './types.ts'

/** By the socket of this host and in the default project, whatever `incus remote switch` and `incus project switch` said. */
const HERE = ['local:', '--project', 'default'] as const

/** Incus: one process for all. */
export const incus: RuntimeDefinition = {
  probe: (_, all) => ({
    id: 'incus',
    argv: ['incus', 'list', ...HERE, '--format', 'json'],
    deadline: DEADLINE,
    contained: true,
    topics: all.map(({ runtime }) => containerTopic(runtime)),
  }),
  find: (answer, { runtime }) =>
    parsedOnce(answer, parseIncusList).get(runtime.name) ?? { state: 'absent', why: UNKNOWN_TO_IT },
  wayOut: (bridge) =>
    `give it a NIC on ${bridge} (incus config device add NAME eth0 nic nictype=bridged parent=${bridge}), or none`,
  events: {
    argvs: () => [['incus', 'monitor', ...HERE, '--type', 'lifecycle', '--format', 'json']],
    read: readIncusEvent,
  },
}
