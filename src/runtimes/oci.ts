import type { Argv } from '../engine/types.ts'
import { parsedOnce } from '../formats/json.ts'
import { inspectedOf, mayBeId, parseInspect, readOciEvent } from '../formats/runtimes/oci.ts'
import type { OciTool } from '../formats/runtimes/oci.ts'
import type { Container } from '../model/types.ts'
import { containerTopic, DEADLINE } from './shared.ts'
import type { RuntimeDefinition } from './types.ts'

/** Docker (as root, by this host's socket whatever its configuration says) and Podman (root's containers). */
export function ociRuntime(tool: OciTool): RuntimeDefinition {
  const command: Argv = tool === 'docker' ? [tool, '--context', 'default'] : [tool]
  return {
    probe: ({ runtime }, all) => {
      const asked = askedWith(runtime.name, all)
      return {
        id: mayBeId(runtime.name) ? `${tool} ${runtime.name}` : tool,
        argv: [...command, 'container', 'inspect', ...asked],
        // Something is not there: docker ends with 1, podman with 125, as after any other failure.
        answers: [1, 125],
        deadline: DEADLINE,
        contained: true,
        topics: asked.map((name) => containerTopic({ ...runtime, name })),
      }
    },
    find: (answer, { runtime }) => inspectedOf(parsedOnce(answer, parseInspect), tool, runtime.name),
    wayOut: () => 'start it with --network none',
    events: {
      argvs: () => [[...command, 'events', '--filter', 'type=container', '--format', '{{json .}}']],
      read: readOciEvent,
    },
  }
}

/**
 * One process for all. What could be the beginning of an ID is asked alone: at one that several containers' IDs begin with,
 * podman stops, and says nothing of the others.
 */
function askedWith(name: string, all: readonly Container[]): readonly string[] {
  return mayBeId(name) ? [name] : all.map(({ runtime }) => runtime.name).filter((other) => !mayBeId(other))
}
