import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { evidenceOf, tasksOf } from '../../src/system/process-group.ts'

/**
 * So many milliseconds a test waits at most for what must come. No test measures by it: on a machine that does many other
 * things a second's work takes ten.
 */
export const PATIENCE = 60_000

/** How a command ended. `exitCode` is 128 + the signal's number if a signal ended it, and 124 at the deadline. */
export interface Result {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export interface RunOptions {
  /** Milliseconds; `PATIENCE` unless told. */
  readonly timeout?: number
  readonly input?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

/** Milliseconds for a command that was killed to close its pipes: what it started may hold them for ever. */
const GRACE = 1_000

/**
 * Runs one command without a shell and resolves however it ends; rejects only if it cannot be started. What hung at the deadline is
 * printed, and stands in `stderr`, with what it waited for.
 */
export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [command = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: 'pipe',
    })
    let [stdout, stderr, late] = ['', '', false]
    const timeout = options.timeout ?? PATIENCE
    const timer = setTimeout(() => {
      late = true
      void giveUp(child, argv, timeout).then(async (seen) => {
        stderr += seen
        await sleep(GRACE)
        resolve({ stdout, stderr, exitCode: 124 })
      })
    }, timeout)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    // A command that ends before it has read its input is no error of ours.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ stdout, stderr, exitCode: late ? 124 : (code ?? 137) })
    })
  })
}

/** Prints what hangs, and kills it with what it started, as far as that has stayed its own. */
async function giveUp(
  child: ChildProcessWithoutNullStreams,
  argv: readonly string[],
  timeout: number,
): Promise<string> {
  const pid = child.pid ?? 0
  const { lines } = await evidenceOf(pid)
  const pids = new Set([pid, ...tasksOf(pid).map((task) => task.pid)])
  for (const one of pids) kill(one)
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy()
  const seen = lines.length === 0 ? ['it has ended: what it started holds its pipes'] : lines
  const text = `\ngiven up after ${timeout} ms: ${argv.join(' ')}\n${seen.map((line) => `  ${line}\n`).join('')}`
  process.stderr.write(text)
  return text
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** The same, but a failure is an error that says everything: for what the lab itself must be able to do. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await runCommand(argv, options)
  if (result.exitCode === 0) return result.stdout
  throw new Error(
    `${argv.join(' ')} ended with ${result.exitCode}: ${result.stderr.trim()}\n${options.input ?? ''}`,
  )
}

/** argv that runs in the named network namespace, in our mount namespace (`ip netns exec` would remount /sys). */
export function inNamespace(namespace: string, argv: readonly string[]): readonly string[] {
  return ['nsenter', `--net=/run/netns/${namespace}`, ...argv]
}

/** Resolves after so many milliseconds. */
export async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

/** Calls `check` every 20 ms until it is true; false when it is not within `PATIENCE`, or what a host of hundreds may take. */
export async function eventually(
  check: () => Promise<boolean> | boolean,
  patience: number = PATIENCE,
): Promise<boolean> {
  const end = Date.now() + patience
  while (Date.now() < end) {
    if (await check()) return true
    await sleep(20)
  }
  return false
}
