import { afterAll, beforeAll, expect, it } from 'vitest'
import { unitFiles } from '../../src/report/units/index.ts'
import { UNIT_DEFAULTS } from '../../src/report/units/options.ts'
import { expectClearMessage, expectExit } from '../e2e/fixtures.ts'
import { createSites, expectServed } from '../e2e/proxy-fixtures.ts'
import type { Lab } from '../lab/lab.ts'
import { bootSystemd, type Systemd } from './boot.ts'
import { asOneshot, CONTROLLER, FILE, installController, LOG, program } from './controller-fixtures.ts'
import { haproxies, PLACES, sitesYaml } from './unit-fixtures.ts'

const UNITS = [CONTROLLER, 'slash64.path', 'slash64-proxy.service']
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

it('a program that the unit could not see is refused', async () => {
  const result = await systemd.program(['install'])
  expectClearMessage(result, 1, /S64-U001.*program .*slash64\.cjs.*\/tmp.*PrivateTmp/s)
  expect((await systemd.run(['stat', '/etc/systemd/system/slash64.service'])).exitCode).toBe(1)
})

it('what it writes is loaded at once, and starts nothing', async () => {
  await installController(systemd, lab, sitesYaml(lab, 'blog'))
  const shown = await systemd.must(['systemctl', 'show', '--property=LoadState,ActiveState', ...UNITS])
  expect(shown.trim().split('\n\n')).toEqual(UNITS.map(() => 'LoadState=loaded\nActiveState=inactive'))
})

it('a second time nothing changes', async () => {
  const result = await systemd.run([...program(), 'install'])
  expectExit(result, 0)
  expect(result.stdout).toBe('No changes: the units in /etc/systemd/system are as they should be.\n')
})

it('is enabled as it says', async () => {
  await systemd.must(['systemctl', 'enable', CONTROLLER])
  const wants = await systemd.must(['systemctl', 'show', '--property=Wants', 'multi-user.target'])
  expect(wants).toContain(CONTROLLER)
  await systemd.must(['systemctl', 'disable', CONTROLLER])
})

it('every word arrives as it was given', async () => {
  const script = '/var/lib/program/words "of\\ $HOME %n \'.sh'
  await systemd.must(['tee', script], { input: `printf '%s\\n' "$@"\n` })
  const file = '/etc/slash64/a b;c ; $PATH ${HOME} %H %% "x" \'y\' \\n \\x41 é.yaml'
  const options = { ...UNIT_DEFAULTS, file, listen: '[::1]:9464', interval: '5m' }
  const [unit] = unitFiles({ ...options, program: ['/bin/sh', script] })
  await systemd.must(['tee', `/etc/systemd/system/${CONTROLLER}`], { input: unit?.text ?? '' })
  await systemd.must(['truncate', '--size=0', LOG])
  await asOneshot(systemd)
  await systemd.must(['systemctl', 'start', CONTROLLER])
  const words = (await systemd.must(['cat', LOG])).trimEnd().split('\n')
  expect(words).toEqual(['reconcile', '--file', file, '--interval', '5m', '--listen', '[::1]:9464'])
  const path = await systemd.must(['systemctl', 'show', '--property=Description', 'slash64.service'])
  expect(path).toContain(file)
})

it('other places: a pass works in them, and so does the proxy', async () => {
  const places = ['--state-dir', '/var/other/the state 5%', '--run-dir', '/var/other/run']
  expectExit(await systemd.run([...program(), 'install', ...places]), 0)
  const [node = '', bundle = ''] = program()
  const once = `ExecStart=${node} ${bundle} reconcile --once --file ${FILE}`
  await asOneshot(systemd, `${once} --state-dir "/var/other/the state 5%%" --run-dir /var/other/run`)
  const { exitCode } = await systemd.run(['systemctl', 'start', CONTROLLER])
  if (exitCode !== 0) throw new Error(await systemd.must(['cat', LOG]))
  await expectServed(lab, 'blog')
  expect(await haproxies(systemd)).toHaveLength(2)
  expect(await systemd.must(['ls', '/var/other/the state 5%'])).toContain('applied')
  for (const usual of ['/var/lib/slash64/proxy', '/run/slash64/proxy'])
    expect((await systemd.run(['stat', usual])).exitCode).toBe(1)
})
