import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectClearMessage, expectExit } from '../e2e/fixtures.ts'
import { createSites, expectServed } from '../e2e/proxy-fixtures.ts'
import type { Lab } from '../lab/lab.ts'
import { bootSystemd, type Systemd } from './boot.ts'
import { haproxies, pass, PLACES, sitesYaml, unitText } from './unit-fixtures.ts'

let lab: Lab
let systemd: Systemd

beforeAll(async () => {
  lab = await createSites(...PLACES)
  systemd = await bootSystemd(lab)
})
afterAll(async () => {
  await systemd?.end()
  await lab?.destroy()
})

it('a unit that is not there: says how to install it', async () => {
  const result = await systemd.slash64(['reconcile', '--once'], sitesYaml(lab, 'blog'))
  expectClearMessage(result, 1, /slash64-proxy\.service.*run "slash64 install"/s)
  expect(await haproxies(systemd)).toEqual([])
})

it('a unit that is not there keeps nobody from taking the routes out again', async () => {
  expectExit(await systemd.slash64(['reconcile', '--once'], sitesYaml(lab)), 0)
  expect((await systemd.run(['stat', '/var/lib/slash64/proxy/haproxy.cfg'])).exitCode).toBe(1)
})

it('a unit with a mistake: says where systemd tells which', async () => {
  await systemd.install(unitText().replace('haproxy -Ws', 'haproxy -Ws --no-such-option'))
  const result = await systemd.slash64(['reconcile', '--once'], sitesYaml(lab, 'blog'))
  expectClearMessage(result, 1, /slash64-proxy\.service.*journalctl/s)
  expect(await haproxies(systemd)).toEqual([])
})

it('a unit with the paths of another state directory: says which it should have', async () => {
  await systemd.install(unitText().replaceAll('/var/lib/slash64', '/var/lib/elsewhere'))
  const result = await systemd.slash64(['reconcile', '--once'])
  expectClearMessage(result, 1, /slash64-proxy\.service.*\/var\/lib\/slash64\/proxy\/haproxy\.cfg/s)
  expect(await haproxies(systemd)).toEqual([])
})

it('a unit with the paths of another run directory: says which it should have', async () => {
  await systemd.install(unitText().replaceAll('/run/slash64', '/run/elsewhere'))
  const result = await systemd.slash64(['reconcile', '--once'])
  expectClearMessage(result, 1, /slash64-proxy\.service.*\/run\/slash64\/proxy/s)
  expect(await haproxies(systemd)).toEqual([])
})

it('the right unit is all that it takes', async () => {
  await systemd.install(unitText())
  expect(await pass(systemd)).toContain('Applied')
  await expectServed(lab, 'blog')
})

it('a run with another state directory leaves alone what runs', async () => {
  const { MainPID } = await systemd.properties()
  const file = `${lab.directory}/network.yaml`
  const places = ['--state-dir', '/var/lib/elsewhere', '--run-dir', '/run/elsewhere']
  const result = await systemd.program(['reconcile', '--once', '--file', file, ...places])
  expectClearMessage(result, 1, /haproxy \(process \d+\) listens on port 80/)
  expect(await systemd.properties()).toMatchObject({ ActiveState: 'active', MainPID, NRestarts: '0' })
  await expectServed(lab, 'blog')
})
