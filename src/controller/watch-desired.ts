import { NO_BACKOFF } from './backoff.ts'
import { NO_CONTENTION } from './contention.ts'
import { fileEvent, nextDesired } from './desired.ts'
import type { ControllerOptions, State } from './state.ts'
import type { Wish } from './types.ts'

export interface FileWatch {
  /** Reads the file, whether or not it has changed. */
  look(): void
  close(): Promise<void>
}

/** Reads the file whenever it may have changed, once at a time. */
export function watchFile<Source>(
  state: State<Source>,
  options: ControllerOptions<Source>,
  wish: (wish: Wish) => void,
): FileWatch {
  const { keeper, feeds, emit, file, stop } = options
  let [reading, again] = [false, false]
  const read = async (): Promise<void> => {
    const seen = keeper.monotonic()
    do {
      again = false
      const next = await nextDesired(state.desired, options)
      if (next === undefined || stop.aborted) continue
      const isOther = next.model !== state.desired.model
      state.desired = next
      state.version += 1
      emit(fileEvent(next, file, keeper.now()))
      if (!isOther) continue
      Object.assign(state, {
        backoff: NO_BACKOFF,
        contention: NO_CONTENTION,
        changedAt: state.changedAt ?? seen,
      })
      wish({ trigger: 'file' })
    } while (again && !stop.aborted)
  }
  const look = (): void => {
    again = true
    if (reading || stop.aborted) return
    reading = true
    void read().finally(() => (reading = false))
  }
  const watch = feeds.watch(file, look)
  // What changed between the first read and now was told to nobody.
  look()
  return { look, close: async () => watch.close() }
}
