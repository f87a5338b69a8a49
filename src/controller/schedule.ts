import { LANES, laneOf, lanesBefore, lanesOf, PARTS, type Lane } from './lanes.ts'
import { merged } from './wishes.ts'
import { calm, earliestOf, paceAfter, refreshed, LEAST_GAP, type Pace } from './pace.ts'
import type { Trigger, Wish } from './types.ts'

/** What failed is often only late: another program was at the same table. It is tried again soon (ms), then less so. */
const FIRST_RETRY = 100

interface Waiting {
  readonly wish: Wish
  /** It is not granted before. */
  readonly earliest: number
}

/** When the next pass is made, and what for. All times are monotonic milliseconds. */
export interface Schedule {
  readonly interval: number
  /** What is asked for, by lane: those of one lane are granted together, those of several one after the other. */
  readonly waiting: Readonly<Partial<Record<Lane, Waiting>>>
  /** The next pass that nothing asks for. */
  readonly next: { readonly at: number; readonly trigger: Trigger }
  readonly paces: Readonly<Record<Lane, Pace>>
  readonly failures: number
}

/** How a pass ended, as far as the next one's time depends on it. */
export interface Outcome {
  /** What it was for. */
  readonly wish: Wish
  /** It read everything. */
  readonly whole: boolean
  /** It changed something. */
  readonly useful: boolean
  readonly failed: boolean
  /** The host is known to differ still: it is gone on with at once. */
  readonly unfinished: boolean
  /** Milliseconds. */
  readonly duration: number
  /** When something that was postponed is due. */
  readonly resumeAt?: number | undefined
}

/** The first pass is due at once. */
export function firstSchedule(interval: number, now: number): Schedule {
  return {
    interval,
    waiting: { whole: { wish: { trigger: 'start' }, earliest: now } },
    next: { at: now + interval, trigger: 'interval' },
    paces: { firewall: calm(now), runtime: calm(now), host: calm(now), whole: calm(now) },
    failures: 0,
  }
}

/** Adds a wish to those of its lane. */
export function wished(schedule: Schedule, wish: Wish, now: number): Schedule {
  const lane = laneOf(wish)
  const paces = { ...schedule.paces, [lane]: refreshed(schedule.paces[lane], now) }
  const due = earliestOf(wish, paces[lane], now)
  const known = schedule.waiting[lane]
  const next: Waiting =
    known === undefined
      ? { wish, earliest: due }
      : { wish: merged(known.wish, wish), earliest: Math.min(known.earliest, due) }
  return { ...schedule, paces, waiting: { ...schedule.waiting, [lane]: next } }
}

/**
 * Milliseconds until the next pass; 0 or less: now. `within`: until one that goes before a look of that lane, and is made
 * beside it.
 */
export function untilNext(schedule: Schedule, now: number, within?: Lane): number {
  const regular = within === undefined ? schedule.next.at : Infinity
  const times = lanesBefore(within).map((lane) => schedule.waiting[lane]?.earliest ?? Infinity)
  return Math.min(regular, ...times) - now
}

/** Whether events wait that tell of anything but the firewall. */
export function isWaiting({ waiting }: Schedule): boolean {
  return waiting.host !== undefined || waiting.runtime !== undefined
}

/**
 * The pass that is due, and the schedule without it: the firewall's first, then events of the host and of runtimes, and
 * what reads everything last. So an event waits for no look at something else; what it can be made beside, it is.
 */
export function granted(
  schedule: Schedule,
  now: number,
  within?: Lane,
): { wish: Wish; schedule: Schedule; lane: Lane } {
  const lane = lanesBefore(within).find((one) => (schedule.waiting[one]?.earliest ?? Infinity) <= now)
  if (lane === undefined || lane === 'whole') return grantedWhole(schedule)
  const { [lane]: due, ...waiting } = schedule.waiting
  return { wish: due?.wish ?? { trigger: schedule.next.trigger }, schedule: { ...schedule, waiting }, lane }
}

/** What events have told of is looked at, too; it stays asked for, because this look takes longer than theirs. */
function grantedWhole(schedule: Schedule): { wish: Wish; schedule: Schedule; lane: Lane } {
  const { whole, ...waiting } = schedule.waiting
  const wish = whole?.wish ?? { trigger: schedule.next.trigger }
  const lost = PARTS.flatMap((lane) => [...(waiting[lane]?.wish.lost ?? [])])
  const all = lost.length === 0 ? wish : merged(wish, { ...wish, lost: new Set(lost) })
  return { wish: all, schedule: { ...schedule, waiting }, lane: 'whole' }
}

/**
 * After a pass. A failed one is made again after 0.1 s, 0.2 s, 0.4 s and so on, up to the interval. A pass for events
 * sets the pace of their lane; one that reads everything sets none.
 */
export function ended(schedule: Schedule, outcome: Outcome, now: number, chance: number): Schedule {
  const { interval } = schedule
  const { whole, failed, unfinished, resumeAt = Infinity } = outcome
  const failures = failuresAfter(schedule, outcome)
  const retry = failed ? now + retryDelay(failures, interval, chance) : Infinity
  const regular = whole ? now + interval : Math.max(schedule.next.at, now)
  const again = unfinished ? now + Math.max(LEAST_GAP, outcome.duration) : Infinity
  const extra = Math.min(retry, Math.max(resumeAt, now), again)
  const next =
    extra < regular
      ? { at: extra, trigger: 'retry' as const }
      : { at: regular, trigger: whole ? ('interval' as const) : schedule.next.trigger }
  const paces = pacesAfter(schedule.paces, outcome, now)
  return { ...schedule, waiting: rested(schedule.waiting, paces, now), paces, failures, next }
}

/** Events that were served well say nothing of what failed before. */
function failuresAfter({ failures }: Schedule, { failed, whole }: Outcome): number {
  if (failed) return failures + 1
  return whole ? 0 : failures
}

/** What reads everything sets no pace for the events of a part. */
function pacesAfter(paces: Schedule['paces'], outcome: Outcome, now: number): Schedule['paces'] {
  const next = { ...paces }
  const lanes: Iterable<Lane> = outcome.whole ? ['whole'] : lanesOf(outcome.wish)
  for (const lane of lanes) next[lane] = paceAfter(lane, paces[lane], outcome, now)
  return next
}

/** What came while the pass was made waits like what comes behind it. */
function rested(waiting: Schedule['waiting'], paces: Schedule['paces'], now: number): Schedule['waiting'] {
  const next = { ...waiting }
  for (const lane of LANES) {
    const known = waiting[lane]
    if (known !== undefined)
      next[lane] = { ...known, earliest: Math.max(known.earliest, earliestOf(known.wish, paces[lane], now)) }
  }
  return next
}

/** Spread by a fifth either way, so that many hosts that failed together do not come back together. */
export function retryDelay(failures: number, most: number, chance: number): number {
  return Math.min(most, FIRST_RETRY * 2 ** Math.min(failures - 1, 20)) * (0.8 + 0.4 * chance)
}
