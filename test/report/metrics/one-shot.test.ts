import { describe, expect, test } from 'vitest'
import { metricsText, type MetricsInput } from '../../../src/report/metrics/one-shot.ts'
import { change, DELETE, HOSTILE, pass, plan, UPDATE } from '../samples.ts'

const resources = { 'proxy-neighbour': 2, route: 0 }
const failure = { code: 'S64-A001', message: 'm', resource: 'bridge-port vblog' }

async function metrics(input: Partial<MetricsInput>): Promise<readonly string[]> {
  const text = await metricsText({
    pass: pass({ plan: plan({ resources }) }),
    version: '1.2.3',
    nodeVersion: 'v20.20.2',
    finished: new Date(1_700_000_000_000),
    durationSeconds: 0.25,
    ...input,
  })
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

describe('metricsText', () => {
  test('tells a converged pass, with zeros for every label set', async () => {
    const lines = await metrics({})
    expect(lines).toEqual([
      'slash64_build_info{version="1.2.3",node_version="v20.20.2"} 1',
      'slash64_reconcile_last_run_timestamp_seconds 1700000000',
      'slash64_reconcile_duration_seconds 0.25',
      'slash64_reconcile_last_success_timestamp_seconds 1700000000',
      'slash64_managed_resources{kind="proxy-neighbour"} 2',
      'slash64_managed_resources{kind="route"} 0',
      ...['proxy-neighbour', 'route'].flatMap((kind) =>
        ['create', 'update', 'delete'].map(
          (action) => `slash64_drift_resources{kind="${kind}",action="${action}"} 0`,
        ),
      ),
      'slash64_held_back_resources 0',
      'slash64_foreign_resources 2',
      'slash64_proxy_config_in_sync 1',
      'slash64_problems 0',
      'slash64_host_known 1',
      ...['proxy-neighbour', 'route'].flatMap((kind) =>
        ['create', 'update', 'delete'].flatMap((action) =>
          ['ok', 'failed'].map(
            (result) => `slash64_changes_total{kind="${kind}",action="${action}",result="${result}"} 0`,
          ),
        ),
      ),
    ])
  })

  test('tells what is left after a pass that failed, and keeps the last success', async () => {
    const before = plan({ resources, changes: [change(), UPDATE] })
    const remaining = plan({ resources, changes: [UPDATE], heldBack: [DELETE] })
    const previous = 'slash64_reconcile_last_success_timestamp_seconds 1600000000\n'
    const failed = pass({
      plan: before,
      applied: [change()],
      failed: [failure],
      failedChanges: [UPDATE],
      remaining,
    })
    const lines = await metrics({ pass: failed, previous })
    expect(lines).toContain('slash64_drift_resources{kind="bridge-port",action="update"} 1')
    expect(lines).toContain('slash64_drift_resources{kind="route",action="delete"} 1')
    expect(lines).toContain('slash64_held_back_resources 1')
    expect(lines).toContain('slash64_reconcile_last_success_timestamp_seconds 1600000000')
    expect(lines).toContain('slash64_changes_total{kind="proxy-neighbour",action="create",result="ok"} 1')
    expect(lines).toContain('slash64_changes_total{kind="bridge-port",action="update",result="failed"} 1')
  })

  test('has no last success before there was one', async () => {
    const lines = await metrics({ pass: pass({ plan: plan({ changes: [change()] }) }) })
    expect(lines.join('\n')).not.toContain('last_success')
  })

  test('goes on counting where the last run ended', async () => {
    const before = plan({ resources, changes: [change()] })
    const applied = pass({ plan: before, applied: before.changes, remaining: plan({ resources }) })
    const first = await metrics({ pass: applied })
    const second = await metrics({ pass: applied, previous: first.join('\n') })
    expect(second).toContain('slash64_changes_total{kind="proxy-neighbour",action="create",result="ok"} 2')
  })

  test.each(['NaN', '-1', 'Infinity', 'x', ''])('does not go on from %j', async (value) => {
    const previous = `slash64_changes_total{kind="route",action="create",result="ok"} ${value}\n`
    const lines = await metrics({ previous })
    expect(lines).toContain('slash64_changes_total{kind="route",action="create",result="ok"} 0')
  })

  test('has no counts of a host that could not be read', async () => {
    const text = (await metrics({ pass: pass({ plan: plan({ known: false }) }) })).join('\n')
    expect(text).not.toContain('managed_resources')
    expect(text).not.toContain('drift_resources')
    expect(text).toContain('slash64_reconcile_last_run_timestamp_seconds')
  })

  test('keeps the counts past a run on an unknown host', async () => {
    const series = 'slash64_changes_total{kind="route",action="create",result="ok"}'
    const unknown = pass({ plan: plan({ known: false }) })
    const second = await metrics({ pass: unknown, previous: `${series} 7\n` })
    expect(second).toContain(`${series} 7`)
    expect(second).toContain('slash64_host_known 0')
  })

  test('never makes a key or a message a label', async () => {
    const before = plan({ resources, changes: [change({ key: HOSTILE, reason: HOSTILE })] })
    const text = (
      await metrics({ pass: pass({ plan: before, failed: [{ ...failure, message: HOSTILE }] }) })
    ).join('\n')
    expect(text).not.toContain('red')
  })
})
