import type { Locate } from '../config/load.ts'
import type { Model } from '../model/types.ts'
import { visible } from '../text/escape.ts'
import type { PlacedProblem, Source } from '../report/background.ts'
import type { ConfigError } from '../report/plan-json.ts'
import { problemsText } from '../report/problems.ts'
import type { Paint } from '../text/paint.ts'
import { SystemError } from '../system/errors.ts'
import type { ConfigPort } from './config-port.ts'
import { paintFor, printErrorDocument, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'

/** Everything that is wrong with the file, for machines and for people. */
export interface Faults {
  readonly errors: readonly ConfigError[]
  readonly text: (paint: Paint) => string
}

export type LoadedFile =
  | { readonly ok: true; readonly model: Model; readonly source: Source }
  | { readonly ok: false; readonly faults: Faults }

/** Reads and checks the configuration that `--file` names. Rejects only by a defect. */
export async function loadFile(context: Context): Promise<LoadedFile> {
  const path = context.args.file
  const name = path === '-' ? '<stdin>' : path
  const text = path === '-' ? await context.io.readStdin() : await readText(context, path)
  if (typeof text !== 'string') return { ok: false, faults: unreadable(text, name) }
  return meaningOf(text, name, await context.config())
}

/** Checks a text; `name` is what messages call it. */
export function meaningOf(
  text: string,
  name: string,
  { loadConfig, formatIssues, issuesToJson }: ConfigPort,
): LoadedFile {
  const loaded = loadConfig(text, name)
  if (loaded.ok)
    return { ok: true, model: loaded.model, source: sourceOf(name, text, loaded.locate, formatIssues) }
  const { issues } = loaded
  const errors = issuesToJson(issues, name)
  return { ok: false, faults: { errors, text: (paint) => formatIssues(issues, text, name, paint) } }
}

/** The file as reports know it: where it says something, and how to show that. */
function sourceOf(
  name: string,
  text: string,
  locate: Locate,
  formatIssues: ConfigPort['formatIssues'],
): Source {
  const placed = ({ code, message, hint, path }: PlacedProblem) => ({
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...locate(path),
  })
  return { name, locate, frames: (problems, paint) => formatIssues(problems.map(placed), text, name, paint) }
}

/** Runs the rest of a command with the model; without one, says why and resolves to 78. */
export async function withModel(
  context: Context,
  rest: (model: Model, source: Source) => Promise<ExitCode>,
): Promise<ExitCode> {
  const loaded = await loadFile(context)
  if (loaded.ok) return rest(loaded.model, loaded.source)
  if (context.args.output === 'json') printErrorDocument(context, loaded.faults.errors)
  else printFaults(context, loaded.faults)
  return EXIT.config
}

/** Tells the faults to people, on stderr. */
export function printFaults(context: Context, faults: Faults): void {
  const text = faults.text(paintFor(context.io.stderr, context))
  context.io.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
}

async function readText(context: Context, path: string): Promise<string | SystemError> {
  const app = await context.app()
  try {
    return await app.readFile(path)
  } catch (error) {
    if (error instanceof SystemError) return error
    throw error
  }
}

/** There is no position to name, so the file's beginning stands for it. */
export function unreadable(error: SystemError, name: string): Faults {
  const why = reason(error)
  const hint = 'name the configuration with --file FILE; examples are in the folder examples'
  const problem = { code: 'S64-I001', message: `${name}: ${why}`, hint }
  const errors = [{ code: problem.code, message: why, file: visible(name), line: 1, column: 1 }]
  return { errors, text: (paint) => problemsText([problem], paint) }
}

function reason(error: SystemError): string {
  if (error.code === 'not-found') return 'no such file'
  if (error.code === 'denied') return 'permission denied'
  return `cannot be read: ${error.detail}`
}
