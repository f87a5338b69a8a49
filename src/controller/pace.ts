import type { Lane } from './lanes.ts'
import type { Wish } from './types.ts'
import { isEvent } from './wishes.ts'

/** Events come in bursts: this long (ms) the first of them waits for the others. */
const BURST = 5
/** The least time (ms) between two passes for events; it doubles with each that found nothing to do, up to the most. */
export const LEAST_GAP = 10
const MOST_GAP = 1_000
/** The most (ms) that they wait because the pass before took long: a program may have hung in it. */
const MOST_REST = 2_000
/** The firewall is looked at again soon: what stands open waits, and a look at it is short. */
const MOST_FIREWALL_GAP = 100
/** After so long (ms) without an event, the next one is served at once again. */
const QUIET = 5_000

/** How long events of one lane wait for each other. */
export interface Pace {
  readonly gap: number
  /** The end of the last pass that was for them. */
  readonly endedAt: number
}

/** As after a long time without events. */
export function calm(now: number): Pace {
  return { gap: LEAST_GAP, endedAt: now - QUIET }
}

/** The pace that an event finds. */
export function refreshed(pace: Pace, now: number): Pace {
  return now - pace.endedAt >= Math.max(QUIET, pace.gap) ? calm(now) : pace
}

/** When it may be granted, at the earliest; only events wait for each other. */
export function earliestOf(wish: Wish, { gap, endedAt }: Pace, now: number): number {
  if (!isEvent(wish)) return now
  return wish.urgent === true ? now + BURST : Math.max(now + BURST, endedAt + gap)
}

/**
 * After a pass of this lane. Passes for events take at most half of the time, as long as none takes more than two seconds, so
 * that a host on which much happens is not kept busy by us; those for the firewall, where somebody may have opened something, at most four fifths.
 */
export function paceAfter(
  lane: Lane,
  { gap: before }: Pace,
  pass: { readonly useful: boolean; readonly failed: boolean; readonly duration: number },
  now: number,
): Pace {
  const isFirewall = lane === 'firewall'
  const most = isFirewall ? MOST_FIREWALL_GAP : MOST_GAP
  const gap = pass.useful && !pass.failed ? LEAST_GAP : Math.min(most, before * 2)
  const longest = isFirewall ? Math.min(most, pass.duration / 4) : Math.min(MOST_REST, pass.duration)
  return { gap: Math.max(longest, gap), endedAt: now }
}
