import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab/lab.ts'
import { eventually, inNamespace } from '../lab/process.ts'
import { recordedOn } from './controller-record.ts'

const PROGRAM = join(process.cwd(), 'dist/slash64.cjs')
const running = new Set<() => void>()
process.on('exit', () => running.forEach((end) => end()))

/** A controller that runs on a lab's host. */
export interface RunningController {
  readonly pid: number
  /** All that it wrote. */
  readonly log: () => string
  readonly lines: () => readonly string[]
  readonly signal: (name: NodeJS.Signals) => void
  /** Its exit code; 128 and the signal's number when a signal ended it. */
  readonly exit: Promise<number>
  /** Waits until its log has a line that matches; an error with the whole log when there is none in time. */
  readonly says: (pattern: RegExp) => Promise<string>
  /** GET of a page, by its path. */
  readonly get: (path: string) => Promise<string>
  /** The value of one series, or undefined. */
  readonly metric: (series: string) => Promise<number | undefined>
  readonly status: () => Promise<StatusPage>
  /** How many passes have ended. */
  readonly passes: () => Promise<number>
  /** TERM, and waits for the end; resolves to the exit code. Safe to call twice. */
  readonly stop: () => Promise<number>
}

export interface StatusPage {
  readonly state: string
  readonly errors: readonly { readonly code: string; readonly message: string; readonly resource?: string }[]
  readonly changes: readonly { readonly kind: string; readonly key: string }[]
}

export interface ControllerStart {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What stands before the program, as `['setpriv', ...]`. */
  readonly wrap?: readonly string[]
}

/** The file that it watches. */
export function fileOf(lab: Lab): string {
  return join(lab.directory, 'network.yaml')
}

/**
 * Starts one; it ends with this process at the latest. It listens on 127.0.0.1:9464 of the lab's host. When a test of the
 * file fails, what it remembers is printed.
 */
export function startController(
  lab: Lab,
  yaml: string | undefined,
  start: ControllerStart = {},
): RunningController {
  if (yaml !== undefined) writeFileSync(fileOf(lab), yaml)
  mkdirSync(join(lab.directory, 'run'), { recursive: true })
  const places = ['--state-dir', join(lab.directory, 'state'), '--run-dir', join(lab.directory, 'run')]
  const words = [
    process.execPath,
    PROGRAM,
    'reconcile',
    '--file',
    fileOf(lab),
    ...places,
    ...(start.args ?? []),
  ]
  const [command = '', ...args] = inNamespace(lab.namespace('host'), [...(start.wrap ?? []), ...words])
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...start.env },
  })
  const end = (): void => void child.kill('SIGKILL')
  running.add(end)
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const exit = new Promise<number>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(end)
      resolve(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15))
    })
  })
  const { capture, captureAtOnce } = recordedOn({
    pid: () => child.pid ?? 0,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    runDirectory: join(lab.directory, 'run'),
    log: () => text,
    exit,
  })
  const get = async (path: string): Promise<string> =>
    lab.must('host', ['curl', '-sS', '--max-time', '30', `http://127.0.0.1:9464${path}`])
  return {
    pid: child.pid ?? 0,
    log: () => text,
    lines: () => text.split('\n').filter((line) => line !== ''),
    signal: (name) => {
      if (name === 'SIGKILL') captureAtOnce()
      child.kill(name)
    },
    exit,
    says: async (pattern) => {
      const found = (): string | undefined => text.split('\n').find((line) => pattern.test(line))
      if (await eventually(() => found() !== undefined)) return found() ?? ''
      throw new Error(`the controller did not say ${pattern}:\n${text}`)
    },
    get,
    metric: async (series) => valueOf(await get('/metrics'), series),
    status: async () => JSON.parse(await get('/api/v1/status')),
    passes: async () => sumOf(await get('/metrics'), 'slash64_reconcile_total'),
    stop: async () => {
      // It takes what it remembers along, and whether the test has failed is not known in a `finally`.
      await capture()
      child.kill('SIGTERM')
      return exit
    },
  }
}

/** Waits for the first pass, and that it left nothing to do. */
export async function converged(controller: RunningController, patience?: number): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const page = await controller.status().catch(() => undefined)
    return page?.state === 'converged'
  }
  if (!(await eventually(isThere, patience))) throw new Error(`it does not converge:\n${controller.log()}`)
}

export function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

export function sumOf(text: string, name: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** Numbers of the processes that this one started, and theirs. */
export function childrenOf(pid: number): readonly number[] {
  const tasks = `/proc/${pid}/task`
  const own = readdirSync(tasks).flatMap((task) =>
    (safely(() => readFileSync(`${tasks}/${task}/children`, 'utf8')) ?? '')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number),
  )
  return [...own, ...own.flatMap((child) => safely(() => childrenOf(child)) ?? [])]
}

/** The words of a process' command; none, if it has ended. */
export function argvOf(pid: number): readonly string[] {
  return safely(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')) ?? []
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
