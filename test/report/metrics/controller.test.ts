import { beforeEach, describe, expect, test } from 'vitest'
import { RESULTS, TRIGGERS } from '../../../src/controller/types.ts'
import { createControllerMetrics, type ControllerMetrics } from '../../../src/report/metrics/controller.ts'
import { DEFINITIONS } from '../../../src/report/metrics/definitions.ts'
import { AT, faultyFileEvent, fileEvent, passEvent } from '../events.ts'
import { DELETE, plan } from '../samples.ts'
import { controllerMetrics, KINDS, lines, values as valuesOf } from './reading.ts'

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

describe('from the start', () => {
  test('every name is there, but for what only a single pass exports', async () => {
    const text = await metrics.text()
    const names = Object.keys(DEFINITIONS).filter((name) => name !== 'reconcile_duration_seconds')
    expect(names.filter((name) => !text.includes(`# TYPE slash64_${name} `))).toEqual([])
  })

  test('every known set of labels counts from 0', async () => {
    const all = await lines(metrics)
    const zeros = (name: string) => all.filter((line) => line.startsWith(`slash64_${name}{`))
    expect(zeros('reconcile_total')).toHaveLength(TRIGGERS.length * RESULTS.length)
    expect(zeros('changes_total')).toHaveLength(KINDS.length * 3 * 2)
    expect(zeros('drift_detected_total')).toHaveLength(KINDS.length)
    expect(zeros('drift_corrected_total')).toHaveLength(KINDS.length)
    expect(zeros('monitor_restarts_total')).toHaveLength(3)
    expect(zeros('command_failures_total')).toHaveLength(5)
    expect(zeros('log_messages_total')).toHaveLength(4)
    expect(zeros('proxy_reloads_total')).toHaveLength(3)
    expect(zeros('command_duration_seconds_count')).toHaveLength(5)
    expect(zeros('reconcile_phase_duration_seconds_count')).toHaveLength(3)
    const counts = all.filter((line) => /_(total|count)[{ ]/.test(line))
    expect(counts.filter((line) => !line.endsWith(' 0'))).toEqual([])
  })

  test('what is not known yet is absent, not 0', async () => {
    const text = (await lines(metrics)).join('\n')
    for (const name of ['managed_resources', 'drift_resources', 'drift_since', 'held_back', 'foreign'])
      expect(text).not.toContain(`slash64_${name}`)
    expect(await values('config_valid', 'host_known', 'problems')).toEqual([undefined, undefined, undefined])
    expect(await value('reconcile_last_success_timestamp_seconds')).toBeUndefined()
  })

  test('tells the versions, the interval, and the process', async () => {
    expect(await value('build_info{version="1.2.3",node_version="v20.20.2"}')).toBe(1)
    expect(await value('reconcile_interval_seconds')).toBe(30)
    const text = await metrics.text()
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
    expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('shares nothing with another controller in this process', async () => {
    metrics.logged('error')
    const other = createControllerMetrics({ version: '1', nodeVersion: 'v', kinds: [], intervalSeconds: 1 })
    expect(await other.text()).toContain('slash64_log_messages_total{level="error"} 0')
  })
})

describe('passes', () => {
  test('are counted by trigger and result, and timed by phase', async () => {
    metrics.record(
      passEvent({ trigger: 'nft', result: 'success', phases: { observe: 0.02, apply: 0.3, verify: 7 } }),
    )
    metrics.record(passEvent({ trigger: 'nft', result: 'success' }))
    expect(await value('reconcile_total{trigger="nft",result="success"}')).toBe(2)
    expect(
      await values(
        'reconcile_phase_duration_seconds_count{phase="observe"}',
        'reconcile_phase_duration_seconds_count{phase="apply"}',
        'reconcile_phase_duration_seconds_bucket{le="0.25",phase="apply"}',
        'reconcile_phase_duration_seconds_bucket{le="0.5",phase="apply"}',
        'reconcile_phase_duration_seconds_sum{phase="verify"}',
      ),
    ).toEqual([2, 1, 0, 1, 7])
  })

  test('are under way until they end', async () => {
    expect(await value('reconcile_in_progress')).toBe(0)
    metrics.record({ type: 'pass-begun', trigger: 'start', wish: { trigger: 'start' }, whole: true })
    expect(await value('reconcile_in_progress')).toBe(1)
    metrics.record(passEvent())
    expect(await value('reconcile_in_progress')).toBe(0)
  })

  test.each([
    [['error', 'rolled_back', 'error'], 3],
    [['error', 'noop'], 0],
    [['error', 'error', 'refused'], 0],
    [['error', 'stopped'], 1],
  ] as const)('after %j, %i have failed in a row', async (results, count) => {
    for (const result of results) metrics.record(passEvent({ result }))
    expect(await value('reconcile_consecutive_failures')).toBe(count)
  })

  test('that leave drift are no success', async () => {
    metrics.record(passEvent({ at: new Date(1_000_000) }))
    metrics.record(
      passEvent({ at: new Date(2_000_000), result: 'refused', pass: { plan: plan({ heldBack: [DELETE] }) } }),
    )
    expect(await value('reconcile_last_run_timestamp_seconds')).toBe(2_000)
    expect(await value('reconcile_last_success_timestamp_seconds')).toBe(1_000)
  })

  test('tell how long a change of the file took', async () => {
    metrics.record(passEvent({ convergence: 0.3 }))
    expect(
      await values(
        'convergence_duration_seconds_count',
        'convergence_duration_seconds_bucket{le="0.25"}',
        'convergence_duration_seconds_bucket{le="0.5"}',
      ),
    ).toEqual([1, 0, 1])
  })

  test('tell of fights, and apart from them of what is left alone because of one', async () => {
    const contended = [{ resource: 'route x', restores: 3 }]
    const series = ['contended_resources', 'postponed_changes{reason="contended"}'] as const
    expect(await values(...series)).toEqual([0, 0])
    metrics.record(passEvent({ contended, left: { contended: 1, failing: 0 } }))
    expect(await values(...series)).toEqual([1, 1])
    metrics.record(passEvent({ contended }))
    expect(await values(...series)).toEqual([1, 0])
    metrics.record(passEvent())
    expect(await values(...series)).toEqual([0, 0])
  })

  test('tell how many changes wait because they failed', async () => {
    metrics.record(passEvent({ result: 'error', left: { contended: 0, failing: 2 } }))
    expect(await value('postponed_changes{reason="failing"}')).toBe(2)
  })

  test('count all that is wrong, not only what they ran into themselves', async () => {
    const failed = { code: 'S64-A001', message: 'm', resource: 'route x' }
    const conflict = { code: 'S64-F001', message: 'in the way' }
    metrics.record(passEvent({ result: 'error', pass: { failed: [failed] }, problems: [failed] }))
    expect(await value('problems')).toBe(1)
    // It waits for its next try: this pass did not touch it.
    metrics.record(passEvent({ result: 'error', problems: [failed], left: { contended: 0, failing: 1 } }))
    expect(await value('problems')).toBe(1)
    metrics.record(
      passEvent({ pass: { plan: plan({ problems: [conflict] }) }, problems: [failed, conflict] }),
    )
    expect(await value('problems')).toBe(2)
    metrics.record(passEvent())
    expect(await value('problems')).toBe(0)
  })
})

describe('the file', () => {
  const names = ['config_valid', 'config_loaded_timestamp_seconds'] as const

  test('that is faulty leaves the last one in use', async () => {
    metrics.record(fileEvent(100))
    metrics.record(faultyFileEvent())
    expect(await values(...names)).toEqual([0, 100])
    metrics.record(fileEvent(200))
    expect(await values(...names)).toEqual([1, 200])
  })

  test('that is faulty at the start makes the last good one be loaded', async () => {
    metrics.record(faultyFileEvent({ inUse: 'last-good-from-disk' }))
    expect(await values(...names)).toEqual([0, AT])
  })
})

describe('what surrounds it', () => {
  test('of a runtime all programs must run; without any there is no series', async () => {
    const series = ['monitor_up{monitor="lxc"}', 'monitor_restarts_total{monitor="lxc"}'] as const
    expect(await values(...series)).toEqual([undefined, undefined])
    const tell = (program: string, up: boolean, more = {}): void =>
      metrics.record({ type: 'monitor', name: 'lxc', program, up, ...more })
    tell('one', true)
    tell('two', true)
    tell('two', false)
    expect(await values(...series)).toEqual([0, undefined])
    tell('two', true)
    expect(await values(...series)).toEqual([1, 1])
    tell('two', false, { unwanted: true })
    expect(await values(...series)).toEqual([1, 1])
    tell('one', false, { unwanted: true })
    expect(await values(...series)).toEqual([undefined, 1])
  })

  test('monitors are up or down, and started again', async () => {
    const series = ['monitor_up{monitor="ip"}', 'monitor_restarts_total{monitor="ip"}'] as const
    const heard: unknown[] = []
    for (const up of [true, false, false, true]) {
      metrics.record({ type: 'monitor', name: 'ip', up })
      heard.push(await values(...series))
    }
    expect(heard).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
      [1, 1],
    ])
    expect(await value('monitor_up{monitor="nft"}')).toBe(0)
  })

  test('programs take their time, and fail', async () => {
    metrics.record({ type: 'command', tool: 'nft', seconds: 0.004, ok: true })
    metrics.record({ type: 'command', tool: 'nft', seconds: 0.2, ok: false })
    expect(
      await values(
        'command_duration_seconds_count{tool="nft"}',
        'command_duration_seconds_bucket{le="0.005",tool="nft"}',
        'command_failures_total{tool="nft"}',
        'command_failures_total{tool="ip"}',
      ),
    ).toEqual([2, 1, 1, 0])
  })

  test('programs are late', async () => {
    metrics.record({ type: 'late', tool: 'ip', command: 'ip -n c1', seconds: 5.2, allowed: 3 })
    expect(await values('commands_late_total{tool="ip"}', 'commands_late_total{tool="nft"}')).toEqual([1, 0])
    expect(await value('command_duration_seconds_count{tool="ip"}')).toBe(0)
  })

  test('lines of the log are counted by level', async () => {
    for (const level of ['info', 'info', 'error'] as const) metrics.logged(level)
    expect(await values('log_messages_total{level="info"}', 'log_messages_total{level="error"}')).toEqual([
      2, 1,
    ])
  })

  test('other events change nothing but the process', async () => {
    const before = await lines(metrics)
    metrics.record({ type: 'started', version: '1.2.3' })
    metrics.record({ type: 'observed', known: false, plan: plan() })
    metrics.record({ type: 'stopping', signal: 'SIGTERM' })
    expect(await lines(metrics)).toEqual(before)
  })
})
