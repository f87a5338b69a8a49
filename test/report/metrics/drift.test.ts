import { beforeEach, describe, expect, test } from 'vitest'
import type { ControllerMetrics } from '../../../src/report/metrics/controller.ts'
import { passEvent } from '../events.ts'
import { change, DELETE, HOSTILE, plan, UPDATE } from '../samples.ts'
import { CLEAN, controllerMetrics, lines, resources, UNKNOWN, values as valuesOf } from './reading.ts'

let metrics: ControllerMetrics
beforeEach(() => {
  metrics = controllerMetrics()
})

async function value(series: string): Promise<number | undefined> {
  return (await values(series))[0]
}

async function values(...series: readonly string[]): Promise<readonly (number | undefined)[]> {
  return valuesOf(metrics, ...series)
}

describe('the state', () => {
  test('is that of the newest plan, what is held back included', async () => {
    const remaining = plan({ resources, changes: [UPDATE], heldBack: [DELETE], problems: UNKNOWN.problems })
    metrics.record(passEvent({ pass: { plan: plan({ resources, changes: [change(), UPDATE] }), remaining } }))
    expect(
      await values(
        'managed_resources{kind="route"}',
        'drift_resources{kind="bridge-port",action="update"}',
        'drift_resources{kind="route",action="delete"}',
        'drift_resources{kind="proxy-neighbour",action="create"}',
        'held_back_resources',
        'foreign_resources',
        'problems',
        'host_known',
      ),
    ).toEqual([3, 1, 1, 0, 1, 2, 1, 1])
  })

  test('is absent while the host is not known, and comes back', async () => {
    metrics.record(passEvent({ pass: { plan: CLEAN } }))
    metrics.record(passEvent({ result: 'error', pass: { plan: UNKNOWN } }))
    const text = (await lines(metrics)).join('\n')
    for (const name of [
      'managed_resources',
      'drift_resources',
      'drift_since',
      'held_back',
      'foreign',
      'proxy_config',
    ])
      expect(text).not.toContain(`slash64_${name}`)
    expect(await values('host_known', 'problems')).toEqual([0, 1])
    metrics.record(passEvent({ pass: { plan: CLEAN } }))
    expect(await values('host_known', 'managed_resources{kind="route"}')).toEqual([1, 3])
  })

  test('of the proxy differs only with its own kinds', async () => {
    metrics.record(passEvent({ pass: { plan: plan({ changes: [UPDATE] }) } }))
    expect(await value('proxy_config_in_sync')).toBe(1)
    metrics.record(passEvent({ pass: { plan: plan({ heldBack: [change({ kind: 'proxy-route' })] }) } }))
    expect(await value('proxy_config_in_sync')).toBe(0)
  })

  test('never has a key or a message as label', async () => {
    const hostile = plan({ resources, changes: [change({ key: HOSTILE, reason: HOSTILE })] })
    const failed = [{ code: 'S64-A001', message: HOSTILE, resource: HOSTILE }]
    metrics.record(passEvent({ pass: { plan: hostile, failed, failedChanges: hostile.changes } }))
    expect((await lines(metrics)).join('\n')).not.toContain('red')
  })
})

describe('drift', () => {
  const drifted = (seconds: number, parts: Parameters<typeof plan>[0] = {}) =>
    passEvent({
      result: 'error',
      at: new Date(seconds * 1000),
      pass: { plan: plan({ resources, ...parts }) },
    })

  test('has a beginning, which an unknown host does not lose', async () => {
    const series = 'drift_since_timestamp_seconds{kind="bridge-port"}'
    metrics.record(drifted(100))
    expect(await value(series)).toBe(0)
    metrics.record(drifted(200, { changes: [UPDATE] }))
    metrics.record(drifted(250, UNKNOWN))
    expect(await value(series)).toBeUndefined()
    metrics.record(drifted(300, { changes: [UPDATE] }))
    expect(await value(series)).toBe(200)
    metrics.record(drifted(400))
    expect(await value(series)).toBe(0)
    metrics.record(drifted(500, { changes: [UPDATE] }))
    expect(await value(series)).toBe(500)
  })

  const found = 'drift_detected_total{kind="proxy-neighbour"}'
  const undone = 'drift_corrected_total{kind="proxy-neighbour"}'

  test('that is undone counts as found each time', async () => {
    const pass = { plan: plan({ changes: [change()] }), applied: [change()], remaining: CLEAN }
    for (let round = 0; round < 3; round += 1) metrics.record(passEvent({ result: 'success', pass }))
    expect(await values(found, undone)).toEqual([3, 3])
  })

  test('that stays is found once, also past a look at nothing', async () => {
    const stays = { changes: [change()] }
    for (const parts of [stays, stays, UNKNOWN, stays]) metrics.record(drifted(1, parts))
    expect(await values(found, undone)).toEqual([1, 0])
  })

  test('that is held back is found once', async () => {
    const heldBack = { heldBack: [change({ action: 'delete' })] }
    for (const parts of [heldBack, heldBack]) metrics.record(drifted(1, parts))
    expect(await values(found, undone)).toEqual([1, 0])
  })

  test('is not what the file asked for', async () => {
    const wanted = change({ cause: 'config' })
    metrics.record(
      passEvent({ pass: { plan: plan({ changes: [wanted] }), applied: [wanted], remaining: CLEAN } }),
    )
    expect(await values(found, undone)).toEqual([0, 0])
  })
})

describe('changes', () => {
  test('that failed are counted one by one, though their problems are folded', async () => {
    const many = ['a', 'b', 'c', 'd'].map((key) => change({ key }))
    metrics.record(
      passEvent({
        result: 'error',
        pass: {
          plan: plan({ changes: [...many, UPDATE] }),
          applied: [UPDATE],
          failed: [{ code: 'S64-H002', message: 'no permission (and 3 more like it)' }],
          failedChanges: many,
        },
      }),
    )
    expect(
      await values(
        'changes_total{kind="proxy-neighbour",action="create",result="failed"}',
        'changes_total{kind="proxy-neighbour",action="create",result="ok"}',
        'changes_total{kind="bridge-port",action="update",result="ok"}',
      ),
    ).toEqual([4, 0, 1])
  })
})
