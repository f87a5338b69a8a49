import type { ControllerEvent, WishedEvent } from '../../../src/controller/types.ts'
import { createRecorder, type Recorder } from '../../../src/report/recorder/recorder.ts'

export interface Clocked extends Recorder {
  /** Records so many milliseconds later. */
  readonly after: (milliseconds: number, ...events: readonly ControllerEvent[]) => void
  /** The entries without their times. */
  readonly told: () => readonly object[]
}

/** A recorder with a clock that only the test moves. */
export function recorder(): Clocked {
  let time = 1_000
  const made = createRecorder({
    version: '1.2.3',
    processId: 4711,
    monotonic: () => time,
    now: () => new Date(1_800_000_000_000 + time),
  })
  return {
    ...made,
    after: (milliseconds, ...events) => {
      time += milliseconds
      events.forEach(made.record)
    },
    told: () => made.recording().events.map(({ at: _at, ...rest }) => rest),
  }
}

/** A line by which a monitor asked for a look. */
export function heard(line: string, name: 'ip' | 'nft' = 'ip'): WishedEvent {
  const wish =
    name === 'ip'
      ? ({ trigger: 'ip', topics: new Set(['route'] as const) } as const)
      : ({ trigger: 'nft', topics: new Set(['firewall'] as const), by: 'process 7 (nft)' } as const)
  return { type: 'wished', wish, heard: { name, line }, dueIn: 5.04 }
}
