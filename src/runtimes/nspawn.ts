import { parseMachine } from '../formats/runtimes/machined.ts'
import { containerTopic, DEADLINE } from './shared.ts'
import type { RuntimeDefinition } from './types.ts'

/**
 * systemd-nspawn, as systemd-machined knows its containers. One process for each: asked for several, `machinectl` stops
 * speaking at the first that does not run (systemd 252). No program tells of their starts.
 */
export const nspawn: RuntimeDefinition = {
  probe: ({ runtime }) => ({
    id: `nspawn ${runtime.name}`,
    argv: ['machinectl', 'show', runtime.name, '-p', 'Name', '-p', 'Leader', '-p', 'State'],
    answers: [1],
    deadline: DEADLINE,
    alike: true,
    contained: true,
    topics: [containerTopic(runtime)],
  }),
  find: ({ text }, { runtime }) => parseMachine(text, runtime.name),
  wayOut: (bridge) =>
    `start it with --network-bridge=${bridge}, where its interface is host0, or with --private-network alone`,
}
