import { ended, firstSchedule, granted, type Outcome, type Schedule } from '../../src/controller/schedule.ts'

export const INTERVAL = 30_000
/** For events of every kind, unless told. */
export const NOTHING: Outcome = {
  wish: { trigger: 'nft', topics: new Set(['firewall', 'link', 'container netns blog']) },
  whole: false,
  useful: false,
  failed: false,
  unfinished: false,
  duration: 1,
}
export const WHOLE: Outcome = { ...NOTHING, whole: true }
export const FAILED: Outcome = { ...WHOLE, failed: true }

/** After a first pass that found nothing to do, at 0; `quiet` ms later. */
export function calm(quiet = 6_000): { schedule: Schedule; now: number } {
  const { schedule } = granted(firstSchedule(INTERVAL, 0), 0)
  return { schedule: ended(schedule, WHOLE, 0, 0.5), now: quiet }
}

/** Grants what is due at once and ends it so. */
export function through(schedule: Schedule, outcome: Outcome, now: number): Schedule {
  return ended(granted(schedule, now).schedule, outcome, now, 0.5)
}
