import type { Argv } from '../engine/types.ts'
import { parseLxcInfo, readLxcEvent } from '../formats/runtimes/lxc.ts'
import type { Container } from '../model/types.ts'
import { containerTopic, DEADLINE } from './shared.ts'
import type { RuntimeDefinition } from './types.ts'

/**
 * LXC. One process for each container: `lxc-ls -f`, which tells of all, starts three for each of them (LXC 5.0.2). While a
 * container's start hook runs, `lxc-info` waits for its end.
 */
export const lxc: RuntimeDefinition = {
  probe: ({ runtime }) => ({
    id: `lxc ${runtime.path ?? ''} ${runtime.name}`,
    argv: ['lxc-info', ...pathOf(runtime.path), '-n', runtime.name, '-H', '-s', '-p'],
    answers: [1],
    deadline: DEADLINE,
    alike: true,
    contained: true,
    topics: [containerTopic(runtime)],
  }),
  find: ({ text }, { runtime }) => parseLxcInfo(text, runtime.name),
  wayOut: (bridge) =>
    `set lxc.net.0.link = ${bridge} in its configuration, or lxc.net.0.type = empty, and start it again`,
  events: { argvs: monitors, read: readLxcEvent },
}

function pathOf(path: string | undefined): readonly string[] {
  return path === undefined ? [] : ['-P', path]
}

/** One for each LXCPATH. */
function monitors(all: readonly Container[]): readonly Argv[] {
  const paths = [...new Set(all.map(({ runtime }) => runtime.path))]
  return paths.map((path): Argv => ['lxc-monitor', ...pathOf(path), '-n', '.*'])
}
