import type { Topic } from '../engine/types.ts'
import type { Runtime } from '../model/types.ts'

/** Milliseconds for a runtime to tell of its containers: what hangs must not hold up the rest of the host. */
export const DEADLINE = 3_000

/** Told by the runtime's events, and by whoever attaches a container. */
export function containerTopic({ type, name }: Pick<Runtime, 'type' | 'name'>): Topic {
  return `container ${type} ${name}`
}
