import { parsedOnce } from '../formats/json.ts'
import { inspectedOf, parseInspect, readOciEvent } from '../formats/runtimes/oci.ts'
import type { OciTool } from '../formats/runtimes/oci.ts'
import { containerTopic, DEADLINE } from './shared.ts'
import type { RuntimeDefinition } from './types.ts'

/** Docker (as root, by its socket) and Podman (root's containers): one process for all. */
export function ociRuntime(tool: OciTool): RuntimeDefinition {
  return {
    probe: (_, all) => ({
      id: tool,
      argv: [tool, 'container', 'inspect', ...all.map(({ runtime }) => runtime.name)],
      // Something is not there: docker ends with 1, podman with 125, as after any other failure.
      answers: [1, 125],
      deadline: DEADLINE,
      contained: true,
      topics: all.map(({ runtime }) => containerTopic(runtime)),
    }),
    find: (answer, { runtime }) => inspectedOf(parsedOnce(answer, parseInspect), tool, runtime.name),
    wayOut: () => 'start it with --network none',
    events: {
      argvs: () => [[tool, 'events', '--filter', 'type=container', '--format', '{{json .}}']],
      read: readOciEvent,
    },
  }
}
