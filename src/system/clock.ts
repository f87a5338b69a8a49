/** The time of day, for people and metrics; nothing is decided by it. */
export function wallClock(): Date {
  return new Date()
}
