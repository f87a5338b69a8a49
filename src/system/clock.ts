import { setTimeout } from 'node:timers/promises'

/** The time of day, for people and metrics; nothing is decided by it. */
export function wallClock(): Date {
  return new Date()
}

/** Milliseconds since this process began, whatever is done to the clock. */
export function monotonic(): number {
  return performance.now()
}

export async function pause(milliseconds: number): Promise<void> {
  await setTimeout(milliseconds)
}
