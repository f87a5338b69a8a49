/** A monitor that ends is started again after 0.2 s, 0.4 s and so on (ms). */
const FIRST_WAIT = 200
const MOST_WAIT = 30_000
/** One that lived so long (ms) was fine. */
const FINE = 60_000
/** What dies of an event is started again at once, so often; and then so often a second. */
const AT_ONCE = 10
const A_SECOND = 2
/** A start of a large ruleset takes seconds (ms): at most half of the time is spent on them. */
const LONG_START = 1_000

/** What the time of the next start depends on. Times are monotonic milliseconds. */
export interface Restarts {
  /** Ends in a row that no event was the cause of. */
  readonly failures: number
  /** Starts that may still be made at once, as of `at`. */
  readonly tokens: number
  readonly at: number
}

export const NO_RESTARTS: Restarts = { failures: 0, tokens: AT_ONCE, at: 0 }

/** How a life ended, as far as it matters here. */
export interface Life {
  /** It died of an event that it heard. */
  readonly crashed: boolean
  readonly began: number
  /** When it was proved to hear. */
  readonly provedAt: number | undefined
}

/** After an end: how long (ms) the next start waits. */
export function nextStart(
  restarts: Restarts,
  { crashed, began, provedAt }: Life,
  now: number,
): { readonly wait: number; readonly restarts: Restarts } {
  const tokens = Math.min(AT_ONCE, restarts.tokens + ((now - restarts.at) / 1_000) * A_SECOND)
  if (crashed && provedAt !== undefined) {
    const starting = provedAt - began
    const own = tokens >= 1 ? 0 : ((1 - tokens) / A_SECOND) * 1_000
    const wait = Math.max(own, starting >= LONG_START ? starting : 0)
    return { wait, restarts: { ...restarts, tokens: tokens - 1, at: now } }
  }
  const failures = now - began >= FINE ? 1 : restarts.failures + 1
  const wait = Math.min(MOST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - 1, 20))
  return { wait, restarts: { failures, tokens, at: now } }
}
