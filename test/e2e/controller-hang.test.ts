import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { edits, NO_INTERVAL, type Edits } from './controller-edits.ts'
import {
  childrenOf,
  converged,
  fileOf,
  startController,
  type RunningController,
} from './controller-fixtures.ts'
import { isAlive, slowed, unslowed } from './controller-wrappers.ts'

let lab: Lab
let edit: Edits
let controller: RunningController

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
})

afterEach(async () => {
  controller?.signal('SIGKILL')
  await controller?.exit
  // To write to a pipe that was left there would wait for ever.
  rmSync(fileOf(lab), { force: true })
})

afterAll(async () => {
  await lab?.destroy()
})

describe('told to end while ip hangs', () => {
  it('waits for the one that runs, begins no other, and looks no second time', async () => {
    const log = join(lab.directory, 'ip.log')
    const env = slowed(lab, 'ip', `case "$*" in "-batch /"*) echo run >>'${log}'; exec sleep 600;; esac`)
    controller = startController(lab, edit.next(), { env, args: NO_INTERVAL })
    expect(await eventually(() => existsSync(log))).toBe(true)
    const children = childrenOf(controller.pid)
    // The one that runs has its deadline; another, or a look, would take as long again.
    expect(await controller.stop()).toBe(0)
    expect(readFileSync(log, 'utf8')).toBe('run\n')
    expect(children.filter(isAlive)).toEqual([])
    const failures = controller.lines().filter((line) => line.includes('S64-H005'))
    expect(failures).toEqual([expect.stringContaining('ip -batch: did not end in time')])
    expect(controller.lines().at(-1)).toMatch(/ended before all was done/)
    unslowed(lab, 'ip')
  })
})

describe('a named pipe where the file was', () => {
  it('is told, nothing waits for it, and the file that comes back is used', async () => {
    controller = startController(lab, edit.next(), { args: NO_INTERVAL })
    await converged(controller)
    const [file, pipe] = [fileOf(lab), `${fileOf(lab)}.pipe`]
    execFileSync('mkfifo', [pipe])
    renameSync(pipe, file)
    await controller.says(/is not a regular file/)
    expect(await controller.status()).toMatchObject({ errors: [{ code: 'S64-W001' }] })
    writeFileSync(`${file}.new`, edit.next())
    renameSync(`${file}.new`, file)
    const isUsed = async () => (await controller.status()).errors.length === 0
    expect(await eventually(isUsed)).toBe(true)
    expect(await controller.stop()).toBe(0)
  })
})

describe('a service manager that does not listen', () => {
  it('is told of once, and the host is kept as it should be', async () => {
    rmSync(join(lab.directory, 'bin', 'ip'), { force: true })
    const env = { NOTIFY_SOCKET: join(lab.directory, 'nobody'), WATCHDOG_USEC: '600000' }
    controller = startController(lab, edit.next(), { env, args: NO_INTERVAL })
    await converged(controller)
    await controller.says(/the service manager could not be told: systemd-notify /)
    await sleep(1_000)
    const told = controller.lines().filter((line) => line.includes('could not be told'))
    expect(told).toEqual([expect.stringMatching(/warning/i)])
    expect(await controller.stop()).toBe(0)
  })
})
