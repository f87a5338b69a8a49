import type { Argv } from '../../src/engine/types.ts'
import { SystemError } from '../../src/system/errors.ts'
import type { SystemErrorCode } from '../../src/system/errors.ts'
import type { System } from '../../src/system/port.ts'
import { PLACES } from './model.ts'

/** One call that changed something: the command, and the script that it was given. */
export interface Call {
  readonly command: string
  readonly script: string | undefined
}

export interface RecordingSystem extends System {
  readonly calls: readonly Call[]
  readonly queries: readonly string[]
  readonly files: ReadonlyMap<string, string>
}

export interface Answers {
  /** Answer of a read; it may throw a SystemError. Nothing unless told. */
  readonly query?: (command: string, stdin: string | undefined) => string
  /** What a socket, or `ADDRESS port N`, answers; left out: nobody listens anywhere. */
  readonly exchange?: (to: string, request: string) => string
  /** Called for each change; it may throw. */
  readonly run?: (call: Call) => void
  readonly sysctls?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

/** A System that writes down what it is asked, and answers as it is told. Sysctl writes are calls too: `sysctl N=V`. */
export function recordingSystem(answers: Answers = {}): RecordingSystem {
  const { query, run, exchange, sysctls = {}, files = {} } = answers
  const calls: Call[] = []
  const queries: string[] = []
  const stored = new Map(Object.entries(files))
  const values = new Map(Object.entries(sysctls))
  const change = (command: string, script?: string): void => {
    calls.push({ command, script })
    run?.({ command, script })
  }
  return {
    places: PLACES,
    calls,
    queries,
    files: stored,
    query: async (argv: Argv, { stdin } = {}) => {
      queries.push(argv.join(' '))
      return query?.(argv.join(' '), stdin) ?? ''
    },
    run: async (argv, script, settings = []) => {
      for (const { name, value } of settings) change(`${argv.slice(0, 3).join(' ')} sysctl ${name}=${value}`)
      change(argv.join(' '), script)
      return ''
    },
    readSysctl: async (name) => found(values, name),
    writeSysctl: async (name, value) => {
      change(`sysctl ${name}=${value}`)
      values.set(name, value)
    },
    readFile: async (path) => found(stored, path),
    readLink: async (path) => found(stored, path),
    writeFile: async (path, content) => {
      change(`write ${path}`)
      stored.set(path, content)
    },
    removeFile: async (path) => void stored.delete(path),
    removeTree: async (path) => change(`remove ${path}/`),
    makeDirectory: async (path) => change(`mkdir ${path}`),
    exchange: async (to, request) => {
      const place = typeof to === 'string' ? to : `${to.address} port ${to.port}`
      queries.push(`${place}: ${request.trimEnd()}`)
      if (exchange === undefined) throw failure('not-found', 'ENOENT', place)
      return exchange(place, request)
    },
    pause: async () => undefined,
    lock: async () => ({ release: async () => undefined }),
    scriptFault: async () => undefined,
    now: () => new Date(0),
    monotonic: () => 0,
  }
}

function found(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name)
  if (value === undefined) throw failure('not-found', 'No such file or directory', name)
  return value
}

/** A tool's failure, as a System tells it. */
export function failure(
  code: SystemErrorCode,
  detail = '',
  subject = 'tool',
  exitCode?: number,
): SystemError {
  return new SystemError({ code, subject, detail, ...(exitCode === undefined ? {} : { exitCode }) })
}
