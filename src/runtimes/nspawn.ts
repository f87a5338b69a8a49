import { parsedOnce } from '../formats/json.ts'
import { machineOf, parseMachines } from '../formats/runtimes/machined.ts'
import { containerTopic, DEADLINE } from './shared.ts'
import type { RuntimeDefinition } from './types.ts'

/**
 * systemd-nspawn, as systemd-machined knows its containers; no program tells of their starts. One process for each: of
 * several names, `machinectl show` (systemd 252) tells nothing behind the first that it does not know.
 */
export const nspawn: RuntimeDefinition = {
  probe: ({ runtime }) => ({
    id: `nspawn ${runtime.name}`,
    argv: ['machinectl', 'show', runtime.name, '-p', 'Name', '-p', 'Leader', '-p', 'State'],
    answers: [1],
    deadline: DEADLINE,
    contained: true,
    topics: [containerTopic(runtime)],
  }),
  find: (answer, { runtime }) => machineOf(parsedOnce(answer, parseMachines), runtime.name),
  wayOut: (bridge) => `start it with --network-bridge=${bridge}, or with --private-network`,
}
