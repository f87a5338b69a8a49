import { KIND_NAMES } from '../../app/kind-names.ts'
import type { Keeper } from '../../app/types.ts'
import type { ControllerEvent } from '../../controller/types.ts'
import type { Model } from '../../model/types.ts'
import type { LogLevel } from '../../report/log/entry.ts'
import { createControllerMetrics } from '../../report/metrics/controller.ts'
import type { Feeds } from '../../system/feeds.ts'
import type { Io } from '../io.ts'
import { trafficSampler } from './traffic.ts'

export interface Metrics {
  readonly record: (event: ControllerEvent) => void
  readonly logged: (level: LogLevel) => void
  /** Makes the page of all of them, with the containers' traffic where the file asks for it. */
  readonly pageOf: (
    keeper: Keeper,
    feeds: Feeds,
  ) => (model: Model) => Promise<{ readonly type: string; readonly text: string }>
}

export function startMetrics(io: Io, interval: number): Metrics {
  const { version, nodeVersion } = io
  const metrics = createControllerMetrics({
    version,
    nodeVersion,
    kinds: KIND_NAMES,
    intervalSeconds: interval / 1000,
  })
  return {
    record: metrics.record,
    logged: metrics.logged,
    pageOf: (keeper, feeds) => {
      const sample = trafficSampler(keeper, feeds)
      return async (model) => {
        metrics.traffic(await sample(model))
        return { type: metrics.contentType, text: await metrics.text() }
      }
    },
  }
}
