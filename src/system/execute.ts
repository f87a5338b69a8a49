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
  /** Beside PATH and LC_ALL=C, which are all of its environment otherwise. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** 10,000 elements are 2 MB of JSON; this is room for the largest hosts. */
const OUTPUT_LIMIT = 512 * 1024 * 1024
/** How long a killed program may take to be gone; one that waits for a dead disk never is. */
const GRACE = 1_000

/** Runs one program to its end, without a shell; rejects with a `SystemError` when it fails or the deadline passes. */
export async function execute(argv: Argv, options: ExecuteOptions): Promise<Output> {
  const { path, deadline, input = '', environment = {} } = options
  const entered = inNamespace(argv)
  const [command, ...args] = entered
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
  if (result !== undefined && !result.failed && !timedOut) return result
  const told = result?.code === 'ENOENT' ? entered : argv
  throw new SystemError(classify(told, { ...result, timedOut }, path))
}

/** Where iproute2 keeps named network namespaces (NETNS_RUN_DIR). */
const NAMESPACES = '/var/run/netns'

/**
 * `ip -n NAME` would make a mount namespace and mount /sys in it, for which nothing here has a use: nsenter only enters
 * the network, which is quicker and needs fewer rights. People are told the form that they know.
 */
function inNamespace(argv: Argv): Argv {
  const [command, flag, name, ...rest] = argv
  if (command !== 'ip' || flag !== '-n' || name === undefined) return argv
  return ['nsenter', `--net=${NAMESPACES}/${name}`, '--', command, ...rest]
}
