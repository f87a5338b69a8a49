import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findHaproxies } from '../lab/haproxies.ts'
import type { Lab } from '../lab/lab.ts'
import { eventually, inNamespace, mustRun, runCommand, type Result } from '../lab/process.ts'
import { NO_INTERVAL } from './controller-edits.ts'
import { childrenOf, converged, startController, type RunningController } from './controller-fixtures.ts'
import { expectClearMessage, expectExit, reconcile } from './fixtures.ts'
import { createSites, route, routesYaml } from './proxy-fixtures.ts'

const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] as const
const KERNEL = '/proc/sys/net/ipv4/tcp_fastopen_key'
const WAIT = 60_000
let lab: Lab
let yaml = ''
let file = ''
let controllers: RunningController[] = []

beforeAll(async () => {
  lab = await createSites('blog', 'shop')
  yaml = routesYaml(lab, ['blog', 'shop'], [route('blog')])
  file = `/run/slash64/lock-${statSync(`/run/netns/${lab.namespace('host')}`).ino}`
  await reconcile(lab, yaml)
})
afterEach(async () => {
  for (const controller of controllers.splice(0)) {
    controller.signal('SIGCONT')
    await controller.stop()
  }
})
afterAll(async () => lab?.destroy())

function start(...args: readonly string[]): RunningController {
  const controller = startController(lab, yaml, { args: [...NO_INTERVAL, '--listen', 'off', ...args] })
  controllers.push(controller)
  return controller
}

async function atWork(): Promise<RunningController> {
  const controller = startController(lab, yaml, { args: NO_INTERVAL })
  controllers.push(controller)
  await converged(controller)
  return controller
}

async function once(...args: readonly string[]): Promise<Result> {
  return lab.slash64(['reconcile', '--once', ...args], { timeout: WAIT })
}

const BUSY = /another instance is at work on this host: slash64 reconcile, process \d+/

/** What its descriptors lead to. */
function openFiles(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

function hasLock(pid: number): boolean {
  return openFiles(pid).some((path) => path === file || path === KERNEL)
}

/** Whether a program waits for the lock in the lab's host. */
async function isAwaited(): Promise<boolean> {
  return eventually(
    () =>
      readdirSync('/proc').some((pid) => {
        try {
          const isFlock = readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'flock'
          return isFlock && hasLock(Number(pid))
        } catch {
          return false
        }
      }),
    WAIT,
  )
}

describe('one instance in a network namespace', () => {
  it('is told to the others, whatever their run directory is', async () => {
    const controller = await atWork()
    expect(readFileSync(file, 'utf8')).toBe(`slash64 reconcile, process ${controller.pid}\n`)
    expectClearMessage(await once(), 4, BUSY)
    const elsewhere = await lab.slash64(['teardown', '--yes', '--run-dir', join(lab.directory, 'other')])
    // The option stands twice, and the last one counts.
    expectClearMessage(elsewhere, 4, BUSY)
    expect(await start('--run-dir', join(lab.directory, 'other')).exit).toBe(4)
  })

  it('is found also where the file is in no reach, or was removed', async () => {
    await atWork()
    const hidden = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs -o ro,mode=700 slash64-test /run/slash64 && exec "$@"',
      'sh',
    ]
    expectClearMessage(await lab.slash64(['reconcile', '--once'], { wrap: hidden }), 4, /another instance/)
    rmSync(file)
    expectClearMessage(await once(), 4, /another instance is at work on this host: another process/)
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
    expectExit(await lab.slash64(['reconcile', '--once'], { wrap }), 0)
    expectExit(await lab.slash64(['reconcile', '--once'], { wrap: sealed }), 0)
  })

  it('keeps no instance of another namespace from working', async () => {
    await atWork()
    const router = await lab.slash64(['teardown', '--yes'], { place: 'router' })
    expectExit(router, 0)
  })

  it('is over at once when it is killed', async () => {
    const controller = await atWork()
    controller.signal('SIGKILL')
    await controller.exit
    expectExit(await once(), 0)
  })

  it('hands the lock on to no program that it starts', async () => {
    const controller = await atWork()
    expect(hasLock(controller.pid)).toBe(true)
    const children = childrenOf(controller.pid)
    expect(children.length).toBeGreaterThanOrEqual(2)
    const proxies = findHaproxies(lab.directory).map(({ pid }) => pid)
    expect(proxies.length).toBeGreaterThanOrEqual(1)
    expect([...children, ...proxies].filter(hasLock)).toEqual([])
  })
})

describe('an ordinary user', () => {
  it.each([() => file, () => KERNEL])('cannot take it: no way to open the file (%#)', async (path) => {
    const script = `exec 3<${path()} && flock -n 3`
    const taken = await lab.run('host', [...NOBODY, 'sh', '-c', script])
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
      const refused = await lab.run('host', [...NOBODY, ...words], { timeout: WAIT })
      expectClearMessage(refused, 1, /S64-H002.*only root can take it/)
    } finally {
      rmSync(open, { recursive: true })
    }
    expectExit(await once(), 0)
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

describe('--lock-timeout', () => {
  it('waits until the other one has ended', async () => {
    const controller = await atWork()
    const [pass, removal] = [once('--lock-timeout', '10m'), isAwaited()]
    expect(await removal).toBe(true)
    expect(await controller.stop()).toBe(0)
    expectExit(await pass, 0)
  })

  it('gives up after that time, as without it', async () => {
    await atWork()
    expectClearMessage(await once('--lock-timeout', '300ms'), 4, BUSY)
    expectClearMessage(await lab.slash64(['teardown', '--yes', '--lock-timeout', '300ms']), 4, BUSY)
    expectExit(await once('--lock-timeout', '3 s'), 64)
  })

  it('lets one controller follow on another that is killed', async () => {
    const first = await atWork()
    const second = start('--lock-timeout', '10m')
    expect(await isAwaited()).toBe(true)
    first.signal('SIGKILL')
    await second.says(/converged|is valid and in use/, WAIT)
    expect(readFileSync(file, 'utf8')).toBe(`slash64 reconcile, process ${second.pid}\n`)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends the wait by %s, and what waits for us', async (signal) => {
    await atWork()
    const words = [
      'reconcile',
      '--once',
      '--lock-timeout',
      '10m',
      '--file',
      join(lab.directory, 'network.yaml'),
    ]
    const argv = inNamespace(lab.namespace('host'), [
      process.execPath,
      'dist/slash64.cjs',
      ...words,
      '--state-dir',
      join(lab.directory, 'state'),
      '--run-dir',
      join(lab.directory, 'run'),
    ])
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: 'ignore' })
    const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
    expect(await isAwaited()).toBe(true)
    child.kill(signal)
    expect(await ended).toBe(signal === 'SIGINT' ? 130 : 143)
    const second = start('--lock-timeout', '10m')
    expect(await isAwaited()).toBe(true)
    second.signal('SIGHUP')
    second.signal(signal)
    expect(await second.exit).toBe(0)
    const left = await mustRun(['ps', '-e', '-o', 'args='])
    expect(left.split('\n').filter((line) => /flock -w (5|6)\d\d\./.test(line))).toEqual([])
  })
})
