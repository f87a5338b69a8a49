import type { Topic } from '../engine/types.ts'
import type { Trigger, Wish } from './types.ts'

/** Events come in bursts: this long (ms) the first of them waits for the others. */
const BURST = 5
/** The least time (ms) between two passes for events; it doubles with each that found nothing to do, up to the most. */
const LEAST_GAP = 10
const MOST_GAP = 1_000
/** After so long (ms) without an event, the next one is served at once again. */
const QUIET = 5_000
/** What failed is often only late: another program was at the same table. It is tried again soon (ms), then less so. */
const FIRST_RETRY = 100

/** Made for nothing but events of the host, heard or missed: these can wait a little for each other. */
const EVENTS: ReadonlySet<Trigger> = new Set(['nft', 'ip', 'runtime', 'monitor'])

/**
 * Events of the firewall and of runtimes do not wait for those of links and routes, of which a busy host has many, and we
 * make some ourselves.
 */
const LANES = ['firewall', 'host', 'runtime'] as const
type Lane = (typeof LANES)[number]

/** How long events of one lane wait for each other. */
interface Pace {
  readonly gap: number
  /** The end of the last pass that was for them. */
  readonly endedAt: number
}

/** When the next pass is made, and what for. All times are monotonic milliseconds. */
export interface Schedule {
  readonly interval: number
  readonly wish?: Wish
  /** The wish is not granted before. */
  readonly earliest: number
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
    wish: { trigger: 'start' },
    earliest: now,
    next: { at: now + interval, trigger: 'interval' },
    paces: { firewall: calm(now), host: calm(now), runtime: calm(now) },
    failures: 0,
  }
}

/** As after a long time without events. */
function calm(now: number): Pace {
  return { gap: LEAST_GAP, endedAt: now - QUIET }
}

/** Adds a wish to those that wait; they are granted together. */
export function wished(schedule: Schedule, wish: Wish, now: number): Schedule {
  const lane = laneOf(wish)
  const known = schedule.paces[lane]
  const pace = now - known.endedAt >= Math.max(QUIET, known.gap) ? calm(now) : known
  const earliest = earliestOf(wish, pace, now)
  const rest = { ...schedule, paces: { ...schedule.paces, [lane]: pace } }
  if (schedule.wish === undefined) return { ...rest, wish, earliest }
  return { ...rest, wish: merged(schedule.wish, wish), earliest: Math.min(schedule.earliest, earliest) }
}

function earliestOf(wish: Wish, { gap, endedAt }: Pace, now: number): number {
  if (!EVENTS.has(wish.trigger)) return now
  return wish.urgent === true ? now + BURST : Math.max(now + BURST, endedAt + gap)
}

/** What asks for everything waits with the host's events, of which it is one that was missed. */
function laneOf(wish: Wish): Lane {
  if (wish.trigger === 'runtime') return 'runtime'
  const [lane = 'host', ...others] = lanesOf(wish)
  return others.length > 0 ? 'host' : lane
}

/** The lanes that a pass was for. */
function lanesOf({ topics }: Wish): ReadonlySet<Lane> {
  if (topics === undefined) return new Set(LANES)
  return new Set([...topics].map(laneOfTopic))
}

function laneOfTopic(topic: Topic): Lane {
  if (topic === 'firewall') return 'firewall'
  return topic.startsWith('container ') ? 'runtime' : 'host'
}

/** Milliseconds until the next pass; 0 or less: now. */
export function untilNext(schedule: Schedule, now: number): number {
  const wanted = schedule.wish === undefined ? Infinity : schedule.earliest
  return Math.min(wanted, schedule.next.at) - now
}

/** The pass that is due, and the schedule without it. */
export function granted(schedule: Schedule, now: number): { wish: Wish; schedule: Schedule } {
  const { wish: waiting, ...rest } = schedule
  const regular: Wish = { trigger: schedule.next.trigger }
  if (schedule.next.at > now) return { wish: waiting ?? regular, schedule: rest }
  return { wish: waiting === undefined ? regular : merged(waiting, regular), schedule: rest }
}

/**
 * After a pass. A failed one is made again after 0.1 s, 0.2 s, 0.4 s and so on, up to the interval. Passes for the events
 * of one lane take at most half of the time, so that a host on which much happens is not kept busy by us.
 */
export function ended(schedule: Schedule, outcome: Outcome, now: number, chance: number): Schedule {
  const { interval } = schedule
  const { whole, failed, unfinished, resumeAt = Infinity } = outcome
  const failures = failed ? schedule.failures + 1 : 0
  const retry = failed ? now + retryDelay(failures, interval, chance) : Infinity
  const regular = whole ? now + interval : Math.max(schedule.next.at, now)
  const again = unfinished ? now + Math.max(LEAST_GAP, outcome.duration) : Infinity
  const extra = Math.min(retry, Math.max(resumeAt, now), again)
  const next =
    extra < regular
      ? { at: extra, trigger: 'retry' as const }
      : { at: regular, trigger: whole ? ('interval' as const) : schedule.next.trigger }
  const paces = pacesAfter(schedule.paces, outcome, now)
  return { ...schedule, earliest: restedFrom(schedule, paces, now), paces, failures, next }
}

function pacesAfter(paces: Schedule['paces'], outcome: Outcome, now: number): Schedule['paces'] {
  const { wish, useful, failed, duration } = outcome
  const next = { ...paces }
  for (const lane of lanesOf(wish)) {
    const gap = useful && !failed ? LEAST_GAP : Math.min(MOST_GAP, paces[lane].gap * 2)
    next[lane] = { gap: Math.max(duration, gap), endedAt: now }
  }
  return next
}

/** What came while the pass was made waits like what comes behind it. */
function restedFrom({ wish, earliest }: Schedule, paces: Schedule['paces'], now: number): number {
  if (wish === undefined) return earliest
  const rested = [...lanesOf(wish)].map((lane) => earliestOf(wish, paces[lane], now))
  return Math.max(earliest, Math.min(...rested))
}

/** Spread by a fifth either way, so that many hosts that failed together do not come back together. */
export function retryDelay(failures: number, most: number, chance: number): number {
  return Math.min(most, FIRST_RETRY * 2 ** Math.min(failures - 1, 20)) * (0.8 + 0.4 * chance)
}

/** What reads everything wins, and of two such what is no event; else the first one gives the name. */
function merged(one: Wish, other: Wish): Wish {
  const by = other.by ?? one.by
  const lost = new Set([...(one.lost ?? []), ...(other.lost ?? [])])
  const urgent = one.urgent === true || other.urgent === true
  const more = {
    ...(by !== undefined && { by }),
    ...(lost.size > 0 && { lost }),
    ...(urgent && { urgent: true as const }),
  }
  const whole = [one, other].filter(({ topics }) => topics === undefined)
  const winner = whole.find(({ trigger }) => !EVENTS.has(trigger)) ?? whole[0]
  if (winner !== undefined) return { trigger: winner.trigger, ...more }
  return { trigger: one.trigger, topics: new Set([...(one.topics ?? []), ...(other.topics ?? [])]), ...more }
}
