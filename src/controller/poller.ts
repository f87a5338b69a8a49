import type { Topic } from '../engine/types.ts'
import type { Feeds } from '../system/feeds.ts'
import type { Monitor } from './monitor.ts'
import type { Heard, Wish } from './types.ts'

export interface PollerOptions {
  readonly feeds: Feeds
  /** `heard`: what was said by which it came up; none where a program began, or ended. */
  readonly wish: (wish: Wish, heard?: Heard) => void
  /** How long (ms) the last look at these took, that was made for such a wish. */
  readonly pollCost?: (topics: ReadonlySet<Topic>) => number
}

/** Wishes for what a monitor would tell of, again and again. */
export interface Poller {
  start(): void
  stop(): void
}

export function createPoller(monitor: () => Monitor, { feeds, wish, pollCost }: PollerOptions): Poller {
  let timer: { cancel(): void } | undefined
  const next = (): void => {
    const { topics, every, times } = monitor().polled
    const cost = pollCost?.(topics) ?? 0
    timer = feeds.after(Math.max(every, times * cost), () => {
      wish({ trigger: 'monitor', topics: monitor().polled.topics })
      next()
    })
  }
  return {
    start: () => {
      if (timer === undefined) next()
    },
    stop: () => {
      timer?.cancel()
      timer = undefined
    },
  }
}
