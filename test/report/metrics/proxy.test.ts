import { beforeEach, describe, expect, test } from 'vitest'
import { ROLLED_BACK, ROLLBACK_FAILED } from '../../../src/engine/problems.ts'
import type { HaproxyStep, PassReport, PlannedChange } from '../../../src/engine/types.ts'
import type { ControllerMetrics } from '../../../src/report/metrics/controller.ts'
import { passEvent } from '../events.ts'
import { change } from '../samples.ts'
import { controllerMetrics, values } from './reading.ts'

const LISTENERS = proxyChange({ tool: 'haproxy', op: 'load', text: 'x' })
const NEW_BACKEND = proxyChange({ tool: 'haproxy', op: 'backend', name: 'b', text: 'x' })
const OTHER_ADDRESS = proxyChange({
  tool: 'haproxy',
  op: 'backend',
  name: 'b',
  text: 'x',
  live: { address: '10.64.0.2', port: 80 },
})
const NAME = proxyChange({ tool: 'haproxy', op: 'entry', map: 'http', host: 'example.org', to: 'b' })
const STOP = proxyChange({ tool: 'haproxy', op: 'stop' })

const UNDONE = { code: ROLLED_BACK, message: 'did not come up; the last good one serves' }
const NOT_UNDONE = { code: ROLLBACK_FAILED, message: 'did not come up; nor does the last good one' }
const OTHER = { code: 'S64-A001', message: 'm' }

function proxyChange(step: HaproxyStep): PlannedChange {
  return change({ kind: 'proxy-route', steps: [step] })
}

let metrics: ControllerMetrics
beforeEach(() => {
  metrics = controllerMetrics()
})

async function reloads(): Promise<readonly (number | undefined)[]> {
  const series = ['ok', 'rolled_back', 'failed'].map((result) => `proxy_reloads_total{result="${result}"}`)
  return values(metrics, ...series)
}

describe('reloads of the reverse proxy', () => {
  test.each<[string, Partial<PassReport>, readonly number[]]>([
    ['other changes', { applied: [change()], failedChanges: [change()], failed: [OTHER] }, [0, 0, 0]],
    ['a name and an address, which go to the running process', { applied: [NAME, OTHER_ADDRESS] }, [0, 0, 0]],
    ['its end', { applied: [STOP] }, [0, 0, 0]],
    ['listeners', { applied: [LISTENERS] }, [1, 0, 0]],
    ['many in one pass, which are one', { applied: [LISTENERS, NEW_BACKEND, NEW_BACKEND, NAME] }, [1, 0, 0]],
    ['what was undone', { failedChanges: [NEW_BACKEND], failed: [UNDONE] }, [0, 1, 0]],
    ['what could not be undone', { failedChanges: [NEW_BACKEND], failed: [NOT_UNDONE] }, [0, 0, 1]],
    ['what was refused', { failedChanges: [LISTENERS, NAME], failed: [OTHER] }, [0, 0, 1]],
  ])('are counted: %s', async (_what, pass, expected) => {
    expect(await reloads()).toEqual([0, 0, 0])
    metrics.record(passEvent({ pass }))
    expect(await reloads()).toEqual(expected)
  })
})

test('rollbacks are counted, whatever else went wrong, and those that failed apart', async () => {
  const series = ['rollbacks_total', 'rollback_failures_total'] as const
  expect(await values(metrics, ...series)).toEqual([0, 0])
  metrics.record(passEvent({ result: 'rolled_back', pass: { failed: [UNDONE] } }))
  metrics.record(passEvent({ result: 'error', pass: { failed: [UNDONE, OTHER] } }))
  metrics.record(passEvent({ result: 'error', pass: { failed: [OTHER] } }))
  metrics.record(passEvent({ result: 'error', pass: { failed: [NOT_UNDONE] } }))
  expect(await values(metrics, ...series)).toEqual([2, 1])
})
