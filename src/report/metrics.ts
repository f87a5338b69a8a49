import type { PassReport } from '../engine/types.ts'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Action, PlannedChange } from '../engine/types.ts'
import { reference } from '../engine/types.ts'
import { isConverged, latestPlan } from './pass.ts'

export interface MetricsInput {
  readonly pass: PassReport
  readonly version: string
  readonly finished: Date
  readonly durationSeconds: number
  /** The text that the last run left; a run of its own has no memory for counters and the last success. */
  readonly previous?: string
}

const ACTIONS: readonly Action[] = ['create', 'update', 'delete']
const RESULTS = ['ok', 'failed'] as const
const SUCCESS_TIME = 'slash64_reconcile_last_success_timestamp_seconds'
const CHANGES = 'slash64_changes_total'

/**
 * One pass in the text format of Prometheus 0.0.4. Labels come from fixed sets (the kinds, actions and results),
 * every combination is there from the start; names and addresses never are labels.
 */
export async function metricsText(input: MetricsInput): Promise<string> {
  const registry = new Registry()
  const kinds = kindsOf(input.pass)
  addBuild(registry, input.version)
  addTimes(registry, input)
  addState(registry, input.pass, kinds)
  addChanges(registry, input, kinds)
  return registry.metrics()
}

function kindsOf({ plan, remaining }: PassReport): readonly string[] {
  const plans = remaining === undefined ? [plan] : [plan, remaining]
  const names = plans.flatMap((one) => [
    ...Object.keys(one.resources),
    ...[...one.changes, ...one.heldBack].map(({ kind }) => kind),
  ])
  return [...new Set(names)]
}

function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly Label[],
) {
  return new Gauge({ name: `slash64_${name}`, help, labelNames: [...labels], registers: [registry] })
}

function addBuild(registry: Registry, version: string): void {
  gauge(registry, 'build_info', 'The version that ran; always 1', ['version']).set({ version }, 1)
}

function addTimes(
  registry: Registry,
  { pass, finished, durationSeconds, previous = '' }: MetricsInput,
): void {
  const now = finished.getTime() / 1000
  gauge(registry, 'reconcile_last_run_timestamp_seconds', 'End of the last pass, any result', []).set(now)
  gauge(registry, 'reconcile_duration_seconds', 'Duration of the last pass', []).set(durationSeconds)
  const success = isConverged(pass) ? now : previousValue(previous, SUCCESS_TIME)
  if (success === undefined) return
  const help = 'End of the last pass that left the host as the file says'
  new Gauge({ name: SUCCESS_TIME, help, registers: [registry] }).set(success)
}

/** A plan of an unknown host has counts of nothing: no series is better than a wrong zero. */
function addState(registry: Registry, pass: PassReport, kinds: readonly string[]): void {
  const plan = latestPlan(pass)
  if (!plan.known) return
  const managed = gauge(registry, 'managed_resources', 'Resources that the file declares', ['kind'])
  const drift = gauge(registry, 'drift_resources', 'Resources that differ from the file', ['kind', 'action'])
  for (const kind of kinds) {
    managed.set({ kind }, plan.resources[kind] ?? 0)
    for (const action of ACTIONS) drift.set({ kind, action }, 0)
  }
  for (const { kind, action } of [...plan.changes, ...plan.heldBack]) drift.inc({ kind, action })
  gauge(registry, 'held_back_resources', 'Changes that a guard refuses', []).set(plan.heldBack.length)
  gauge(registry, 'foreign_resources', 'Objects beside ours, never changed', []).set(plan.foreign)
}

function addChanges(
  registry: Registry,
  { pass, previous = '' }: MetricsInput,
  kinds: readonly string[],
): void {
  const labelNames = ['kind', 'action', 'result'] as const
  const total = new Counter({
    name: CHANGES,
    help: 'Changes made or tried',
    labelNames,
    registers: [registry],
  })
  for (const kind of kinds) {
    for (const action of ACTIONS) {
      for (const result of RESULTS) {
        const series = `${CHANGES}{kind="${kind}",action="${action}",result="${result}"}`
        total.inc({ kind, action, result }, previousValue(previous, series) ?? 0)
      }
    }
  }
  for (const { kind, action } of pass.applied) total.inc({ kind, action, result: 'ok' })
  for (const { kind, action } of failedChanges(pass)) total.inc({ kind, action, result: 'failed' })
}

function failedChanges({ plan, failed }: PassReport): readonly PlannedChange[] {
  const lost = new Set(failed.map(({ resource }) => resource))
  return plan.changes.filter(({ kind, key }) => lost.has(reference(kind, key)))
}

/** The value of one series in an earlier text; undefined when it is not there or is no sensible number. */
function previousValue(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  const value = Number(line?.slice(series.length + 1) ?? Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
