import { spawn } from 'node:child_process'
import type { Argv } from '../engine/types.ts'
import { classify } from './classify.ts'
import type { FailedCommand } from './classify.ts'
import { descriptorFault } from './descriptors.ts'
import { SystemError } from './errors.ts'
import { boundToUs } from './follow.ts'
import { findProgram, USUAL_PATH } from './processes.ts'

/**
 * Node has no flock(2): the program of that name (util-linux) locks the file that is its standard input. The lock belongs to the open
 * file description, so it stays with our descriptor when the program has ended. Resolves to false when somebody else has it, and
 * does not let go within `wait` milliseconds, or before `stop`.
 */
export async function flock(
  descriptor: number,
  {
    path,
    wait,
    stop,
  }: { readonly path: string; readonly wait: number; readonly stop?: AbortSignal | undefined },
): Promise<boolean> {
  const how = wait > 0 ? ['-w', (wait / 1000).toFixed(3)] : ['-n']
  const argv: Argv = ['flock', ...how, '0']
  const fault = descriptorFault()
  if (fault !== undefined) throw new SystemError(classify(argv, { stderr: fault.message }, path))
  const program = findProgram('flock', path) ?? findProgram('flock', USUAL_PATH)
  if (program === undefined) throw new SystemError(classify(argv, { code: 'ENOENT' }, path))
  // It would wait on after our end.
  const [command, ...args] = boundToUs([program, ...how, '0'], path)
  const end = await ended(command, args, { descriptor, path, stop })
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
