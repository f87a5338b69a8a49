import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Traffic } from '../../app/traffic.ts'
import type { ControllerEvent } from '../../controller/types.ts'
import { LOG_LEVELS, type LogLevel } from '../log/entry.ts'
import { changesCounter, countChanges } from './changes.ts'
import { driftRecorder } from './drift.ts'
import { makeCounter, makeGauge } from './make.ts'
import { passRecorder } from './passes.ts'
import { proxyRecorder } from './proxy.ts'
import { stateGauges } from './state.ts'
import { commandRecorder, fileRecorder, monitorRecorder } from './surroundings.ts'
import { trafficRecorder } from './traffic.ts'

export interface ControllerMetricsOptions {
  readonly version: string
  readonly nodeVersion: string
  /** The name of every kind. */
  readonly kinds: readonly string[]
  readonly intervalSeconds: number
}

export interface ControllerMetrics {
  /** Takes in what the controller tells. */
  record(event: ControllerEvent): void
  /** Counts a line of the log. */
  logged(level: LogLevel): void
  /** Everything, in the text format of Prometheus 0.0.4. */
  text(): Promise<string>
  /** The media type of that text. */
  readonly contentType: string
  /** Takes in what each container got and sent. */
  readonly traffic: (traffic: ReadonlyMap<string, Traffic>) => void
}

/**
 * What prom-client exports under names that Prometheus keeps for counters, though they go up and down. The same
 * numbers are there by type, so their sum is not lost.
 */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`)

/**
 * Milliseconds between two looks at the event loop, which the percentiles of its lag include. At the default (10) they
 * are most of what an idle controller costs: 0.5 % of a processor.
 */
const LAG_PRECISION = 100

/** The metrics of a controller and of its process, in a registry of their own. */
export function createControllerMetrics(options: ControllerMetricsOptions): ControllerMetrics {
  const registry = new Registry()
  const { version, nodeVersion, kinds, intervalSeconds } = options
  makeGauge('build_info', registry).set({ version, node_version: nodeVersion }, 1)
  makeGauge('reconcile_interval_seconds', registry).set(intervalSeconds)
  const recorders = [
    fileRecorder(registry),
    passRecorder(registry),
    outcomeRecorder(registry, kinds),
    monitorRecorder(registry),
    commandRecorder(registry),
  ]
  const traffic = trafficRecorder(registry)
  const lines = makeCounter('log_messages_total', registry)
  for (const level of LOG_LEVELS) lines.inc({ level }, 0)
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  return {
    record: (event) => {
      for (const record of recorders) record(event)
    },
    logged: (level) => lines.inc({ level }),
    text: async () => registry.metrics(),
    contentType: registry.contentType,
    traffic,
  }
}

function outcomeRecorder(registry: Registry, kinds: readonly string[]): (event: ControllerEvent) => void {
  const state = stateGauges(registry, kinds)
  const drift = driftRecorder(registry, kinds)
  const proxy = proxyRecorder(registry)
  const changes = changesCounter(registry, kinds)
  return (event) => {
    if (event.type !== 'pass') return
    state(event.pass, event.problems)
    drift(event)
    proxy(event)
    countChanges(changes, event.pass)
  }
}
