import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import type { Lab } from '../lab/lab.ts'
import { eventually, type Result } from '../lab/process.ts'
import { NO_INTERVAL } from './controller-edits.ts'
import { converged, startController, type RunningController } from './controller-fixtures.ts'
import { reconcile } from './fixtures.ts'
import { createSites, route, routesYaml } from './proxy-fixtures.ts'

/** What is locked in each network namespace beside our own file. */
export const KERNEL = '/proc/sys/net/ipv4/tcp_fastopen_key'
/** Milliseconds that a busy machine may take for anything. */
export const WAIT = 60_000

/** A lab whose host converged once, and controllers on it. */
export interface LockScene {
  readonly lab: Lab
  /** The file that is locked. */
  readonly file: string
  /** A controller that nobody asks for its pages. */
  readonly start: (...args: readonly string[]) => RunningController
  /** A controller that has converged. */
  readonly atWork: () => Promise<RunningController>
  readonly once: (...args: readonly string[]) => Promise<Result>
  /** Whether the process has a file open that is locked. */
  readonly hasLock: (pid: number) => boolean
  /** Whether a program waits for the lock, in time. */
  readonly isAwaited: () => Promise<boolean>
  /** How many programs wait for it now. */
  readonly waiters: () => number
  /** Ends the controllers. */
  readonly rest: () => Promise<void>
}

export async function lockScene(): Promise<LockScene> {
  const lab = await createSites('blog', 'shop')
  const yaml = routesYaml(lab, ['blog', 'shop'], [route('blog')])
  await reconcile(lab, yaml)
  const file = `/run/slash64/lock-${statSync(`/run/netns/${lab.namespace('host')}`).ino}`
  const running: RunningController[] = []
  const started = (args: readonly string[]): RunningController => {
    const controller = startController(lab, yaml, { args: [...NO_INTERVAL, ...args] })
    running.push(controller)
    return controller
  }
  const hasLock = (pid: number): boolean => openFiles(pid).some((path) => path === file || path === KERNEL)
  return {
    lab,
    file,
    start: (...args) => started(['--listen', 'off', ...args]),
    atWork: async () => {
      const controller = started([])
      await converged(controller)
      return controller
    },
    once: async (...args) => lab.slash64(['reconcile', '--once', ...args], { timeout: WAIT }),
    hasLock,
    isAwaited: async () => eventually(() => flocks().some(hasLock), WAIT),
    waiters: () => flocks().filter(hasLock).length,
    rest: async () => {
      for (const controller of running.splice(0)) await controller.stop()
    },
  }
}

function flocks(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(
      (pid) => pid > 0 && (unlessGone(() => readFileSync(`/proc/${pid}/comm`, 'utf8')) ?? '') === 'flock\n',
    )
}

/** What its descriptors lead to. */
function openFiles(pid: number): readonly string[] {
  const descriptors = unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return descriptors.flatMap((fd) => unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [])
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
