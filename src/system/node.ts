import { execa } from 'execa'
import type { Argv } from '../engine/types.ts'
import { SystemError } from './errors.ts'
import { classify } from './classify.ts'
import { pause, wallClock } from './clock.ts'
import { exchange } from './exchange.ts'
import {
  makeDirectory,
  networkNamespace,
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

const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** A thousand containers are a thousand reads: enough to keep the cores busy, without as many processes at once. */
const PROCESSES = 16
/** 10,000 elements are 2 MB of JSON; this is room for the largest hosts. */
const OUTPUT_LIMIT = 512 * 1024 * 1024

/** The real host. */
export function nodeSystem({
  stateDir,
  runDir,
  self,
  path = USUAL_PATH,
  deadline = 30_000,
}: NodeSystemOptions): System {
  const inTurn = limiter(PROCESSES)
  const exec = async (argv: Argv, input = '') => inTurn(async () => execute(argv, input, { path, deadline }))
  return {
    places: { stateDir: realPath(stateDir), runDir: realPath(runDir), network: networkNamespace() },
    query: async (argv, stdin) => queryWhole(async () => exec(argv, stdin)),
    run: async (argv, script) => {
      if (script === undefined) return (await exec(argv)).stdout
      return withScript(runDir, script, async (file) => (await exec([...argv, file])).stdout)
    },
    readSysctl: async (name) => (await readText(`/proc/sys/${name}`)).replace(/\n$/, ''),
    writeSysctl: async (name, value) => writeInPlace(`/proc/sys/${name}`, value),
    readFile: readText,
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
    pause,
  }
}

interface Output {
  readonly stdout: string
  readonly stderr: string
}

async function execute(
  argv: Argv,
  input: string,
  { path, deadline }: { path: string; deadline: number },
): Promise<Output> {
  const [command, ...args] = argv
  const child = execa(command, args, {
    input,
    reject: false,
    // A group of its own: the deadline ends what the program started too, and a Ctrl-C at the terminal ends only us.
    detached: true,
    maxBuffer: OUTPUT_LIMIT,
    stripFinalNewline: false,
    cwd: '/',
    extendEnv: false,
    env: { PATH: path, LC_ALL: 'C' },
  })
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    endGroup(child.pid)
  }, deadline)
  const result = await child
  clearTimeout(timer)
  const { stdout, stderr } = result
  if (!result.failed) return { stdout, stderr }
  throw new SystemError(classify(argv, { ...result, timedOut }, path))
}

/** Ends a whole process group: a child of the program may hold its pipes open. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** `ip` may say "Dump was interrupted and may be inconsistent." and still end with 0: read again, else it is unknown. */
async function queryWhole(read: () => Promise<Output>): Promise<string> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const { stdout, stderr } = await read()
    if (!stderr.includes('Dump was interrupted')) return stdout
  }
  throw new SystemError({
    code: 'garbled',
    subject: 'ip',
    detail: 'the host changes faster than it can be read',
  })
}
