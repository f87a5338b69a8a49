import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findHaproxies } from '../lab/haproxies.ts'
import { runCommand } from '../lab/process.ts'
import { childrenOf } from './controller-fixtures.ts'
import { expectClearMessage } from './fixtures.ts'
import { KERNEL, lockScene, WAIT, type LockScene } from './lock-scene.ts'

const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] as const

let scene: LockScene
beforeAll(async () => {
  scene = await lockScene()
})
afterEach(async () => scene.rest())
afterAll(async () => scene?.lab.destroy())

const BUSY = /another instance is at work on this host: slash64 reconcile, process \d+/

describe('one instance in a network namespace', () => {
  it('is told to the others, whatever their run directory is', async () => {
    const controller = await scene.atWork()
    expect(readFileSync(scene.file, 'utf8')).toBe(`slash64 reconcile, process ${controller.pid}\n`)
    expectClearMessage(await scene.once(), 4, BUSY)
    const elsewhere = await scene.lab.slash64([
      'teardown',
      '--yes',
      '--run-dir',
      join(scene.lab.directory, 'other'),
    ])
    // The option stands twice, and the last one counts.
    expectClearMessage(elsewhere, 4, BUSY)
    expect(await scene.start('--run-dir', join(scene.lab.directory, 'other')).exit).toBe(4)
  })

  it('is found also where the file is in no reach, or was removed', async () => {
    await scene.atWork()
    const hidden = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs -o ro,mode=700 slash64-test /run/slash64 && exec "$@"',
      'sh',
    ]
    expectClearMessage(
      await scene.lab.slash64(['reconcile', '--once'], { wrap: hidden }),
      4,
      /another instance/,
    )
    expect(readFileSync(scene.file, 'utf8')).toMatch(/^slash64 reconcile/)
    rmSync(scene.file)
    expectClearMessage(await scene.once(), 4, /another instance is at work on this host: another process/)
  })

  it('works where no file can be made', async () => {
    const wrap = ['unshare', '--mount', 'sh', '-c', 'mount -o remount,bind,ro /run && exec "$@"', 'sh']
    const sealed = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs -o ro,mode=700 slash64-test /run/slash64 && exec "$@"',
      'sh',
    ]
    expect(await scene.lab.slash64(['reconcile', '--once'], { wrap })).toMatchObject({ exitCode: 0 })
    expect(await scene.lab.slash64(['reconcile', '--once'], { wrap: sealed })).toMatchObject({ exitCode: 0 })
  })

  it('keeps no instance of another namespace from working', async () => {
    await scene.atWork()
    const router = await scene.lab.slash64(['teardown', '--yes'], { place: 'router' })
    expect(router).toMatchObject({ exitCode: 0 })
  })

  it('is over at once when it is killed', async () => {
    const controller = await scene.atWork()
    controller.signal('SIGKILL')
    await controller.exit
    expect(await scene.once()).toMatchObject({ exitCode: 0 })
  })

  it('hands the lock on to no program that it starts', async () => {
    const controller = await scene.atWork()
    expect(scene.hasLock(controller.pid)).toBe(true)
    const children = childrenOf(controller.pid)
    expect(children.length).toBeGreaterThanOrEqual(2)
    const proxies = findHaproxies(scene.lab.directory).map(({ pid }) => pid)
    expect(proxies.length).toBeGreaterThanOrEqual(1)
    expect([...children, ...proxies].filter(scene.hasLock)).toEqual([])
  })
})

describe('an ordinary user', () => {
  it.each([() => scene.file, () => KERNEL])('cannot take it: no way to open the file (%#)', async (path) => {
    const script = `exec 3<${path()} && flock -n 3`
    const taken = await scene.lab.run('host', [...NOBODY, 'sh', '-c', script])
    expect(taken.exitCode).not.toBe(0)
    expect(taken.stderr).toMatch(/Permission denied/)
  })

  it('is told that only root can, and keeps nobody from it', async () => {
    const open = mkdtempSync(join(tmpdir(), 'slash64-nobody-'))
    try {
      chmodSync(open, 0o777)
      cpSync(join(process.cwd(), 'dist/slash64.cjs'), join(open, 'slash64.cjs'))
      const words = [
        process.execPath,
        join(open, 'slash64.cjs'),
        'teardown',
        '--yes',
        '--state-dir',
        open,
        '--run-dir',
        open,
      ]
      const refused = await scene.lab.run('host', [...NOBODY, ...words], { timeout: WAIT })
      expectClearMessage(refused, 1, /S64-H002.*only root can take it/)
    } finally {
      rmSync(open, { recursive: true })
    }
    expect(await scene.once()).toMatchObject({ exitCode: 0 })
  })

  it('is root in a user namespace of his, and takes the lock there', async () => {
    const open = mkdtempSync(join(tmpdir(), 'slash64-nobody-'))
    try {
      chmodSync(open, 0o777)
      for (const from of ['dist/slash64.cjs', '.ci/enter'])
        cpSync(join(process.cwd(), from), join(open, from.slice(from.indexOf('/') + 1)))
      const program = `${process.execPath} ${open}/slash64.cjs teardown --yes --state-dir ${open} --run-dir ${open}`
      const script = `${program} && ls -l /run/slash64 && flock -n /run/slash64/lock-* ${program}; echo exit $?`
      const inside = await runCommand([...NOBODY, 'sh', `${open}/enter`, 'sh', '-c', script], {
        timeout: WAIT,
        cwd: '/',
      })
      expect(inside.stdout).toMatch(/-rw------- .* lock-\d+\n/)
      expect(inside.stdout).toMatch(/exit 4\n$/)
      expect(inside.stderr).toMatch(/another instance is at work/)
    } finally {
      rmSync(open, { recursive: true })
    }
  })
})
