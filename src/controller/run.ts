import type { Feeds, Following } from '../system/feeds.ts'
import type { Bell } from './bell.ts'
import type { Monitor } from './monitor.ts'
import type { Heard } from './types.ts'

/** One life of a monitor's program. */
export interface Run {
  readonly monitor: Monitor
  readonly feeds: Feeds
  readonly monotonic: () => number
  readonly program: Following
  /** Rings when it was told of a loss, heard its echo, or has ended. */
  readonly bell: Bell
  /** Another word for each echo of any monitor. */
  readonly nextMark: () => string
  isOver: boolean
  /** How many lines it has told. */
  lines: number
  /** It told of a loss since it was last proved. */
  hasLost: boolean
  /** Echoes that it should tell of. */
  readonly marks: Set<string>
  isHeard: boolean
  /** What it said last on standard error that may be a loss, until that is made good. */
  complaint: Heard | undefined
  /** When an echo was made last. */
  echoedAt: number
}

/** Whether the line is an echo that is waited for. */
export function hear(run: Run, line: string): void {
  run.lines += 1
  const { echo } = run.monitor.proof ?? {}
  // All that can be known of what has no echo: it can run.
  if (echo === undefined && run.lines === 1) run.bell.ring()
  if (echo === undefined || ![...run.marks].some((mark) => echo.isHeard(line, mark))) return
  run.marks.clear()
  run.isHeard = true
  run.bell.ring()
}

/** What was lost may have been the echo. */
export function lose(run: Run): void {
  run.hasLost = true
  run.isHeard = false
  run.marks.clear()
  run.bell.ring()
}

export function finish(run: Run): void {
  run.isOver = true
  run.bell.ring()
}
