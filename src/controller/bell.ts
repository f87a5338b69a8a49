import type { Feeds } from '../system/feeds.ts'

/** Something to wait for, for an hour at most; ringing while nobody waits ends the next wait at once. */
export interface Bell {
  readonly ring: () => void
  readonly wait: (milliseconds: number) => Promise<void>
}

/** No timer waits longer (ms): Node's own end after 24.8 days, and then all at once. */
const LONGEST = 3_600_000

export function createBell(feeds: Feeds): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wake?.()
    },
    wait: async (milliseconds) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = feeds.after(Math.min(milliseconds, LONGEST), resolve)
          wake = () => {
            timer.cancel()
            resolve()
          }
        })
      }
      wake = undefined
      rung = false
    },
  }
}

/** Resolves after so many milliseconds. */
export async function rest(feeds: Feeds, milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => {
    feeds.after(milliseconds, resolve)
  })
}
