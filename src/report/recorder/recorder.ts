import type { ControllerEvent } from '../../controller/types.ts'
import { cut, tenths } from './bounds.ts'
import type { Entry, Recording, Told } from './entry.ts'
import { createRing } from './ring.ts'
import { toldOf } from './told.ts'

/** Entries that are kept. The largest has about 3 kB, most have 0.2. */
export const MOST_ENTRIES = 2_000

/**
 * So many lines in a row by which one monitor asks for the same are kept one by one. Of a storm only the newest is beside
 * them, with how many there were: else it would wash away what it is to be compared with.
 */
const ALIKE = 8

export interface RecorderOptions {
  readonly version: string
  readonly processId: number
  /** Milliseconds that no change of the clock moves. */
  readonly monotonic: () => number
  readonly now: () => Date
}

export interface Recorder {
  /** Takes in what the controller tells. */
  record(event: ControllerEvent): void
  recording(): Recording
}

/** Remembers what the controller did lately, and why. Bounded, whatever it is told. */
export function createRecorder({ version, processId, monotonic, now }: RecorderOptions): Recorder {
  const ring = createRing<Entry>(MOST_ENTRIES)
  let [alike, like, more] = [0, '', 0]
  const add = (told: Told): void => {
    const entry = { at: tenths(monotonic()), ...told }
    const asked = askedBy(told)
    const isAlike = asked !== '' && asked === like
    alike = isAlike ? alike + 1 : 0
    like = asked
    if (alike <= ALIKE) more = 0
    else more += 1
    if (more > 1) ring.replace({ ...entry, more: more - 1 })
    else ring.add(entry)
  }
  return {
    record: (event) => toldOf(event).forEach(add),
    recording: () => ({
      formatVersion: '1.0',
      controller: { version: cut(version, 64), process: processId },
      clock: { at: tenths(monotonic()), time: now().toISOString() },
      forgotten: ring.forgotten(),
      events: ring.all(),
    }),
  }
}

/** Who asked for what; empty: no monitor did. */
function askedBy({ what, monitor, trigger, topics }: Told): string {
  return what === 'heard' ? JSON.stringify([monitor, trigger, topics]) : ''
}
