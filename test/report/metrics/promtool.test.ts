import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { KINDS } from '../../../src/kinds/index.ts'
import { createControllerMetrics } from '../../../src/report/metrics/controller.ts'
import { metricsText } from '../../../src/report/metrics/one-shot.ts'
import { fileEvent, passEvent } from '../events.ts'
import { change, DELETE, pass, plan, UPDATE } from '../samples.ts'

const kinds = KINDS.map(({ name }) => name)
const mixed = {
  plan: plan({ resources: Object.fromEntries(kinds.map((kind) => [kind, 1])), changes: [change(), UPDATE] }),
  applied: [change()],
  remaining: plan({ heldBack: [DELETE] }),
}
const UNKNOWN = { plan: plan({ known: false }) }

/** All that promtool has to say, which lints too. */
function complaints(text: string): string {
  const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  return `${stdout}${stderr}`
}

async function controllerText(...events: readonly ReturnType<typeof passEvent>[]): Promise<string> {
  const metrics = createControllerMetrics({ version: '1', nodeVersion: 'v20', kinds, intervalSeconds: 30 })
  metrics.record(fileEvent())
  for (const event of events) metrics.record(event)
  return metrics.text()
}

test.each([
  ['before the first pass', []],
  ['after a pass', [passEvent({ pass: mixed })]],
  ['on an unknown host', [passEvent({ pass: mixed }), passEvent({ pass: UNKNOWN })]],
])('promtool is content with the controller %s', async (_when, events) => {
  expect(complaints(await controllerText(...events))).toBe('')
})

test.each([
  ['a pass', mixed],
  ['an unknown host', UNKNOWN],
])('promtool is content with the text file of %s', async (_what, parts) => {
  const input = { version: '1', nodeVersion: 'v20', finished: new Date(0), durationSeconds: 1 }
  expect(complaints(await metricsText({ ...input, pass: pass(parts) }))).toBe('')
})

test('promtool would say so if it were not', () => {
  expect(complaints('# HELP bad_total x\n# TYPE bad_total gauge\nbad_total 1\n')).toContain('_total')
})

test('what both export is the same metric', async () => {
  const input = { version: '1', nodeVersion: 'v20', finished: new Date(0), durationSeconds: 1 }
  const heads = (text: string) => text.split('\n').filter((line) => /^# (HELP|TYPE) slash64_/.test(line))
  const controller = new Set(heads(await controllerText(passEvent({ pass: mixed }))))
  const own = heads(await metricsText({ ...input, pass: pass(mixed) })).filter(
    (line) => !controller.has(line),
  )
  expect(own).toEqual([
    '# HELP slash64_reconcile_duration_seconds Duration of the last pass',
    '# TYPE slash64_reconcile_duration_seconds gauge',
  ])
})
