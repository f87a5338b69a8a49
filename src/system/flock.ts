import { spawn } from 'node:child_process'
import type { Argv } from '../engine/types.ts'
import { classify } from './classify.ts'
import type { FailedCommand } from './classify.ts'
import { monotonic } from './clock.ts'
import { descriptorFault } from './descriptors.ts'
import { SystemError } from './errors.ts'
import { findProgram, USUAL_PATH } from './processes.ts'

/** Milliseconds for which one program waits: so long it may outlive us. It cannot be bound to us in every sandbox. */
const SLICE = 1_000

interface Waiting {
  /** Where programs are looked up. */
  readonly path: string
  readonly wait: number
  readonly stop?: AbortSignal | undefined
}

/**
 * Node has no flock(2): the program of that name (util-linux) locks the file that is its standard input. The lock belongs to the open
 * file description, so it stays with our descriptor when the program has ended. Resolves to false when somebody else has it, and
 * does not let go within `wait` milliseconds, or before `stop`.
 */
export async function flock(descriptor: number, { path, wait, stop }: Waiting): Promise<boolean> {
  const until = monotonic() + wait
  for (;;) {
    const left = until - monotonic()
    if (await tryOnce(descriptor, { path, wait: Math.min(left, SLICE), stop })) return true
    if (left <= SLICE || stop?.aborted === true) return false
  }
}

async function tryOnce(descriptor: number, { path, wait, stop }: Waiting): Promise<boolean> {
  const how = wait > 0 ? ['-w', (wait / 1000).toFixed(3)] : ['-n']
  const argv: Argv = ['flock', ...how, '0']
  const fault = descriptorFault()
  if (fault !== undefined) throw new SystemError(classify(argv, { stderr: fault.message }, path))
  const program = findProgram('flock', path) ?? findProgram('flock', USUAL_PATH)
  if (program === undefined) throw new SystemError(classify(argv, { code: 'ENOENT' }, path))
  const end = await ended(program, [...how, '0'], { descriptor, path, stop })
  if (end.exitCode === 0) return true
  if (end.exitCode === 1 || stop?.aborted === true) return false
  throw new SystemError(classify(argv, end, path))
}

/** Not by execa, which hands none but the first three descriptors on. */
async function ended(
  command: string,
  args: readonly string[],
  { descriptor, path, stop }: { descriptor: number; path: string; stop?: AbortSignal | undefined },
): Promise<FailedCommand> {
  const child = spawn(command, args, {
    stdio: [descriptor, 'ignore', 'pipe'],
    detached: true,
    cwd: '/',
    env: { PATH: path, LC_ALL: 'C' },
  })
  const give = (): void => void child.kill('SIGKILL')
  stop?.addEventListener('abort', give)
  if (stop?.aborted === true) give()
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  try {
    return await new Promise((resolve) => {
      child.once('error', ({ code }: NodeJS.ErrnoException) => resolve({ code }))
      child.once('close', (exitCode, signal) =>
        resolve({ stderr, exitCode: exitCode ?? undefined, signal: signal ?? undefined }),
      )
    })
  } finally {
    stop?.removeEventListener('abort', give)
  }
}
