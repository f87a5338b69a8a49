import { readFileSync } from 'node:fs'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../lab/process.ts'
import { dashboard, exportedNames, knownLabels, metricsIn, RULES, rules } from './monitoring.ts'

const TESTS = 'examples/prometheus/slash64.rules.test.yml'

describe('promtool', () => {
  it.each([
    ['check', 'rules', '--lint-fatal', RULES],
    ['check', 'config', '--lint-fatal', 'examples/prometheus/prometheus.yml'],
    ['test', 'rules', TESTS],
  ])('%s %s', async (...words) => {
    const { exitCode, stdout, stderr } = await runCommand(['promtool', ...words])
    expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' })
  })

  it('has a situation for each alert in which it fires', async () => {
    const text = readFileSync(TESTS, 'utf8')
    for (const { alert } of rules()) expect(text).toContain(`alertname="${alert}"`)
    // Every situation also says what does not fire.
    expect(text.match(/exp_samples: \[\]/g)?.length).toBeGreaterThan(rules().length)
  })
})

describe('alerts', () => {
  it.each(rules())('$alert says how bad it is, what it is, and where to look', ({ labels, annotations }) => {
    expect(labels['severity']).toMatch(/^(critical|warning|info)$/)
    expect(Object.keys(annotations)).toEqual(['summary', 'description'])
    expect(annotations['summary']).toContain('{{ $labels.instance }}')
    expect(annotations['description']).toMatch(/See: (slash64|systemctl|journalctl) /)
  })

  it('are these', () => {
    const names = rules().map(({ alert }) => alert.replace('Slash64', ''))
    const wanted = [
      'Down',
      'Restarting',
      'ConfigInvalid',
      'HostUnknown',
      'ReconcileFailing',
      'NoPass',
      'ReconcileStale',
    ]
    const rest = ['Contended', 'MonitorDown', 'HeldBack']
    const drift = ['DriftPersistent', 'RolledBack', 'RollbackFailed', 'DriftFlapping']
    expect(names).toEqual([...wanted, ...drift, ...rest])
  })
})

/** Ours, and what prom-client tells of every process. */
async function scrapedNames(): Promise<ReadonlySet<string>> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const others = (await registry.getMetricsAsJSON()).map(({ name }) => name)
  return new Set([...exportedNames(), ...others])
}

describe('metrics', () => {
  const { panels, annotations } = dashboard()
  const ofPanels = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const))
  const ofRules = rules().map(({ alert, expr }) => [alert, expr] as const)
  const expressions = [
    ...ofRules,
    ...ofPanels,
    ...annotations.list.map(({ expr }) => ['mark', expr] as const),
  ]

  it.each(expressions)('%s: every metric is one that there is', async (_name, expr) => {
    const known = await scrapedNames()
    expect(metricsIn(expr).filter((name) => !known.has(name))).toEqual([])
    expect(expr).toMatch(/_|up/)
  })

  it.each(ofPanels)('%s: every label in "by" is one that there is', (_title, expr) => {
    const by = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
    const known = new Set([...knownLabels(), 'instance', 'job', 'le'])
    expect(by.filter((label) => !known.has(label))).toEqual([])
  })

  it('a name that is not there would be seen', async () => {
    expect(metricsIn('sum(slash64_nonsense_total) > slash64_problems')).toEqual([
      'slash64_nonsense_total',
      'slash64_problems',
    ])
    expect((await scrapedNames()).has('slash64_nonsense_total')).toBe(false)
  })
})
