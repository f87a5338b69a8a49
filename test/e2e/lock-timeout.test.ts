import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, inNamespace } from '../lab/process.ts'
import { expectClearMessage, expectExit } from './fixtures.ts'
import { lockScene, type LockScene } from './lock-scene.ts'

let scene: LockScene
beforeAll(async () => {
  scene = await lockScene()
})
afterEach(async () => scene.rest())
afterAll(async () => scene?.lab.destroy())

const BUSY = /another instance is at work on this host: slash64 reconcile, process \d+/

describe('--lock-timeout', () => {
  it('waits until the other one has ended', async () => {
    const controller = await scene.atWork()
    const [pass, removal] = [scene.once('--lock-timeout', '10m'), scene.isAwaited()]
    expect(await removal).toBe(true)
    expect(await controller.stop()).toBe(0)
    expectExit(await pass, 0)
  })

  it('gives up after that time, as without it', async () => {
    await scene.atWork()
    expectClearMessage(await scene.once('--lock-timeout', '300ms'), 4, BUSY)
    expectClearMessage(await scene.lab.slash64(['teardown', '--yes', '--lock-timeout', '300ms']), 4, BUSY)
    expect(await scene.once('--lock-timeout', '3 s')).toMatchObject({ exitCode: 64 })
  })

  it('lets one controller follow on another that is killed', async () => {
    const first = await scene.atWork()
    const second = scene.start('--lock-timeout', '10m')
    expect(await scene.isAwaited()).toBe(true)
    first.signal('SIGKILL')
    await second.says(/converged|is valid and in use/)
    expect(readFileSync(scene.file, 'utf8')).toBe(`slash64 reconcile, process ${second.pid}\n`)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends the wait by %s, and what waits for us', async (signal) => {
    await scene.atWork()
    const words = [
      'reconcile',
      '--once',
      '--lock-timeout',
      '10m',
      '--file',
      join(scene.lab.directory, 'network.yaml'),
    ]
    const argv = inNamespace(scene.lab.namespace('host'), [
      process.execPath,
      'dist/slash64.cjs',
      ...words,
      '--state-dir',
      join(scene.lab.directory, 'state'),
      '--run-dir',
      join(scene.lab.directory, 'run'),
    ])
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: 'ignore' })
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
    expect(await scene.isAwaited()).toBe(true)
    child.kill(signal)
    expect(await ended).toBe(signal === 'SIGINT' ? 130 : 143)
    const second = scene.start('--lock-timeout', '10m')
    expect(await scene.isAwaited()).toBe(true)
    second.signal('SIGHUP')
    second.signal(signal)
    expect(await second.exit).toBe(0)
    // What one that was killed leaves is over in a second.
    expect(await eventually(() => scene.waiters() === 0)).toBe(true)
  })
})
