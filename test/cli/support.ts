import type { PassReport } from '../../src/engine/types.ts'
import type { Issue, PlacedFault } from '../../src/config/issue.ts'
import type { Model } from '../../src/model/types.ts'
import type { App, AppOptions, Attached, PassResult } from '../../src/app/types.ts'
import type { Io } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'
import { SystemError } from '../../src/system/errors.ts'
import type { HostFacts } from '../../src/model/world.ts'
import { facts, model, pass } from '../report/samples.ts'

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
  /** Calls of the app in their order, and the question that was asked. */
  readonly calls: readonly string[]
  readonly files: ReadonlyMap<string, string>
}

/** A host and a process as one test wants them; what is left out behaves. */
export interface Stage {
  readonly plan?: PassReport
  readonly reconcile?: PassReport
  readonly planTeardown?: PassReport
  readonly teardown?: PassReport
  readonly files?: Readonly<Record<string, string>>
  readonly fails?: Partial<Record<keyof App, unknown>>
  readonly stdin?: string
  readonly answer?: boolean
  readonly environment?: Readonly<Record<string, string>>
  readonly terminal?: boolean
  readonly columns?: number
  readonly program?: readonly string[]
  /** Whether systemd is the init system. */
  readonly systemd?: boolean
  readonly model?: Model
  readonly facts?: HostFacts
  readonly attach?: Attached
  /** What a controller answers; left out: none runs. */
  readonly controller?: string
  readonly rendered?: ReturnType<App['render']>
  readonly onOptions?: (options: AppOptions) => void
}

/** Runs one command line against that stage. `network.yaml` is there; a file with `BAD` in it has one fault. */
export async function slash64(argv: readonly string[], stage: Stage = {}): Promise<Result> {
  const calls: string[] = []
  const files = new Map(Object.entries({ 'network.yaml': 'fine', ...stage.files }))
  const written = { out: '', err: '' }
  const io = makeIo(stage, written, calls)
  const app = makeApp(stage, files, calls)
  const code = await run(argv, io, {
    createApp: async () => (options) => {
      calls.push(`app ${options.stateDir} ${options.runDir}`)
      stage.onOptions?.(options)
      return app
    },
    config: async () => ({ loadConfig: loadFrom(stage), formatIssues, issuesToJson }),
    controller: async () => () => {
      throw new Error('the controller is tried on a host of its own')
    },
  })
  return { code, ...written, calls, files }
}

function makeIo(stage: Stage, written: { out: string; err: string }, calls: string[]): Io {
  const isTerminal = stage.terminal ?? false
  return {
    stdout: {
      write: (text) => void (written.out += text),
      isTerminal,
      ...(stage.columns !== undefined && { columns: stage.columns }),
    },
    stderr: { write: (text) => void (written.err += text), isTerminal },
    environment: stage.environment ?? {},
    version: '1.2.3',
    nodeVersion: '20.20.2',
    processId: 4711,
    onSignal: () => undefined,
    exitNow: () => undefined,
    program: stage.program ?? ['/usr/bin/node', '/usr/lib/slash64/slash64.cjs'],
    workingDirectory: () => '/home/here',
    readStdin: async () => stage.stdin ?? '',
    ask:
      stage.answer === undefined
        ? undefined
        : async (question) => {
            calls.push(`ask ${question}`)
            return stage.answer === true
          },
  }
}

function result(report: PassReport | undefined, found: HostFacts = facts()): PassResult {
  return { ...(report ?? pass()), facts: found }
}

const ATTACHED: Attached = { ok: true, applied: 7, problems: [] }

function makeApp(stage: Stage, files: Map<string, string>, calls: string[]): App {
  async function call<T>(name: keyof App, detail: string, answer: () => T): Promise<T> {
    calls.push(`${name} ${detail}`.trim())
    if (stage.fails && name in stage.fails) throw stage.fails[name]
    return answer()
  }
  let time = 1_700_000_000_000
  return {
    now: () => new Date((time += 500)),
    plan: (wanted) => call('plan', wanted.upstream.interface, () => result(stage.plan, stage.facts)),
    reconcile: (wanted) =>
      call('reconcile', wanted.upstream.interface, () => result(stage.reconcile, stage.facts)),
    attach: (_, { container, process }) =>
      call('attach', `${container} ${process ?? '-'}`, () => stage.attach ?? ATTACHED),
    ask: (socket, request) =>
      call('ask', `${socket} ${request.trim()}`, () => {
        if (stage.controller !== undefined) return stage.controller
        throw new SystemError({ code: 'not-found', subject: socket, detail: 'ENOENT' })
      }),
    pause: async (milliseconds) => void (time += milliseconds),
    monotonic: () => time,
    render: (wanted) => {
      calls.push(`render ${wanted.upstream.interface}`)
      return stage.rendered
    },
    teardown: () => call('teardown', '', () => result(stage.teardown)),
    planTeardown: () => call('planTeardown', '', () => result(stage.planTeardown)),
    readFile: (path) =>
      call('readFile', path, () => {
        const text = files.get(path)
        if (text === undefined) throw new SystemError({ code: 'not-found', subject: path, detail: 'ENOENT' })
        return text
      }),
    writeFile: (path, content) => call('writeFile', path, () => void files.set(path, content)),
    reloadUnits: () => call('reloadUnits', '', () => stage.systemd ?? true),
  }
}

const ISSUE: Issue = { code: 'S64-C002', message: 'unknown key "prefx"', line: 14, column: 7, length: 5 }

function loadFrom(stage: Stage) {
  return (text: string) => loadConfig(text, stage.model ?? model())
}

function loadConfig(text: string, wanted: Model) {
  if (text.includes('BAD')) return { ok: false, issues: [ISSUE] } as const
  const config = {
    apiVersion: 'slash64/v1',
    kind: 'Network',
    upstream: { interface: 'eth0' },
    prefix: { cidr: wanted.prefix.cidr },
    networks: {},
  } as const
  const locate = (path: readonly (string | number)[]) => ({ line: 40 + path.length, column: 5, length: 3 })
  return { ok: true, config, model: wanted, locate } as const
}

function formatIssues(issues: readonly PlacedFault[], _text: string, file: string): string {
  return issues
    .map((one) => `${file}:${one.line}:${one.column}: error[${one.code}]: ${one.message}\n`)
    .join('')
}

function issuesToJson(issues: readonly Issue[], file: string) {
  return issues.map(({ code, message, line, column }) => ({ code, message, file, line, column }))
}
