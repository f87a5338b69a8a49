import { isAbsolute, resolve } from 'node:path'
import { visible } from '../text/escape.ts'
import { SystemError } from '../system/errors.ts'
import { parseArguments, type Arguments, type Parsed } from './args.ts'
import type { ConfigPort } from './config-port.ts'
import { printFailure, type Command, type Context, type ControllerParts } from './context.ts'
import type { App, AppOptions, CreateApp } from '../app/types.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { helpText } from './help.ts'
import type { Io } from './io.ts'
import type { CommandName } from './options.ts'

/** The heavy parts, loaded when a command needs them. */
export interface Parts {
  readonly createApp: () => Promise<CreateApp>
  readonly config: () => Promise<ConfigPort>
  readonly controller: () => Promise<(options: AppOptions, environment: Io['environment']) => ControllerParts>
}

const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  validate: async () => (await import('./validate.ts')).validate,
  plan: async () => (await import('./plan.ts')).plan,
  reconcile: async () => (await import('./reconcile.ts')).reconcile,
  attach: async () => (await import('./attach.ts')).attach,
  events: async () => (await import('./events.ts')).events,
  status: async () => (await import('./status.ts')).status,
  render: async () => (await import('./render.ts')).render,
  teardown: async () => (await import('./teardown.ts')).teardown,
  install: async () => (await import('./install.ts')).install,
}

/** Does what the words say and resolves to the exit code. Never rejects, and never shows a stack unless asked to. */
export async function run(argv: readonly string[], io: Io, parts: Parts): Promise<ExitCode> {
  try {
    const parsed = parseArguments(argv)
    if (parsed.ok === 'run') return await runCommand(makeContext(withPlaces(parsed.arguments, io), io, parts))
    return answer(argv, parsed, io)
  } catch (error) {
    io.stderr.write(internalError(error, io.environment))
    return EXIT.failed
  }
}

function answer(argv: readonly string[], parsed: Exclude<Parsed, { ok: 'run' }>, io: Io): ExitCode {
  if (parsed.ok === 'version') io.stdout.write(`${io.version}\n`)
  else if (parsed.ok === 'help') io.stdout.write(helpText(parsed.command))
  else if (argv.length === 0) io.stderr.write(helpText(undefined))
  else {
    const more = parsed.command === undefined ? 'slash64 --help' : `slash64 ${parsed.command.name} --help`
    io.stderr.write(`slash64: ${visible(parsed.message)}\nSee: ${more}\n`)
  }
  return parsed.ok === false ? EXIT.usage : EXIT.fine
}

/** Places as absolute paths, whatever a tool's own working directory is. */
function withPlaces(args: Arguments, io: Io): Arguments {
  const place = (path: string): string => (isAbsolute(path) ? path : resolve(io.workingDirectory(), path))
  const { stateDir, runDir, unitDir, metricsTextfile } = args
  return {
    ...args,
    stateDir: place(stateDir),
    runDir: place(runDir),
    unitDir: place(unitDir),
    metricsTextfile: metricsTextfile === undefined ? undefined : place(metricsTextfile),
  }
}

function makeContext(args: Arguments, io: Io, parts: Parts): Context {
  let app: Promise<App> | undefined
  const { stateDir, runDir, command, lockTimeout } = args
  const self = `slash64 ${command}, process ${io.processId}`
  const options = { stateDir, runDir, self, lockTimeout, path: io.environment.PATH || undefined }
  const open = async () => (await parts.createApp())(options)
  let controller: Promise<ControllerParts> | undefined
  const surround = async () => (await parts.controller())(options, io.environment)
  return {
    io,
    args,
    config: parts.config,
    app: () => (app ??= open()),
    controller: () => (controller ??= surround()),
  }
}

/** What the host refused is told like every other problem; all else is a defect of ours. */
async function runCommand(context: Context): Promise<ExitCode> {
  const command = await COMMANDS[context.args.command]()
  try {
    return await command(context)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const { problemOfError } = await import('../engine/problems.ts')
    printFailure(context, [problemOfError(error, 'apply')])
    return error.code === 'busy' ? EXIT.refused : EXIT.failed
  }
}

/** One line for people; the stack only for those who set SLASH64_DEBUG=1. */
export function internalError(error: unknown, environment: Io['environment']): string {
  if (environment.SLASH64_DEBUG === '1' && error instanceof Error && error.stack !== undefined)
    return `${error.stack}\n`
  const message = error instanceof Error ? error.message : String(error)
  return `slash64: internal error: ${visible(message)}\nSet SLASH64_DEBUG=1 to see where; the host is looked at afresh by the next run.\n`
}
