import { execa } from 'execa'
import type { Argv } from '../engine/types.ts'
import { classify } from './classify.ts'
import { descriptorFault } from './descriptors.ts'
import { SystemError } from './errors.ts'
import { endGroup } from './processes.ts'

export interface ExecuteOptions {
  /** Where programs are looked up. */
  readonly path: string
  /** Milliseconds until the program is killed, with all that it started. */
  readonly deadline: number
  readonly input?: string | undefined
  /** The command as people are told of it. */
  readonly told?: Argv
  /** Exit codes beside 0 that are no failure. */
  readonly answers?: readonly number[] | undefined
  /** Beside PATH and LC_ALL=C, which are all of its environment otherwise. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Output {
  readonly exitCode?: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** 10,000 elements are 2 MB of JSON; this is room for the largest hosts. */
const OUTPUT_LIMIT = 512 * 1024 * 1024
/** How long a killed program may take to be gone; one that waits for a dead disk never is. */
const GRACE = 1_000

/** Runs one program to its end, without a shell; rejects with a `SystemError` when it fails or the deadline passes. */
export async function execute(argv: Argv, options: ExecuteOptions): Promise<Output> {
  const { path, deadline, input = '', answers = [], environment = {} } = options
  const [command, ...args] = argv
  const fault = descriptorFault()
  if (fault !== undefined) throw new SystemError(classify(argv, { stderr: fault.message }, path))
  const child = execa(command, args, {
    input,
    reject: false,
    // A group of its own: the deadline ends what the program started too, and a Ctrl-C at the terminal ends only us.
    detached: true,
    maxBuffer: OUTPUT_LIMIT,
    stripFinalNewline: false,
    cwd: '/',
    extendEnv: false,
    env: { PATH: path, LC_ALL: 'C', ...environment },
  })
  let [timedOut, grace]: [boolean, NodeJS.Timeout | undefined] = [false, undefined]
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      timedOut = true
      endGroup(child.pid)
      // What left the group, as a daemon does, may hold the pipes as long as it likes.
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy()
      grace = setTimeout(() => resolve(undefined), GRACE)
    }, deadline)
  })
  const result = await Promise.race([child, over])
  clearTimeout(timer)
  clearTimeout(grace)
  const isAnswer = result?.exitCode !== undefined && [0, ...answers].includes(result.exitCode)
  if (result !== undefined && isAnswer && !timedOut) return result
  // A program that is not there is named itself, and not what was to enter a namespace for it.
  const told = result?.code === 'ENOENT' ? argv : (options.told ?? argv)
  throw new SystemError(classify(told, { ...result, timedOut }, path))
}
