import type { Argv } from '../engine/types.ts'
import { SystemError } from './errors.ts'
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

/** The real host. */
export function nodeSystem({
  stateDir,
  runDir,
  self,
  path = USUAL_PATH,
  deadline = 30_000,
}: NodeSystemOptions): System {
  const inTurn = limiter(PROCESSES)
  const exec = async (argv: Argv, options: Omit<ExecuteOptions, 'path'>) =>
    inTurn(async () => execute(argv, { ...options, path }))
  return {
    places: { stateDir: realPath(stateDir), runDir: realPath(runDir), network: networkNamespace() },
    query: async (argv, { stdin, deadline: limit = deadline, answers, settings } = {}) => {
      const options = { input: stdin, deadline: Math.min(limit, deadline), answers, told: argv }
      return entering(argv, '', async (entered) =>
        queryWhole(async () => exec(printing(entered.argv, settings), options)),
      )
    },
    run: async (argv, script, settings) =>
      entering(argv, script ?? '', async (entered) => {
        const command = writing(entered.argv, settings)
        if (script === undefined) return (await exec(command, { deadline, told: argv })).stdout
        return withScript(runDir, entered.script, async (file) => {
          return (await exec([...command, file], { deadline, told: [...argv, file] })).stdout
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

/** `ip` may say "Dump was interrupted and may be inconsistent." and still end with 0: read again, else it is unknown. */
async function queryWhole(read: () => Promise<Output>): Promise<string> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const { stdout, stderr, exitCode } = await read()
    if (exitCode !== 0) return `${stdout}\n${stderr}`
    if (!stderr.includes('Dump was interrupted')) return stdout
  }
  throw new SystemError({
    code: 'garbled',
    subject: 'ip',
    detail: 'the host changes faster than it can be read',
  })
}
