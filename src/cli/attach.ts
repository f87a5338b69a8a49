import { ATTACH_DEADLINE, parseProcess, processOfState } from '../app/attach-words.ts'
import { CONTROL_SOCKET, parseAnswer, requestText } from '../app/control-words.ts'
import type { App, Attached, Attachment } from '../app/types.ts'
import type { Problem } from '../engine/types.ts'
import type { Model } from '../model/types.ts'
import { SystemError } from '../system/errors.ts'
import { jsonText, visible } from '../text/escape.ts'
import { withModel } from './config-file.ts'
import { printDocument, printProblems, printText, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { silent } from './silent.ts'

/** Milliseconds between two tries while another instance is at work. */
const AGAIN = 50

/** `slash64 attach`: one container has its network before its first process asks for it. */
export async function attach(context: Context): Promise<ExitCode> {
  const attachment = await attachmentOf(context)
  if (typeof attachment === 'string') {
    context.io.stderr.write(`slash64: ${visible(attachment)}\nSee: slash64 attach --help\n`)
    return EXIT.usage
  }
  const app = await context.app()
  const answer = await answerOf(app, attachment)
  if (answer !== undefined) return told(context, answer)
  return withModel(context, async (model) => alone(context, model, attachment))
}

/** Who is meant, or what is wrong with the words. */
async function attachmentOf({ args, io }: Context): Promise<Attachment | string> {
  const { name: container, pid } = args
  if (pid === undefined) return { container }
  const process = pid === '-' ? processOfState(await io.readStdin()) : parseProcess(pid)
  if (process !== undefined) return { container, process }
  return pid === '-'
    ? 'standard input is not the state that an OCI runtime tells its hooks: no "pid" in it'
    : `--pid must be the number of a process, or -: not "${pid}"`
}

/** Of a controller that runs; undefined: none listens here. */
async function answerOf(app: App, attachment: Attachment): Promise<Attached | undefined> {
  try {
    return attachedOf(await app.ask(CONTROL_SOCKET, requestText('attach', attachment)))
  } catch (error) {
    if (error instanceof SystemError && error.code === 'not-found') return undefined
    if (error instanceof SystemError && error.code === 'timeout')
      return failed(silent('; it may connect the container still'))
    throw error
  }
}

/** What a controller refuses has changed nothing; undefined: it went before it had answered. */
function attachedOf(text: string): Attached | undefined {
  const answer = parseAnswer(text)
  if (answer === undefined) return undefined
  const { ok, problems, rest } = answer
  return { ok, applied: Number(rest['applied'] ?? 0), problems }
}

/** Without a controller: takes the lock, or waits until somebody else has done; a controller may start meanwhile. */
async function alone(context: Context, model: Model, attachment: Attachment): Promise<ExitCode> {
  const app = await context.app()
  const end = app.monotonic() + ATTACH_DEADLINE
  for (;;) {
    try {
      return told(context, await app.attach(model, attachment))
    } catch (error) {
      if (!(error instanceof SystemError) || error.code !== 'busy') throw error
      if (app.monotonic() >= end) return told(context, busy(error), EXIT.refused)
    }
    await app.pause(AGAIN)
    const answer = await answerOf(app, attachment)
    if (answer !== undefined) return told(context, answer)
  }
}

function busy({ detail }: SystemError): Attached {
  return failed({
    code: 'S64-L001',
    message: `another instance is at work on this host, and hears nobody here: ${detail}`,
    hint: 'a controller is asked through its run directory: name the same one (--run-dir DIR), or restart it if it was started before an update',
  })
}

function failed(problem: Problem): Attached {
  return { ok: false, applied: 0, problems: [problem] }
}

function told(context: Context, attached: Attached, code: ExitCode = EXIT.failed): ExitCode {
  const { args } = context
  if (args.output === 'json') printDocument(context, jsonText({ formatVersion: '1.0', ...attached }))
  else if (attached.ok) printText(context, `container ${args.name} has its network\n`)
  printProblems(context, attached.problems)
  if (!attached.ok) return code
  return args.detailedExitcode && attached.applied > 0 ? EXIT.changes : EXIT.fine
}
