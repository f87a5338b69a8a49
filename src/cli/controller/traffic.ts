import type { Keeper } from '../../app/types.ts'
import type { Traffic } from '../../app/traffic.ts'
import type { Model } from '../../model/types.ts'
import { SystemError } from '../../system/errors.ts'
import type { Feeds } from '../../system/feeds.ts'

/** Milliseconds for which counters of containers are not read again, however often we are scraped. */
const FRESH = 1_000
/** Milliseconds for which who has them read waits for them. */
const PATIENCE = 500

type Sample = ReadonlyMap<string, Traffic>

const NOTHING: Sample = new Map()

/**
 * Hands out what each container got and sent. Who asks when that is older than a second has it read, and waits for it
 * half a second at most; who asks while it is being read gets what is known at once. So a reader that hangs keeps nobody
 * from the rest of a page. Rejects only by a defect.
 */
export function trafficSampler(
  keeper: Pick<Keeper, 'traffic' | 'monotonic'>,
  feeds: Pick<Feeds, 'after'>,
): (model: Model) => Promise<Sample> {
  let last: Sample = NOTHING
  let [readAt, isReading] = [-Infinity, false]
  const read = async (model: Model): Promise<void> => {
    isReading = true
    readAt = keeper.monotonic()
    try {
      last = await keeper.traffic(model)
    } catch (error) {
      // No series is better than an old one; the failed command is counted, and a pass tells why.
      last = NOTHING
      if (!(error instanceof SystemError)) throw error
    } finally {
      isReading = false
    }
  }
  return async (model) => {
    if (!model.metrics.containers) return NOTHING
    if (!isReading && keeper.monotonic() - readAt >= FRESH) await atMost(PATIENCE, read(model), feeds)
    return last
  }
}

/** Resolves when the work has ended, or after so many milliseconds while it goes on; rejects when it does in time. */
async function atMost(milliseconds: number, work: Promise<void>, feeds: Pick<Feeds, 'after'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = feeds.after(milliseconds, resolve)
    void work.then(resolve, reject).finally(() => timer.cancel())
  })
}
