import { afterAll, beforeAll, expect, it } from 'vitest'
import { container, networkYaml } from '../e2e/fixtures.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { bootSystemd, type Systemd } from './boot.ts'
import { CONTROLLER, dropIn, FILE, installController, mainPid, program } from './controller-fixtures.ts'
import { complaint, properties, said, startController, successor, writeFile } from './controller-fixtures.ts'

let lab: Lab
let systemd: Systemd

beforeAll(async () => {
  lab = await createLab({ containers: ['blog'] })
  systemd = await bootSystemd(lab)
  await installController(systemd, lab, yaml())
})
afterAll(async () => {
  await systemd?.end()
  await lab?.destroy()
})

function yaml(): string {
  return networkYaml({ containers: { blog: container(lab, 'blog', 2) } })
}

async function isActive(): Promise<boolean> {
  return (await properties(systemd))['ActiveState'] === 'active'
}

/** The unit ends by itself with this code, and stays down. */
async function expectGivenUp(code: number): Promise<void> {
  const hasFailed = async () => (await properties(systemd))['ActiveState'] === 'failed'
  expect(await complaint(systemd, hasFailed)).toBe('')
  const { NRestarts } = await properties(systemd)
  await sleep(1_500)
  expect(await properties(systemd)).toMatchObject({
    ActiveState: 'failed',
    ExecMainStatus: String(code),
    NRestarts,
  })
}

it('a file that is wrong is not tried again and again', async () => {
  await writeFile(systemd, FILE, yaml().replace('"containers"', '"contaners"'))
  expect((await systemd.run(['systemctl', 'start', CONTROLLER])).exitCode).toBe(1)
  await expectGivenUp(78)
  expect(await said(systemd)).toMatch(/network\.yaml:\d+:\d+: error\[S64-C\d+\].*contaners/)
})

it('another change that does not help starts it, and it gives up again', async () => {
  const before = (await properties(systemd))['ExecMainExitTimestampMonotonic']
  await writeFile(systemd, FILE, 'nothing\n')
  const hasTried = async () => (await properties(systemd))['ExecMainExitTimestampMonotonic'] !== before
  expect(await eventually(hasTried)).toBe(true)
  await expectGivenUp(78)
})

it.each(['renamed into place', 'written in place'])(
  'a file that is put right, %s, starts it',
  async (how) => {
    if (how === 'written in place') {
      await systemd.must(['systemctl', 'stop', CONTROLLER])
      await systemd.must(['rm', '-rf', '/var/lib/slash64'])
      await writeFile(systemd, FILE, 'nothing\n')
      await systemd.run(['systemctl', 'start', CONTROLLER])
      await expectGivenUp(78)
      await systemd.must(['tee', FILE], { input: yaml() })
    } else await writeFile(systemd, FILE, yaml())
    expect(await complaint(systemd, isActive)).toBe('')
  },
)

it('who stops it wants no change of the file to start it', async () => {
  await systemd.must(['systemctl', 'stop', CONTROLLER])
  await systemd.must(['touch', FILE])
  await writeFile(systemd, FILE, yaml())
  await sleep(1_000)
  expect(await properties(systemd)).toMatchObject({ ActiveState: 'inactive' })
  expect(await properties(systemd, 'slash64.path')).toMatchObject({ ActiveState: 'inactive' })
})

it('a controller that hangs is ended and started again', async () => {
  await dropIn(systemd, 'watchdog', '[Service]\nWatchdogSec=3\n')
  await startController(systemd)
  const pid = await mainPid(systemd)
  await sleep(4_000)
  expect(await mainPid(systemd)).toBe(pid)
  await systemd.must(['kill', '-STOP', pid])
  expect(await successor(systemd, pid)).toBeLessThan(2)
})

it('wrong words in the unit are not tried again and again', async () => {
  await systemd.must(['systemctl', 'stop', CONTROLLER])
  const line = [...program(), 'reconcile', '--nonsense'].join(' ')
  await dropIn(systemd, 'words', `[Service]\nExecStart=\nExecStart=${line}\n`)
  expect((await systemd.run(['systemctl', 'start', CONTROLLER])).exitCode).toBe(1)
  await expectGivenUp(64)
})
