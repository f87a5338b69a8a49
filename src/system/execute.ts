import { setPriority } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { execa } from 'execa'
import type { Argv } from '../engine/types.ts'
import { classify } from './classify.ts'
import { monotonic } from './clock.ts'
import { watchOver } from './deadline.ts'
import type { Deadline } from './deadline.ts'
import { descriptorFault } from './descriptors.ts'
import { SystemError } from './errors.ts'
import type { Evidence } from './process-group.ts'
import { endGroup } from './processes.ts'

export interface ExecuteOptions {
  /** Where programs are looked up. */
  readonly path: string
  /**
   * Milliseconds until the program is killed, with all that it started, if it makes no progress then. One that does is waited
   * for up to ten times as long (patience.ts).
   */
  readonly deadline: number
  /** What programs may take that do not say (30 s unless told): one that makes progress may take as long, too. */
  readonly usual?: number
  readonly input?: string | undefined
  /** Bytes that it may print; of more, it is ended. */
  readonly most?: number | undefined
  /** The command as people are told of it. */
  readonly told?: Argv
  /** Exit codes beside 0 that are no failure. */
  readonly answers?: readonly number[] | undefined
  /** Beside PATH and LC_ALL=C, which are all of its environment otherwise. */
  readonly environment?: Readonly<Record<string, string>>
  /** There are many of it: it goes behind what is not so, also for a processor. */
  readonly yields?: boolean | undefined
}

export interface Output {
  readonly exitCode?: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** How a program ended, and how long it took. */
export interface Ended extends Output {
  readonly seconds: number
}

/** Milliseconds, for programs that do not say. */
export const USUAL = 30_000

/** 10,000 elements are 2 MB of JSON; this is room for the largest hosts. */
const OUTPUT_LIMIT = 512 * 1024 * 1024
/** How long a killed program may take to be gone; one that waits for a dead disk never is. */
const GRACE = 1_000

/** Runs one program to its end, without a shell; rejects with a `SystemError` when it fails or is given up. */
export async function execute(argv: Argv, options: ExecuteOptions): Promise<Ended> {
  const {
    path,
    deadline,
    usual = USUAL,
    most = OUTPUT_LIMIT,
    input = '',
    answers = [],
    environment = {},
  } = options
  const [command, ...args] = argv
  const fault = descriptorFault()
  if (fault !== undefined) throw new SystemError(classify(argv, { stderr: fault.message }, path))
  const began = monotonic()
  const child = execa(command, args, {
    input,
    reject: false,
    // A group of its own: the deadline ends what the program started too, and a Ctrl-C at the terminal ends only us.
    detached: true,
    maxBuffer: most,
    stripFinalNewline: false,
    cwd: '/',
    extendEnv: false,
    env: { PATH: path, LC_ALL: 'C', ...environment },
  })
  if (options.yields === true) yieldTo(child.pid)
  const overseen = oversee(child, { program: command, deadline, usual })
  const result = await Promise.race([child, overseen.over])
  const evidence = overseen.end()
  const isAnswer = result?.exitCode !== undefined && [0, ...answers].includes(result.exitCode)
  if (result !== undefined && isAnswer && evidence === undefined)
    return { ...outputOf(result), seconds: (monotonic() - began) / 1000 }
  // A program that is not there is named itself, and not what was to enter a namespace for it.
  const told = result?.code === 'ENOENT' ? argv : (options.told ?? argv)
  throw new SystemError(classify(told, { ...result, evidence }, path))
}

/** nice(2): a third of the share of a processor of what does not yield. Anybody may ask for less. */
const YIELDING = 5

function yieldTo(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, YIELDING)
  } catch {
    // It has ended by itself meanwhile.
  }
}

interface Child {
  readonly pid?: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

/** Kills it when it is given up. `over` resolves when it should be gone by then; `end` tells what was seen, if it was killed. */
function oversee(
  { pid, stdin, stdout, stderr }: Child,
  limits: Pick<Deadline, 'program' | 'deadline' | 'usual'>,
): { readonly over: Promise<undefined>; readonly end: () => Evidence | undefined } {
  let [evidence, grace]: [Evidence | undefined, NodeJS.Timeout | undefined] = [undefined, undefined]
  let killed = (): void => undefined
  const over = new Promise<undefined>((resolve) => {
    killed = () => resolve(undefined)
  })
  const giveUp = (seen: Evidence): void => {
    evidence = seen
    endGroup(pid)
    // What left the group, as a daemon does, may hold the pipes as long as it likes.
    for (const pipe of [stdin, stdout, stderr]) pipe.destroy()
    grace = setTimeout(killed, GRACE)
  }
  const heard = (): number => bytesRead(stdout) + bytesRead(stderr)
  const watch = watchOver(pid, { ...limits, heard, over: giveUp })
  return {
    over,
    end: () => {
      watch.cancel()
      clearTimeout(grace)
      return evidence
    },
  }
}

function outputOf({ exitCode, stdout, stderr }: Output): Output {
  return { exitCode, stdout, stderr }
}

/** Node's pipes are sockets, which count. */
function bytesRead(pipe: Readable): number {
  return 'bytesRead' in pipe ? Number(pipe.bytesRead) : 0
}
