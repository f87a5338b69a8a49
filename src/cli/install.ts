import { join, resolve } from 'node:path'
import { problemOfError } from '../engine/problems.ts'
import type { Problem } from '../engine/types.ts'
import { problemJson } from '../report/problems.ts'
import { unitFaults } from '../report/units/faults.ts'
import { unitFiles } from '../report/units/index.ts'
import { UNIT_MARK, type UnitFile, type UnitOptions } from '../report/units/options.ts'
import { SystemError } from '../system/errors.ts'
import { jsonText, visible } from '../text/escape.ts'
import type { App } from '../app/types.ts'
import { printDocument, printProblems, printText, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'

/** A unit, and what is in its place now; undefined: nothing. */
interface Placed extends UnitFile {
  readonly path: string
  readonly found: string | undefined
}

/** `slash64 install`: writes the units for this program and these options, or prints them. */
export async function install(context: Context): Promise<ExitCode> {
  const { args, io } = context
  if (args.file === '-') {
    io.stderr.write('slash64: a unit has no standard input to read the configuration from; use --file FILE\n')
    return EXIT.usage
  }
  const options = unitOptions(context)
  const faults = unitFaults(options)
  if (faults.length > 0) return end(context, [], faults, EXIT.failed)
  const app = await context.app()
  try {
    const units = await Promise.all(unitFiles(options).map(async (unit) => placed(unit, context, app)))
    return args.print ? print(context, units) : await replace(context, units, app)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return end(context, [], [problemOfError(error, 'apply')], EXIT.failed)
  }
}

async function replace(context: Context, units: readonly Placed[], app: App): Promise<ExitCode> {
  const { args } = context
  const foreign = args.force ? [] : units.filter((unit) => isChanged(unit) && isForeign(unit))
  if (foreign.length > 0) return end(context, units, foreign.map(refusal), EXIT.refused)
  return write(context, units, app)
}

function unitOptions({ args, io }: Context): UnitOptions {
  const file = args.file.startsWith('/') ? resolve(args.file) : resolve(io.workingDirectory(), args.file)
  const { interval, listen, logFormat } = args
  const places = { stateDir: resolve(args.stateDir), runDir: resolve(args.runDir) }
  return { program: io.program, file, ...places, interval, listen, logFormat }
}

/** What cannot be read keeps nobody from having the units printed. */
async function placed(unit: UnitFile, { args }: Context, app: App): Promise<Placed> {
  const path = join(args.unitDir, unit.name)
  try {
    return { ...unit, path, found: await app.readFile(path) }
  } catch (error) {
    if (error instanceof SystemError && (args.print || error.code === 'not-found'))
      return { ...unit, path, found: undefined }
    throw error
  }
}

function isChanged({ text, found }: Placed): boolean {
  return text !== found
}

function isForeign({ found }: Placed): boolean {
  return found !== undefined && !found.startsWith(`${UNIT_MARK}\n`)
}

function refusal({ path }: Placed): Problem {
  return {
    code: 'S64-U003',
    message: `${path} was not written by "slash64 install"`,
    hint: 'compare it with "slash64 install --print"; then remove it, or let --force overwrite it',
  }
}

function print(context: Context, units: readonly Placed[]): ExitCode {
  if (context.args.output === 'json') return end(context, units, [], EXIT.fine)
  printDocument(context, units.map(({ path, text }) => `# ${visible(path)}\n${text}`).join('\n'))
  return EXIT.fine
}

async function write(context: Context, units: readonly Placed[], app: App): Promise<ExitCode> {
  const changed = units.filter(isChanged)
  for (const { path, text } of changed) await app.writeFile(path, text)
  // Also without a change: the run that wrote them may have failed to.
  const isRead = await app.reloadUnits()
  if (context.args.output === 'text') printText(context, wordsOn(units, isRead, context))
  const code = context.args.detailedExitcode && changed.length > 0 ? EXIT.changes : EXIT.fine
  return end(context, units, [], code)
}

function wordsOn(units: readonly Placed[], isRead: boolean, { args }: Context): string {
  const changed = units.filter(isChanged)
  if (changed.length === 0)
    return `No changes: the units in ${visible(args.unitDir)} are as they should be.\n`
  const written = changed.map(({ path }) => `Wrote ${visible(path)}\n`).join('')
  const unread = isRead ? '' : 'systemd does not run here: it reads them when it starts.\n'
  const isNew = units.some(({ name, found }) => name === 'slash64.service' && found === undefined)
  const next = isNew
    ? ['systemctl enable --now slash64.service', 'systemctl status slash64.service']
    : ['systemctl restart slash64.service    # if it runs: what is new counts from its next start']
  return `${written}${unread}\nNext:\n${next.map((line) => `  ${line}\n`).join('')}`
}

/** The document of `-o json`, or the problems on stderr; resolves to the code. */
function end(
  context: Context,
  units: readonly Placed[],
  problems: readonly Problem[],
  code: ExitCode,
): ExitCode {
  if (context.args.output === 'json') {
    const shown = units.map((unit) => ({ path: unit.path, text: unit.text, changed: isChanged(unit) }))
    const errors = problems.map((problem) => problemJson(problem))
    printDocument(context, jsonText({ formatVersion: '1.0', units: shown, errors }))
  } else printProblems(context, problems)
  return code
}
