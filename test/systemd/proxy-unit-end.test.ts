import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectExit } from '../e2e/fixtures.ts'
import { createSites, expectServed, web, whoAnswers } from '../e2e/proxy-fixtures.ts'
import type { Lab } from '../lab/lab.ts'
import { openWebStream } from '../lab/web.ts'
import { bootSystemd, UNIT, type Systemd } from './boot.ts'
import { expectDown, pass, PLACES, sitesYaml, unitText } from './unit-fixtures.ts'

let lab: Lab
let systemd: Systemd

beforeAll(async () => {
  lab = await createSites(...PLACES)
  systemd = await bootSystemd(lab)
  await systemd.install(unitText())
  await pass(systemd, sitesYaml(lab, 'blog'))
})
afterAll(async () => {
  await systemd?.end()
  await lab?.destroy()
})

it('goes with the last route, and comes again with the next', async () => {
  await pass(systemd, sitesYaml(lab))
  await expectDown(systemd)
  expect(await whoAnswers(lab, web('blog.example.org'))).toBe('refused')
  await pass(systemd, sitesYaml(lab, 'blog'))
  await expectServed(lab, 'blog')
})

it('comes as often as it is wanted, where systemd would give up', async () => {
  for (let round = 0; round < 6; round += 1) await systemd.must(['systemctl', 'restart', UNIT])
  await systemd.must(['systemctl', 'stop', UNIT])
  await pass(systemd)
  expect(await whoAnswers(lab, web('blog.example.org'))).toBe('blog')
})

it('a connection that does not end makes its end late, and no failure', async () => {
  await openWebStream(lab, 'internet', 'slow', web('blog.example.org'))
  await pass(systemd, sitesYaml(lab))
  await expectDown(systemd)
  expect(await whoAnswers(lab, web('blog.example.org'))).toBe('refused')
})

it('ends with teardown', async () => {
  await pass(systemd, sitesYaml(lab, 'blog'))
  await expectServed(lab, 'blog')
  expectExit(await systemd.slash64(['teardown', '--yes']), 0)
  await expectDown(systemd)
  expect(await systemd.must(['nft', 'list', 'tables'])).toBe('')
})
