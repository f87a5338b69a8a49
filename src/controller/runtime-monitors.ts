import type { Topic } from '../engine/types.ts'
import type { Container, Model } from '../model/types.ts'
import { RUNTIMES } from '../runtimes/index.ts'
import { containersOf } from '../runtimes/locate.ts'
import { containerTopic } from '../runtimes/shared.ts'
import type { RuntimeDefinition } from '../runtimes/types.ts'
import type { Monitor } from './monitor.ts'
import { RUNTIME_MONITORS } from './types.ts'
import type { Wish } from './types.ts'

/** Nothing proves that they hear. */
const POLLED = { when: 'always', every: 10_000, times: 50 } as const

/** The programs that tell of starts and ends of the declared containers. */
export function runtimeMonitors(model: Model): readonly Monitor[] {
  return RUNTIME_MONITORS.flatMap((name) => {
    const containers = containersOf(model, name)
    const events = containers.length === 0 ? undefined : RUNTIMES[name]?.events
    if (events === undefined) return []
    return events.argvs(containers).map((argv): Monitor => {
      const program = argv.join(' ')
      return {
        name,
        program,
        argv,
        reader: () => (line) => wishOf(line, containers, events),
        missed: wishFor(containers),
        polled: { topics: topicsOf(containers), ...POLLED },
        unheard: 'starts of its containers are seen by their links and at the interval only',
      }
    })
  })
}

function wishOf(
  line: string,
  containers: readonly Container[],
  { read }: NonNullable<RuntimeDefinition['events']>,
): Wish | undefined {
  const told = read(line)
  const meant = containers.filter(({ runtime }) => runtime.name === told)
  return meant.length === 0 ? undefined : wishFor(meant)
}

/** Also at links: what a start does to them may be told of late, because they have gaps. */
function wishFor(containers: readonly Container[]): Wish {
  return { trigger: 'runtime', topics: new Set<Topic>([...topicsOf(containers), 'link']) }
}

function topicsOf(containers: readonly Container[]): ReadonlySet<Topic> {
  return new Set(containers.map(({ runtime }) => containerTopic(runtime)))
}
