import { SystemError } from '../errors.ts'
import { classify } from '../classify.ts'

/** A tool's failure in its own words. `aborts`: `ip -batch` ends at once, without the line `Command failed FILE:N`. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure'
  readonly exitCode: number
  readonly aborts: boolean
  /** What it printed before it failed. */
  readonly printed: string

  constructor(text: string, exitCode: number, aborts: boolean, printed = '') {
    super(text)
    this.exitCode = exitCode
    this.aborts = aborts
    this.printed = printed
  }
}

/** The kernel said no: exit 2 (iproute2 6.1). */
export function kernelError(text: string): ToolFailure {
  return new ToolFailure(text, 2, false)
}

/** The kernel's answer as a bare errno. */
export function netlinkError(errno: string): ToolFailure {
  return kernelError(`RTNETLINK answers: ${errno}`)
}

/** ip found the fault itself and told its caller: exit 1. */
export function lookupError(text: string): ToolFailure {
  return new ToolFailure(text, 1, false)
}

/** ip cannot read the line and exits at once, also from within a batch. */
export function usageError(text: string, exitCode = 255): ToolFailure {
  return new ToolFailure(text, exitCode, true)
}

/** `Error: argument "X" is wrong: WHY` (exit 255). */
export function wrongArgument(argument: string, why: string): ToolFailure {
  return usageError(`Error: argument "${argument}" is wrong: ${why}`)
}

/** The command exists, this fake does not model it: never guessed. */
export function notModelled(command: string): ToolFailure {
  return new ToolFailure(`not modelled by the memory host: ${command}`, 255, true)
}

/** What the port promises: every rejection is a SystemError, of the class that the real System finds in these words. */
export function toSystemError(subject: string, error: unknown): unknown {
  if (!(error instanceof ToolFailure)) return error
  return new SystemError(classify([subject], { stderr: error.message, exitCode: error.exitCode }, ''))
}

/** A failure that is an answer, as the caller reads it. */
export function answering(answers: readonly number[], interpret: () => string): string {
  try {
    return interpret()
  } catch (error) {
    if (!(error instanceof ToolFailure) || !answers.includes(error.exitCode)) throw error
    return `${error.printed}\n${error.message}\n`
  }
}
