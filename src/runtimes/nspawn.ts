import { parsedOnce } from '../formats/json.ts'
import { machineOf, parseMachines } from '../formats/runtimes/machined.ts'
import { containerTopic, DEADLINE } from './shared.ts'
import type { RuntimeDefinition } from './types.ts'

/** systemd-nspawn, as systemd-machined knows its containers. One process for all; no program tells of their starts. */
export const nspawn: RuntimeDefinition = {
  probe: (_, all) => ({
    id: 'nspawn',
    argv: [
      'machinectl',
      'show',
      ...all.map(({ runtime }) => runtime.name),
      '-p',
      'Name',
      '-p',
      'Leader',
      '-p',
      'State',
    ],
    answers: [1],
    deadline: DEADLINE,
    contained: true,
    topics: all.map(({ runtime }) => containerTopic(runtime)),
  }),
  find: (answer, { runtime }) => machineOf(parsedOnce(answer, parseMachines), runtime.name),
  wayOut: (bridge) =>
    `start it with --network-bridge=${bridge} --network-veth-extra=..., or with --private-network`,
}
