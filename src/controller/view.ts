import type { PassOfMany } from '../app/types.ts'
import type { Problem } from '../engine/types.ts'
import { contended } from './contention.ts'
import { unkeptProblem, type Desired } from './desired.ts'
import { untilNext } from './schedule.ts'
import type { State } from './state.ts'
import type { Contended } from './types.ts'

/** What is known now; for status and health. */
export interface View<Source> {
  readonly desired: Desired<Source>
  /** The last pass; undefined before the first has ended. */
  readonly pass: PassOfMany | undefined
  /** What is wrong beyond the newest plan: the file, failures that wait, fights, monitors. */
  readonly problems: readonly Problem[]
  /** Grows with everything that changes this view. */
  readonly version: number
  /** Milliseconds for which the next pass is overdue, or the one under way has made no step. */
  readonly stalled: number
}

export function viewOf<Source>(state: State<Source>, now: number): View<Source> {
  const { desired, pass, monitors, contention, schedule, version } = state
  const problems = [
    ...(desired.fault === undefined ? [] : [faultProblem(desired)]),
    ...(desired.unkept === undefined ? [] : [unkeptProblem(desired.unkept)]),
    ...(pass?.warnings ?? []),
    ...state.failures,
    ...contended(contention, now).map(contendedProblem),
    ...monitors.values(),
  ]
  const stalled = state.working > 0 ? now - state.progressAt : -untilNext(schedule, now)
  return { desired, pass, problems, version, stalled: Math.max(0, stalled) }
}

function faultProblem<Source>({ fault }: Desired<Source>): Problem {
  const { code = '', message = '', ...more } = fault?.problem ?? {}
  return {
    ...more,
    code: 'S64-W001',
    message: `the file is not right, the last good one stays in force: ${code} ${message}`,
  }
}

function contendedProblem({ resource, restores, by }: Contended): Problem {
  const whom = by === undefined ? 'somebody else' : by
  return {
    code: 'S64-W003',
    message: `${whom} changes it as often as it is put right (${restores} times); it is put right less and less often now`,
    hint: 'find who writes there (systemctl list-timers, NetworkManager, another tool), and keep it from what slash64 owns',
    resource,
  }
}
