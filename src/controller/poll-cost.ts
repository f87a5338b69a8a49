import type { Topic } from '../engine/types.ts'
import type { Wish } from './types.ts'

/** Looks that were made for monitors, the newest first: what was read, and for how long (ms). */
export type Polls = readonly Poll[]

interface Poll {
  readonly topics: ReadonlySet<Topic>
  readonly duration: number
}

export const NO_POLLS: Polls = []

/** As many as there are monitors, roughly. */
const KEPT = 12

export function afterPoll(polls: Polls, { trigger, topics }: Wish, duration: number): Polls {
  if (trigger !== 'monitor' || topics === undefined) return polls
  const others = polls.filter((poll) => !isWithin(poll.topics, topics))
  return [{ topics, duration }, ...others].slice(0, KEPT)
}

/** How long (ms) the last look took that read all of these. */
export function pollCost(polls: Polls, topics: ReadonlySet<Topic>): number {
  return polls.find((poll) => isWithin(topics, poll.topics))?.duration ?? 0
}

function isWithin(one: ReadonlySet<Topic>, other: ReadonlySet<Topic>): boolean {
  return [...one].every((topic) => other.has(topic))
}
