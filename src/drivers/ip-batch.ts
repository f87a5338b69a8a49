import type { Progress } from '../engine/apply.ts'
import type { Argv, IpStep, Setting, Step } from '../engine/types.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { isBroken } from './broken.ts'

/**
 * All lines in one process: `ip -batch FILE`, in one namespace, whose settings are written before. It is not atomic: it stops
 * at the first failing line. Which one that was, iproute2 6.1 says for kernel errors ("Command failed FILE:3"), but not for neighbours
 * and parse errors; then the lines are run one by one, which our idempotent forms allow (reliability.md, 3a).
 */
export async function ipDriver(
  steps: readonly Step[],
  system: System,
  stop?: AbortSignal,
): Promise<Progress> {
  const ipSteps = steps.filter((step) => step.tool === 'ip')
  // They come first (engine/batches.ts).
  const settings = ipSteps.flatMap((step) => ('setting' in step ? [step.setting] : []))
  const lines = ipSteps.flatMap((step) => ('line' in step ? [step.line] : []))
  const ip = namespacePrefix(ipSteps)
  try {
    await system.run([...ip, '-batch'], lines.map((line) => `${line}\n`).join(''), settings)
    return { done: steps.length }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (settings.length > 0 && isSettingError(error))
      return { done: 0, error: toldOfSetting(ip, settings, error) }
    const rest = await afterFailure(error, { ip, lines, steps: steps.slice(settings.length) }, system, stop)
    return { ...rest, done: settings.length + rest.done }
  }
}

/** What is left where a batch failed at one of its lines. */
async function afterFailure(
  error: SystemError,
  {
    ip,
    lines,
    steps,
  }: { readonly ip: Argv; readonly lines: readonly string[]; readonly steps: readonly Step[] },
  system: System,
  stop?: AbortSignal,
): Promise<Progress> {
  const number = failingLine(error)
  const line = number === undefined ? undefined : lines[number - 1]
  if (number === undefined || line === undefined) {
    if (isBroken(error)) return { done: 0, error: toldOfAll(ip, lines, error), broken: true }
    return oneByOne(ip, lines, system, stop)
  }
  if (isGone(line, error)) return skipped(number, steps, system, stop)
  return { done: number - 1, error: told(ip, line, error) }
}

/** What the shell says of a file that it cannot open or write to. */
function isSettingError({ detail }: SystemError): boolean {
  return detail.includes('/proc/sys/') || /: (write|printf): /.test(detail)
}

function toldOfSetting(ip: Argv, settings: readonly Setting[], { code, detail }: SystemError): SystemError {
  const names = settings.map(({ name }) => name.replaceAll('/', '.')).join(' ')
  return new SystemError({ code, subject: `${ip.join(' ')}: set ${names}`, detail })
}

function namespacePrefix(steps: readonly IpStep[]): Argv {
  const netns = steps[0]?.netns
  return netns === undefined ? ['ip'] : ['ip', '-n', netns]
}

/** The number after the last colon of "Command failed FILE:N". */
function failingLine({ detail }: SystemError): number | undefined {
  const match = /Command failed .*:(\d+)/.exec(detail)
  return match === null ? undefined : Number(match[1])
}

/** What is to be deleted is gone already: that is what was wanted (its link or namespace took it along). */
function isGone(line: string, { code, detail }: SystemError): boolean {
  return (
    / delete /.test(` ${line} `) &&
    (code === 'not-found' || /No such process|Cannot assign requested/.test(detail))
  )
}

async function skipped(
  number: number,
  steps: readonly Step[],
  system: System,
  stop?: AbortSignal,
): Promise<Progress> {
  const rest = steps.slice(number)
  if (rest.length === 0 || stop?.aborted === true) return { done: number }
  const progress = await ipDriver(rest, system, stop)
  return { ...progress, done: number + progress.done }
}

async function oneByOne(
  ip: Argv,
  lines: readonly string[],
  system: System,
  stop?: AbortSignal,
): Promise<Progress> {
  for (const [index, line] of lines.entries()) {
    if (stop?.aborted === true) return { done: index }
    try {
      await system.run([...ip, '-batch'], `${line}\n`)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      // `exists`: the line was done before the batch stopped.
      if (error.code === 'exists' || isGone(line, error)) continue
      const isLast = failingLine(error) === undefined && isBroken(error)
      return { done: index, error: told(ip, line, error), ...(isLast && { broken: true }) }
    }
  }
  return { done: lines.length }
}

/** The error of a program that did not get to its lines, or told of none. */
function toldOfAll(ip: Argv, lines: readonly string[], error: SystemError): SystemError {
  const [line = ''] = lines
  const isOfItsRun = error.subject.endsWith(' -batch') || error.subject.includes(' -batch ')
  if (lines.length === 1 && isOfItsRun && error.code !== 'missing-tool') return told(ip, line, error)
  const { code, subject, detail, exitCode } = error
  // Its script has another name each time: the same failure has the same words.
  return new SystemError({
    code,
    subject: subject.replace(/ -batch .*$/s, ' -batch'),
    detail,
    ...(exitCode === undefined ? {} : { exitCode }),
  })
}

/** The error in the words of a command that a person can run. */
function told(ip: Argv, line: string, { code, detail, exitCode }: SystemError): SystemError {
  const words = detail.replace(/\s*Command failed .*:\d+/, '').trim()
  return new SystemError({
    code,
    subject: `${ip.join(' ')} ${line}`,
    detail: words,
    ...(exitCode === undefined ? {} : { exitCode }),
  })
}
