import type { Problem } from '../engine/types.ts'
import { ansi, plain, type Paint } from '../text/paint.ts'
import type { Source } from '../report/background.ts'
import { errorDocument, type ConfigError } from '../report/plan-json.ts'
import { jsonText } from '../text/escape.ts'
import type { PlanTextStyle } from '../report/plan-text.ts'
import { problemsText } from '../report/problems.ts'
import { statusErrorDocument } from '../report/status.ts'
import type { Arguments } from './args.ts'
import { wantsColor } from './color.ts'
import type { ConfigPort } from './config-port.ts'
import type { App, Keeper, KeeperOptions } from '../app/types.ts'
import type { SystemError } from '../system/errors.ts'
import type { Feeds } from '../system/feeds.ts'
import type { ExitCode } from './exit.ts'
import type { Io, OutputStream } from './io.ts'

/** What a command works with. */
export interface Context {
  readonly io: Io
  readonly args: Arguments
  /** Loads the engine at the first call. */
  readonly app: () => Promise<App>
  readonly config: () => Promise<ConfigPort>
  /** Loads what only the controller needs. */
  readonly controller: () => Promise<ControllerParts>
}

/** What the controller works with, of the real host. */
export interface ControllerParts {
  readonly createKeeper: (tell: Pick<KeeperOptions, 'told' | 'lost'>) => Keeper
  readonly feeds: Feeds
  /** Makes what tells the service manager; without one, nobody. It never rejects; its first failure is told. */
  readonly notifier: (failed: (error: SystemError) => void) => (words: readonly string[]) => Promise<void>
  /** Keeps what is remembered, for SIGUSR2, where only its owner can read it; resolves to the file. Rejects with `SystemError`. */
  readonly keepRecording: (text: string) => Promise<string>
  /** Whether a file descriptor leads to the journal that JOURNAL_STREAM names. */
  readonly isJournal: (descriptor: number, journalStream: string | undefined) => boolean
  readonly now: () => Date
  /** Milliseconds that no change of the clock moves. */
  readonly monotonic: () => number
}

/** Resolves to the exit code; rejects only by a defect or with a `SystemError` that stopped everything. */
export type Command = (context: Context) => Promise<ExitCode>

/** Prints text for people on stdout; nothing with --quiet. */
export function printText({ io, args }: Context, text: string): void {
  if (!args.quiet && text !== '') io.stdout.write(text)
}

/** Prints what was asked for by format, quiet or not. */
export function printDocument({ io }: Context, text: string): void {
  io.stdout.write(text)
}

/** Prints JSON in the shape that the command's readers know, when there is no plan to tell of. */
export function printErrorDocument(context: Context, errors: readonly (Problem | ConfigError)[]): void {
  const isStatus = context.args.command === 'status'
  printDocument(context, jsonText(isStatus ? statusErrorDocument(errors) : errorDocument(errors)))
}

/** Prints one document: JSON, or the problems on stderr. For a command that ends before it has a plan. */
export function printFailure(context: Context, problems: readonly Problem[]): void {
  if (context.args.output === 'json') printErrorDocument(context, problems)
  printProblems(context, problems)
}

/** Tells the problems on stderr, unless they are in the JSON on stdout already. */
export function printProblems({ io, args }: Context, problems: readonly Problem[], source?: Source): void {
  if (args.output === 'json') return
  const text = problemsText(problems, paintFor(io.stderr, { io, args }), source)
  if (text !== '') io.stderr.write(text)
}

/** Colour or not, for one stream. */
export function paintFor(stream: OutputStream, { io, args }: Pick<Context, 'io' | 'args'>): Paint {
  return wantsColor(args.color, io.environment, stream.isTerminal) ? ansi : plain
}

/** How text on stdout is to look; `file` is undefined when nothing is wished for. */
export function stdoutStyle(context: Context, file: string | undefined): PlanTextStyle {
  const { stdout } = context.io
  const width = stdout.isTerminal && stdout.columns !== undefined ? { width: stdout.columns } : {}
  return { paint: paintFor(stdout, context), file, ...width }
}
