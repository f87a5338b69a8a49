import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { unitsOf } from '../support/unit.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { slowed } from './controller-wrappers.ts'
import { container, IPV6, networkYaml } from './fixtures.ts'

const SERIES = 'slash64_container_receive_packets_total{container="blog"}'

let lab: Lab
let controller: RunningController
let hang = ''

beforeAll(async () => {
  lab = await createLab({ containers: ['blog'] })
  hang = join(lab.directory, 'hang')
  const lines = `case "$*" in *'list counters'*) while [ -e '${hang}' ]; do sleep 0.1; done;; esac`
  const yaml = networkYaml({
    containers: { blog: container(lab, 'blog', 2) },
    metrics: { containers: true },
  })
  controller = startController(lab, yaml, { env: slowed(lab, 'nft', lines) })
  await converged(controller)
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

it('a scrape has what a container got so far', async () => {
  await eventually(async () => (await controller.metric(SERIES)) !== undefined)
  await lab.ping('internet', `${IPV6}1:2`, { count: 3 })
  const grown = async (): Promise<boolean> => ((await controller.metric(SERIES)) ?? 0) >= 3
  expect(await eventually(grown)).toBe(true)
})

it('a reader of counters that hangs takes nothing else from a scrape', async () => {
  writeFileSync(hang, '')
  // What was read a second ago is not read again.
  await sleep(1_100)
  const scrape = async (): Promise<void> =>
    expect(await controller.get('/metrics')).toContain('slash64_reconcile_last_run_timestamp_seconds ')
  // The first has it read, and waits half a second for that.
  expect(await unitsOf(scrape)).toBeLessThan(40)
  for (const _ of ['second', 'third']) expect(await unitsOf(scrape)).toBeLessThan(10)
  rmSync(hang)
  const isRead = async (): Promise<boolean> => (await controller.metric(SERIES)) !== undefined
  expect(await eventually(isRead)).toBe(true)
})
