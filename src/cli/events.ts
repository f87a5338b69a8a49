import { CONTROL_SOCKET, parseAnswer, requestText } from '../app/control-words.ts'
import type { Problem } from '../engine/types.ts'
import type { Recording } from '../report/recorder/entry.ts'
import { parseRecording } from '../report/recorder/parse.ts'
import { recordingText } from '../report/recorder/text.ts'
import { SystemError } from '../system/errors.ts'
import { jsonText } from '../text/escape.ts'
import { printDocument, printFailure, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { silent } from './silent.ts'

/** `slash64 events`: what the controller that runs heard and did lately, and why. */
export async function events(context: Context): Promise<ExitCode> {
  const { args } = context
  const last = args.last === undefined ? Infinity : Number(args.last)
  if (args.last !== undefined && !/^[1-9][0-9]{0,5}$/.test(args.last)) {
    context.io.stderr.write(`slash64: --last must be a number from 1 on\nSee: slash64 events --help\n`)
    return EXIT.usage
  }
  const answer = await ask(context)
  if ('problems' in answer) {
    printFailure(context, answer.problems)
    return EXIT.failed
  }
  const shown = newest(answer.recording, last)
  printDocument(context, args.output === 'json' ? jsonText(shown) : recordingText(shown))
  return EXIT.fine
}

/** What the controller remembers, or why that is not known. */
async function ask(
  context: Context,
): Promise<{ readonly recording: Recording } | { readonly problems: readonly Problem[] }> {
  const app = await context.app()
  try {
    const answer = parseAnswer(await app.ask(CONTROL_SOCKET, requestText('events', {})))
    if (answer !== undefined && !answer.ok) return { problems: answer.problems }
    const recording = parseRecording(answer?.rest['recording'])
    return recording === undefined ? { problems: [GARBLED] } : { recording }
  } catch (error) {
    const problem = error instanceof SystemError ? problemOf(error, context.args.runDir) : undefined
    if (problem === undefined) throw error
    return { problems: [problem] }
  }
}

function problemOf({ code }: SystemError, runDir: string): Problem | undefined {
  if (code === 'timeout') return silent()
  if (code === 'not-found')
    return {
      code: 'S64-T007',
      message: `no controller is to be asked at ${runDir}`,
      hint: 'start one (systemctl start slash64), name its run directory (--run-dir DIR), or restart it if it was started before an update',
    }
  if (code === 'denied')
    return {
      code: 'S64-T008',
      message: 'only root may ask the controller',
      hint: 'run it as root: sudo slash64 events',
    }
  return undefined
}

/** The newest so many, and the others counted with what was forgotten. */
function newest(recording: Recording, last: number): Recording {
  const left = Math.max(0, recording.events.length - last)
  return { ...recording, forgotten: recording.forgotten + left, events: recording.events.slice(left) }
}

const GARBLED: Problem = {
  code: 'S64-T009',
  message: 'the answer of the controller is not whole, or of another version',
  hint: 'ask again; if it stays so, restart the controller: it was started before an update',
}
