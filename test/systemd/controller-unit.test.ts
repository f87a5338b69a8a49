import { afterAll, beforeAll, expect, it } from 'vitest'
import { IPV6, networkYaml } from '../e2e/fixtures.ts'
import { containersOf, createSites, expectServed, route } from '../e2e/proxy-fixtures.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { bootSystemd, UNIT, type Systemd } from './boot.ts'
import { CONTROLLER, FILE, installController, mainPid, properties } from './controller-fixtures.ts'
import { complaint, startController, successor, writeFile } from './controller-fixtures.ts'
import { PLACES } from './unit-fixtures.ts'

let lab: Lab
let systemd: Systemd

beforeAll(async () => {
  lab = await createSites(...PLACES)
  systemd = await bootSystemd(lab)
  await installController(systemd, lab, yaml())
})
afterAll(async () => {
  await systemd?.end()
  await lab?.destroy()
})

function yaml(...late: readonly string[]): string {
  const others = late.map((name, index) => [
    name,
    { runtime: { type: 'netns', name } as const, ipv6: `::1:${index + 9}`, ipv4: `10.64.0.${index + 9}` },
  ])
  return networkYaml({
    containers: { ...containersOf(lab, ...PLACES), ...Object.fromEntries(others) },
    routes: PLACES.map((place) => route(place)),
  })
}

async function metric(series: string): Promise<number> {
  const text = await systemd.must(['curl', '-sS', 'http://127.0.0.1:9464/metrics'])
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? Number.NaN)
}

it('is ready once it has looked, says in what state it is, and builds everything', async () => {
  await startController(systemd)
  expect(await properties(systemd)).toMatchObject({ ActiveState: 'active', SubState: 'running' })
  const isConverged = async () =>
    (await properties(systemd))['StatusText'] === 'converged; 2 of 2 containers present'
  expect(await complaint(systemd, isConverged)).toBe('')
  await expectServed(lab, 'blog', 'shop')
  expect((await properties(systemd, UNIT))['ActiveState']).toBe('active')
})

it('heals in its sandbox what others break, at once', async () => {
  await systemd.must(['nft', 'flush', 'ruleset'])
  const isBack = async () =>
    (await systemd.run(['nft', 'list', 'table', 'inet', 'slash64'])).stdout.includes('exposed6')
  expect(await eventually(isBack)).toBe(true)
})

it('reaches a container that came after it', async () => {
  await writeFile(systemd, FILE, yaml('late'))
  await systemd.must(['ip', 'netns', 'add', 'late'])
  const isWired = async () =>
    (await systemd.run(['ip', '-n', 'late', 'address'])).stdout.includes('10.64.0.9/24')
  await systemd.must(['systemctl', 'reload', CONTROLLER])
  expect(await complaint(systemd, isWired)).toBe('')
})

it('a reload is a pass over everything, by the same process', async () => {
  const pid = await mainPid(systemd)
  const passes = async () =>
    (await metric('slash64_reconcile_total{trigger="signal",result="noop"}')) +
    (await metric('slash64_reconcile_total{trigger="signal",result="success"}'))
  const before = await passes()
  await systemd.must(['systemctl', 'reload', CONTROLLER])
  expect(await eventually(async () => (await passes()) > before)).toBe(true)
  expect(await mainPid(systemd)).toBe(pid)
})

it.each(['KILL', 'TERM', 'SEGV'])('ended by %s it is back within two seconds', async (signal) => {
  const pid = await mainPid(systemd)
  await systemd.must(['kill', `-${signal}`, pid])
  expect(await successor(systemd, pid)).toBeLessThan(2)
  await expectServed(lab, 'blog')
  expect(await properties(systemd, 'slash64.path')).toMatchObject({ ActiveState: 'active' })
})

it('leaves no process behind when it is killed', async () => {
  const pid = await mainPid(systemd)
  const monitors = async (): Promise<readonly string[]> => {
    const { stdout } = await systemd.run(['pgrep', '--full', '(nft|ip) .*monitor'])
    return stdout.split('\n').filter((line) => line !== '')
  }
  const before = await monitors()
  expect(before).toHaveLength(3)
  await systemd.must(['kill', '-KILL', pid])
  await successor(systemd, pid)
  expect(await eventually(async () => (await monitors()).length === before.length)).toBe(true)
  expect((await monitors()).filter((one) => before.includes(one))).toEqual([])
})

it('stopped, it ends well, and the data path stays', async () => {
  await systemd.must(['systemctl', 'stop', CONTROLLER])
  expect(await properties(systemd)).toMatchObject({
    ActiveState: 'inactive',
    Result: 'success',
    ExecMainStatus: '0',
  })
  expect((await properties(systemd, UNIT))['ActiveState']).toBe('active')
  await expectServed(lab, 'blog', 'shop')
  expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
})
