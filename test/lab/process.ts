import { spawn } from 'node:child_process'

/** How a command ended. `exitCode` is 128 + the signal's number if a signal ended it, and 124 at the deadline. */
export interface Result {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export interface RunOptions {
  /** Milliseconds; 10 s unless told. */
  readonly timeout?: number
  readonly input?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

/** Runs one command without a shell and resolves however it ends; rejects only if it cannot be started. */
export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [command = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: 'pipe',
    })
    let [stdout, stderr, late] = ['', '', false]
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, options.timeout ?? 10_000)
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

/** Calls `check` every 20 ms until it is true; false after the deadline (milliseconds). */
export async function eventually(
  check: () => Promise<boolean> | boolean,
  deadline = 3_000,
): Promise<boolean> {
  const end = Date.now() + deadline
  while (Date.now() < end) {
    if (await check()) return true
    await sleep(20)
  }
  return false
}
