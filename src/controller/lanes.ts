import type { Topic } from '../engine/types.ts'
import type { Wish } from './types.ts'

/**
 * Events of the firewall and of runtimes do not wait for those of links and routes, of which a busy host has many, and we
 * make some ourselves; none of them waits for what reads everything. In the order in which they are served.
 */
export const LANES = ['firewall', 'runtime', 'host', 'whole'] as const
export type Lane = (typeof LANES)[number]
/** Those of a part of the host. */
export const PARTS = ['firewall', 'runtime', 'host'] as const
type Part = (typeof PARTS)[number]

/** What reads part of a host waits with events of the same part, whatever made it. */
export function laneOf({ topics, trigger }: Wish): Lane {
  if (topics === undefined) return 'whole'
  if (trigger === 'runtime') return 'runtime'
  const lanes = new Set([...topics].map(laneOfTopic))
  if (lanes.has('host')) return 'host'
  return lanes.has('runtime') ? 'runtime' : 'firewall'
}

/** The lanes of what was asked for. */
export function lanesOf({ topics }: Wish): ReadonlySet<Lane> {
  return new Set(topics === undefined ? ['whole'] : [...topics].map(laneOfTopic))
}

function laneOfTopic(topic: Topic): Part {
  if (topic === 'firewall') return 'firewall'
  return topic.startsWith('container ') ? 'runtime' : 'host'
}

/** Those that go before a look of this lane, and are served beside it; all of them, where there is no look. */
export function lanesBefore(within: Lane | undefined): readonly Lane[] {
  if (within === undefined) return LANES
  if (within === 'whole') return PARTS
  return within === 'firewall' ? [] : ['firewall']
}
