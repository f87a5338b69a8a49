import { availableParallelism } from 'node:os'
import type { Argv } from '../engine/types.ts'
import { lateEvent, toolOf } from './command-event.ts'
import type { CommandEvent, LateEvent } from './command-event.ts'
import { SystemError } from './errors.ts'
import { classify } from './classify.ts'
import { monotonic, pause, wallClock } from './clock.ts'
import { exchange, EXCHANGE_DEADLINE } from './exchange.ts'
import { execute, USUAL } from './execute.ts'
import type { Ended, ExecuteOptions, Output } from './execute.ts'
import { entering, printing, writing } from './namespaces.ts'
import {
  makeDirectory,
  networkNamespace,
  readLink,
  readText,
  realPath,
  removeFile,
  removeTree,
  writeAtomically,
  writeInPlace,
} from './files.ts'
import { limiter } from './limit.ts'
import { together } from './together.ts'
import { acquireLock } from './lock.ts'
import type { System } from './port.ts'
import { closeToOthers } from './own-directory.ts'
import { USUAL_PATH } from './processes.ts'
import { MEMORY, scripts as scriptsAt } from './scripts.ts'
import type { Scripts } from './scripts.ts'
import { sweep, sweepAmongOthers } from './sweep.ts'

export interface NodeSystemOptions {
  readonly stateDir: string
  /** Scripts for `ip` and `nft` live here while they run. */
  readonly runDir: string
  /** Where programs are looked up: the caller's PATH. */
  readonly path?: string | undefined
  /** What a second instance is told about this one. */
  readonly self: string
  /** Milliseconds until a command is killed that makes no progress (patience.ts). */
  readonly deadline?: number
  /** Is told of what no answer tells: what ended well after its deadline, and shells that had to be killed. */
  readonly noticed?: ((event: LateEvent | CommandEvent) => void) | undefined
  /** Milliseconds for which the lock is waited for; not at all unless told. */
  readonly lockTimeout?: number
  readonly scripts?: Scripts
}

/** Where scripts go: the run directory, else memory, else the state directory. */
export function nodeScripts({ runDir, stateDir }: Pick<NodeSystemOptions, 'runDir' | 'stateDir'>): Scripts {
  return scriptsAt({ runDir: realPath(runDir), elsewhere: [MEMORY, realPath(stateDir)] })
}

/** A thousand containers are a thousand reads: enough to keep the cores busy, without as many processes at once. */
const PROCESSES = 16
/** Shells at once for what is asked of the host; and of insides: more would keep the firewall's programs from a processor. */
const SHELLS = 4
const INSIDES = Math.max(2, availableParallelism())
/** Bytes that all which one shell runs may print; of more, each is asked alone, and has a limit of its own. */
const MOST_OF_SHELL = 64 * 1024 * 1024
/** Descriptors are few: 1024, where nobody raised it. */
const HELD = 256

