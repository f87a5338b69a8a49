import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSites, expectServed, tls, web, whoAnswers } from '../e2e/proxy-fixtures.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { openWebStream } from '../lab/web.ts'
import { bootSystemd, UNIT, type Systemd } from './boot.ts'
import { expectDown, haproxies, pass, PLACES, sitesYaml, unitText } from './unit-fixtures.ts'

let lab: Lab
let systemd: Systemd

beforeAll(async () => {
  lab = await createSites(...PLACES)
  systemd = await bootSystemd(lab)
  await systemd.install(unitText())
})
afterAll(async () => {
  await systemd?.end()
  await lab?.destroy()
})

async function mainPid(): Promise<string> {
  // `systemctl reload` is back when the signal is sent; HAProxy says when it has loaded.
  await eventually(async () => (await systemd.properties())['ActiveState'] !== 'reloading')
  const { MainPID, NRestarts, ActiveState } = await systemd.properties()
  expect({ NRestarts, ActiveState }).toEqual({ NRestarts: '0', ActiveState: 'active' })
  return MainPID ?? ''
}

it('nothing is started without a route', async () => {
  expect(await pass(systemd, sitesYaml(lab))).not.toContain('haproxy')
  await expectDown(systemd)
})

it('the first route starts the unit', async () => {
  await pass(systemd, sitesYaml(lab, 'blog'))
  expect(await systemd.must(['systemctl', 'is-active', UNIT])).toBe('active\n')
  expect(await haproxies(systemd)).toContain(await mainPid())
  await expectServed(lab, 'blog')
})

it('its processes are in the cgroup of the unit, the one that serves as a user without privileges', async () => {
  const main = await mainPid()
  const others = (await haproxies(systemd)).filter((pid) => pid !== main)
  expect(others).toHaveLength(1)
  for (const pid of [main, ...others])
    expect(await systemd.must(['cat', `/proc/${pid}/cgroup`])).toContain(`0::/system.slice/${UNIT}\n`)
  const status = await systemd.must(['cat', `/proc/${others[0]}/status`])
  expect(status).toMatch(/^Uid:(\t[1-9]\d*){4}$/m)
  expect(status).toMatch(/^Gid:(\t[1-9]\d*){4}$/m)
  expect(status).toMatch(/^CapEff:\t0+$/m)
})

it('a second pass finds nothing to do', async () => {
  const main = await mainPid()
  expect(await pass(systemd)).toContain('No changes')
  expect(await mainPid()).toBe(main)
})

it('a new backend reloads it, and cuts no connection', async () => {
  const main = await mainPid()
  const stream = await openWebStream(lab, 'internet', 'websocket', tls('blog.example.org'))
  await pass(systemd, sitesYaml(lab, 'blog', 'shop'))
  expect(await mainPid()).toBe(main)
  await expectServed(lab, 'blog', 'shop')
  expect(await stream.probe()).toBe('alive')
})

it('systemctl reload is a reload', async () => {
  const main = await mainPid()
  const stream = await openWebStream(lab, 'internet', 'websocket', web('blog.example.org'))
  await systemd.must(['systemctl', 'reload', UNIT])
  await expectServed(lab, 'blog', 'shop')
  expect(await mainPid()).toBe(main)
  expect(await stream.probe()).toBe('alive')
  expect(await pass(systemd)).toContain('No changes')
})

it('systemd brings it back when it was killed', async () => {
  const main = await mainPid()
  await systemd.must(['kill', '-KILL', main])
  const isBack = async () => (await whoAnswers(lab, web('blog.example.org'))) === 'blog'
  expect(await eventually(async () => (await systemd.properties())['MainPID'] !== main)).toBe(true)
  expect(await eventually(isBack)).toBe(true)
  await expectServed(lab, 'blog', 'shop')
  expect(await pass(systemd)).toContain('No changes')
})

it('a pass brings it back when it was killed or stopped, at once', async () => {
  for (const argv of [
    ['systemctl', 'kill', '--signal=KILL', UNIT],
    ['systemctl', 'stop', UNIT],
  ]) {
    await systemd.must(argv)
    await pass(systemd)
    await expectServed(lab, 'blog', 'shop')
  }
  expect((await systemd.properties())['ActiveState']).toBe('active')
})

it('starts without slash64 after a boot, which empties the run directory', async () => {
  await systemd.must(['systemctl', 'stop', UNIT])
  await systemd.must(['rm', '-r', '/run/slash64'])
  await systemd.must(['systemctl', 'enable', UNIT])
  await systemd.must(['systemctl', 'start', 'multi-user.target'])
  expect(await eventually(async () => (await systemd.properties())['ActiveState'] === 'active')).toBe(true)
  await expectServed(lab, 'blog', 'shop')
  expect(await pass(systemd)).toContain('No changes')
})
