import { availableParallelism } from 'node:os'
import type { Argv } from '../engine/types.ts'
import { SystemError } from './errors.ts'
import { classify } from './classify.ts'
import { monotonic, pause, wallClock } from './clock.ts'
import { exchange } from './exchange.ts'
import { execute } from './execute.ts'
import type { ExecuteOptions, Output } from './execute.ts'
import { entering, printing, writing } from './namespaces.ts'
import {
  makeDirectory,
  networkNamespace,
  readLink,
  readText,
  realPath,
  removeFile,
  removeTree,
  sweepScripts,
  withScript,
  writeAtomically,
  writeInPlace,
} from './files.ts'
import { limiter } from './limit.ts'
import { together } from './together.ts'
import { acquireLock } from './lock.ts'
import type { System } from './port.ts'
import { USUAL_PATH } from './processes.ts'

export interface NodeSystemOptions {
  readonly stateDir: string
  /** Scripts for `ip` and `nft` live here while they run. */
  readonly runDir: string
  /** Where programs are looked up: the caller's PATH. */
  readonly path?: string | undefined
  /** What a second instance is told about this one. */
  readonly self: string
  /** Milliseconds until a command is killed. */
  readonly deadline?: number
}

/** A thousand containers are a thousand reads: enough to keep the cores busy, without as many processes at once. */
const PROCESSES = 16
/** Shells at once for what is asked of the host; and of insides: more would keep the firewall's programs from a processor. */
const SHELLS = 4
const INSIDES = Math.max(2, availableParallelism())
/** Descriptors are few: 1024, where nobody raised it. */
const HELD = 256

/** The real host. */
export function nodeSystem({
  stateDir,
  runDir,
  self,
  path = USUAL_PATH,
  deadline = 30_000,
}: NodeSystemOptions): System {
  // What hangs in containers must not keep what is asked of the host from its place.
  const turns = { host: limiter(PROCESSES), inside: limiter(PROCESSES) }
  // A namespace that is asked about is held open meanwhile.
  const held = limiter(HELD)
  const exec = async (
    argv: Argv,
    { inside, ...options }: Omit<ExecuteOptions, 'path'> & { readonly inside?: boolean | undefined },
  ): Promise<Output> => {
    const effect = async (): Promise<Output> => execute(argv, { ...options, path })
    // The firewall's own program waits for nobody: what it is late with may stand open.
    if (argv[0] === 'nft') return effect()
    return inside === true ? turns.inside(effect) : turns.host(effect)
  }
  const shells = (inside: boolean, most: number) =>
    together(async (argv, limit) => whatItSaid(async () => exec(argv, { deadline: limit, inside })), most)
  const inShells = { host: shells(false, SHELLS), inside: shells(true, INSIDES) }
  return {
    places: { stateDir: realPath(stateDir), runDir: realPath(runDir), network: networkNamespace() },
    query: async (argv, { stdin, deadline: limit = deadline, answers, settings, alike, inside } = {}) => {
      const options = { input: stdin, deadline: Math.min(limit, deadline), answers, told: argv, inside }
      const inPlace = inside === true ? held : atOnce
      return inPlace(async () =>
        entering(argv, '', async (entered) => {
          const command = printing(entered.argv, settings)
          const alone = async (): Promise<Output> => exec(command, options)
          if (alike !== true) return queryWhole(alone)
          const shell = inside === true ? inShells.inside : inShells.host
          const said = await shell({ argv: command, input: stdin ?? '', deadline: options.deadline })
          return queryWhole(alone, said && ofItself(said, { argv, answers, path }))
        }),
      )
    },
    run: async (argv, script, settings) =>
      entering(argv, script ?? '', async (entered) => {
        const command = writing(entered.argv, settings)
        const inside = entered.argv[0] === 'nsenter'
        if (script === undefined) return (await exec(command, { deadline, told: argv, inside })).stdout
        return withScript(runDir, entered.script, async (file) => {
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
    exchange,
    lock: async (name) => {
      const lock = await acquireLock(name, self)
      await sweepScripts(runDir)
      return lock
    },
    now: wallClock,
    monotonic,
    pause,
  }
}

async function atOnce<T>(effect: () => Promise<T>): Promise<T> {
  return effect()
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
async function whatItSaid(run: () => Promise<Output>): Promise<Output | undefined> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}
