import { Registry } from 'prom-client'
import type { PassReport } from '../../engine/types.ts'
import { isConverged } from '../pass.ts'
import { changesCounter, countChanges } from './changes.ts'
import { fullName } from './definitions.ts'
import { makeGauge } from './make.ts'
import { stateGauges } from './state.ts'

export interface MetricsInput {
  readonly pass: PassReport
  readonly version: string
  readonly nodeVersion: string
  readonly finished: Date
  readonly durationSeconds: number
  /** The text that the last run left; a run of its own has no memory for counters and the last success. */
  readonly previous?: string
}

/**
 * One pass in the text format of Prometheus 0.0.4. Labels come from fixed sets (the kinds, actions and results),
 * every combination is there from the start; names and addresses never are labels.
 */
export async function metricsText(input: MetricsInput): Promise<string> {
  const registry = new Registry()
  const kinds = kindsOf(input)
  makeGauge('build_info', registry).set({ version: input.version, node_version: input.nodeVersion }, 1)
  addTimes(registry, input)
  stateGauges(registry, kinds)(input.pass)
  countChanges(
    changesCounter(registry, kinds, (labels) => previousCount(input, labels)),
    input.pass,
  )
  return registry.metrics()
}

/** A pass over an unknown host names no kinds; those of the last run are kept, or their counts would be lost. */
function kindsOf({ pass, previous = '' }: MetricsInput): readonly string[] {
  const plans = pass.remaining === undefined ? [pass.plan] : [pass.plan, pass.remaining]
  const names = plans.flatMap((one) => [
    ...Object.keys(one.resources),
    ...[...one.changes, ...one.heldBack].map(({ kind }) => kind),
  ])
  const series = new RegExp(`^${fullName('changes_total')}\\{kind="([a-z0-9-]+)"`, 'gm')
  const before = [...previous.matchAll(series)].flatMap(([, kind]) => kind ?? [])
  return [...new Set([...names, ...before])]
}

function addTimes(
  registry: Registry,
  { pass, finished, durationSeconds, previous = '' }: MetricsInput,
): void {
  const now = finished.getTime() / 1000
  makeGauge('reconcile_last_run_timestamp_seconds', registry).set(now)
  makeGauge('reconcile_duration_seconds', registry).set(durationSeconds)
  const success = makeGauge('reconcile_last_success_timestamp_seconds', registry)
  const last = isConverged(pass)
    ? now
    : previousValue(previous, fullName('reconcile_last_success_timestamp_seconds'))
  if (last !== undefined) success.set(last)
}

function previousCount({ previous = '' }: MetricsInput, labels: object): number {
  const text = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return previousValue(previous, `${fullName('changes_total')}{${text.join(',')}}`) ?? 0
}

/** The value of one series in an earlier text; undefined when it is not there or is no sensible number. */
function previousValue(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  const value = Number(line?.slice(series.length + 1) ?? Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}
