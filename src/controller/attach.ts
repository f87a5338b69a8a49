import { answerText, parseRequest } from '../app/attach-words.ts'
import type { Attached } from '../app/types.ts'
import { problemOfError } from '../engine/problems.ts'
import type { Problem } from '../engine/types.ts'
import { SystemError } from '../system/errors.ts'
import type { Bell } from './bell.ts'
import { asideOf } from './one-pass.ts'
import type { ControllerOptions, State } from './state.ts'

/** Hears those who start containers. Each is served before the next pass; one that only looks meanwhile gives way. */
export function hearAttachments<Source>(
  state: State<Source>,
  { keeper, feeds, emit, stop }: ControllerOptions<Source>,
  ring: () => void,
): { close(): Promise<void> } {
  const answer = async (request: string): Promise<string> => {
    const attachment = parseRequest(request)
    if (attachment === undefined) return answerText(refusal(NOT_UNDERSTOOD))
    if (stop.aborted) return answerText(refusal(STOPPING))
    const attached = await new Promise<Attached>((resolve) => {
      state.waiting.push({ attachment, answer: resolve })
      state.interrupt?.abort()
      ring()
    })
    return answerText(attached)
  }
  return feeds.serve(keeper.attachSocket, answer, (error) => {
    const problem = unheard(error)
    state.monitors.set(keeper.attachSocket, problem)
    state.version += 1
    emit({ type: 'unheard', problem })
  })
}

/** Connects the container that waits longest. */
export async function attachNext<Source>(
  state: State<Source>,
  options: ControllerOptions<Source>,
  bell: Bell,
): Promise<void> {
  const { keeper, emit } = options
  const next = state.waiting.shift()
  if (next === undefined) return
  const began = keeper.monotonic()
  Object.assign(state, { working: 1, progressAt: began })
  const guard = asideOf(state, options, bell, 'host')
  const attached = await keeper.attach(state.desired.model, next.attachment, guard).catch(failure)
  const now = keeper.monotonic()
  Object.assign(state, { working: 0, progressAt: now })
  next.answer(attached)
  const { container } = next.attachment
  emit({ type: 'attach', container, ...attached, seconds: (now - began) / 1000 })
}

/** Nobody is served any more. */
export function refuseWaiting<Source>({ waiting }: State<Source>): void {
  for (const { answer } of waiting.splice(0)) answer(refusal(STOPPING))
}

function failure(error: unknown): Attached {
  if (error instanceof SystemError) return refusal(problemOfError(error, 'apply'))
  throw error
}

function refusal(problem: Problem): Attached {
  return { ok: false, applied: 0, problems: [problem] }
}

const NOT_UNDERSTOOD: Problem = {
  code: 'S64-T004',
  message: 'the controller does not understand what it is asked',
  hint: 'the program that asks and the controller should be of one version: restart the controller',
}

const STOPPING: Problem = { code: 'S64-T005', message: 'the controller is ending', hint: 'try again' }

function unheard({ message }: SystemError): Problem {
  return {
    code: 'S64-W005',
    message: `containers that start cannot ask for their network: ${message}`,
    hint: 'make the run directory writable (--run-dir DIR); they are connected by their events meanwhile',
  }
}
