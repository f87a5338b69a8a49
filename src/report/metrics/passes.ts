import type { Registry } from 'prom-client'
import { RESULTS, TRIGGERS, type ControllerEvent, type PassEvent } from '../../controller/types.ts'
import type { Phase } from '../../engine/reconcile.ts'
import { isConverged, isFailure } from '../pass.ts'
import { makeCounter, makeGauge, makeHistogram } from './make.ts'

const PHASES = ['observe', 'apply', 'verify'] as const satisfies readonly Phase[]

/** Why a change is left for a later pass. */
const REASONS = ['contended', 'failing'] as const satisfies readonly (keyof PassEvent['left'])[]

/** That passes are made, how they end, and how long they take. */
export function passRecorder(registry: Registry): (event: ControllerEvent) => void {
  const inProgress = makeGauge('reconcile_in_progress', registry)
  inProgress.set(0)
  const recorders = [endings(registry), times(registry), durations(registry)]
  return (event) => {
    if (event.type !== 'pass-begun' && event.type !== 'pass') return
    inProgress.set(event.type === 'pass' ? 0 : 1)
    if (event.type === 'pass') for (const record of recorders) record(event)
  }
}

function endings(registry: Registry): (event: PassEvent) => void {
  const total = makeCounter('reconcile_total', registry)
  for (const trigger of TRIGGERS) for (const result of RESULTS) total.inc({ trigger, result }, 0)
  const failures = makeGauge('reconcile_consecutive_failures', registry)
  failures.set(0)
  const contended = makeGauge('contended_resources', registry)
  contended.set(0)
  const postponed = makeGauge('postponed_changes', registry)
  for (const reason of REASONS) postponed.set({ reason }, 0)
  return ({ trigger, result, contended: objects, left }) => {
    total.inc({ trigger, result })
    // A guard that refuses is no failure: all that may be done is done. A pass that was stopped says nothing.
    if (isFailure(result)) failures.inc()
    else if (result !== 'stopped') failures.set(0)
    contended.set(objects.length)
    for (const reason of REASONS) postponed.set({ reason }, left[reason])
  }
}

function times(registry: Registry): (event: PassEvent) => void {
  const run = makeGauge('reconcile_last_run_timestamp_seconds', registry)
  const success = makeGauge('reconcile_last_success_timestamp_seconds', registry)
  return ({ pass, at }) => {
    const seconds = at.getTime() / 1000
    run.set(seconds)
    if (isConverged(pass)) success.set(seconds)
  }
}

function durations(registry: Registry): (event: PassEvent) => void {
  const phases = makeHistogram('reconcile_phase_duration_seconds', registry)
  for (const phase of PHASES) phases.zero({ phase })
  const convergence = makeHistogram('convergence_duration_seconds', registry)
  return (event) => {
    for (const phase of PHASES) {
      const seconds = event.phases[phase]
      if (seconds !== undefined) phases.observe({ phase }, seconds)
    }
    if (event.convergence !== undefined) convergence.observe(event.convergence)
  }
}