/** The real host. */
export function nodeSystem({
  stateDir,
  runDir,
  self,
  path = USUAL_PATH,
  deadline = USUAL,
  noticed = () => undefined,
  lockTimeout = 0,
  scripts = nodeScripts({ runDir, stateDir }),
}: NodeSystemOptions): System {
  // What hangs in containers must not keep what is asked of the host from its place.
  const turns = { host: limiter(PROCESSES), inside: limiter(PROCESSES) }
  // A namespace that is asked about is held open meanwhile.
  const held = limiter(HELD)
  const tellIfLate = (command: Argv, seconds: number, allowed: number): void => {
    const event = lateEvent(command, seconds, allowed)
    if (event !== undefined) noticed(event)
  }
  const exec = async (
    argv: Argv,
    {
      inside,
      ...options
    }: Omit<ExecuteOptions, 'path' | 'usual'> & { readonly inside?: boolean | undefined },
    allowed = options.deadline,
  ): Promise<Output> => {
    const effect = async (): Promise<Ended> => execute(argv, { ...options, usual: deadline, path })
    // The firewall's own program waits for nobody: what it is late with may stand open.
    const inTurn = inside === true ? turns.inside : turns.host
    const output = await (argv[0] === 'nft' ? effect() : inTurn(effect))
    tellIfLate(options.told ?? argv, output.seconds, allowed)
    return output
  }
  const shells = (inside: boolean, most: number) =>
    together(async (argv, { allowed, ...limits }) => {
      const began = monotonic()
      const failed = ({ subject, evidence }: SystemError): void => {
        if (evidence === undefined) return
        const seconds = (monotonic() - began) / 1000
        noticed({
          type: 'command',
          tool: toolOf(limits.told),
          seconds,
          ok: false,
          command: subject,
          evidence,
        })
      }
      return whatItSaid(
        async () => exec(argv, { ...limits, inside, yields: inside, most: MOST_OF_SHELL }, allowed),
        failed,
      )
    }, most)
  const inShells = { host: shells(false, SHELLS), inside: shells(true, INSIDES) }
  return {
    places: { stateDir: realPath(stateDir), runDir: realPath(runDir), network: networkNamespace() },
    query: async (
      argv,
      { stdin, deadline: limit = deadline, most, answers, settings, alike, inside } = {},
    ) => {
      const options = {
        input: stdin,
        deadline: Math.min(limit, deadline),
        most,
        answers,
        told: argv,
        inside,
        yields: inside,
      }
      const inPlace = inside === true ? held : atOnce
      return inPlace(async () =>
        entering(argv, '', async (entered) => {
          const command = printing(entered.argv, settings)
          const alone = async (): Promise<Output> => exec(command, options)
          if (alike !== true) return queryWhole(alone)
          const shell = inside === true ? inShells.inside : inShells.host
          const said = await shell({
            argv: command,
            told: argv,
            input: stdin ?? '',
            deadline: options.deadline,
          })
          return queryWhole(alone, said && ofItself(said, { argv, answers, path }))
        }),
      )
    },
    run: async (argv, script, settings) =>
      entering(argv, script ?? '', async (entered) => {
        const command = writing(entered.argv, settings)
        const inside = entered.argv[0] === 'nsenter'
        if (script === undefined) return (await exec(command, { deadline, told: argv, inside })).stdout
        return scripts.use(entered.script, async (file) => {
          return (await exec([...command, file], { deadline, told: [...argv, file], inside })).stdout
        })
      }),
    readSysctl: async (name) => (await readText(`/proc/sys/${name}`)).replace(/\n$/, ''),
    writeSysctl: async (name, value) => writeInPlace(`/proc/sys/${name}`, value),
    readFile: readText,
    readLink,
    writeFile: writeAtomically,
    removeFile,
    removeTree,
    makeDirectory,
    exchange: async (to, request, limit) => {
      const began = monotonic()
      const answer = await exchange(to, request, limit)
      tellIfLate(['haproxy', request.trim()], (monotonic() - began) / 1000, limit ?? EXCHANGE_DEADLINE)
      return answer
    },
    lock: async (stop) => {
      const lock = await acquireLock({ self, path, wait: lockTimeout, stop })
      await tidy(realPath(runDir), realPath(stateDir))
      return lock
    },
    scriptFault: async () => scripts.fault(),
    now: wallClock,
    monotonic,
    pause,
  }
}

async function atOnce<T>(effect: () => Promise<T>): Promise<T> {
  return effect()
}

/** Closes the run directory to others, and removes what killed runs left behind. */
async function tidy(runDir: string, stateDir: string): Promise<void> {
  closeToOthers(runDir)
  await sweep([runDir, stateDir, `${stateDir}/proxy`])
  await sweepAmongOthers([MEMORY])
}

/** `ip` may say "Dump was interrupted and may be inconsistent." and still end with 0: read again, else it is unknown. */
async function queryWhole(read: () => Promise<Output>, first?: Output): Promise<string> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const { stdout, stderr, exitCode } = (attempt === 1 ? first : undefined) ?? (await read())
    if (exitCode !== 0) return `${stdout}\n${stderr}`
    if (!stderr.includes('Dump was interrupted')) return stdout
  }
  throw new SystemError({
    code: 'garbled',
    subject: 'ip',
    detail: 'the host changes faster than it can be read',
  })
}

/**
 * What a shell heard, where it is what the program says by itself: exit codes from 126 on are the shell's own, for what is not
 * there or was ended by a signal, and tell less than the program asked alone. Throws where it is a failure.
 */
function ofItself(
  output: Output,
  { argv, answers = [], path }: { argv: Argv; answers: readonly number[] | undefined; path: string },
): Output | undefined {
  const { exitCode = 126 } = output
  if (exitCode >= 126) return undefined
  if ([0, ...answers].includes(exitCode)) return output
  throw new SystemError(classify(argv, output, path))
}

/** Undefined where it could not be run to its end. */
async function whatItSaid(
  run: () => Promise<Output>,
  failed: (error: SystemError) => void,
): Promise<Output | undefined> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    failed(error)
    return undefined
  }
}
