import { refusal, type Answers, type Outcome } from '../app/control-words.ts'
import type { Attached, Attachment } from '../app/types.ts'
import { problemOfError } from '../engine/problems.ts'
import type { Problem, Topic } from '../engine/types.ts'
import { containerTopic } from '../runtimes/shared.ts'
import { SystemError } from '../system/errors.ts'
import type { Bell } from './bell.ts'
import { asideOf } from './one-pass.ts'
import { wished } from './schedule.ts'
import type { ControllerOptions, State } from './state.ts'

/** Who starts a container is served before the next pass; one that only looks meanwhile gives way. */
export async function attachAsked<Source>(
  state: State<Source>,
  { emit, stop }: ControllerOptions<Source>,
  { attachment, ring }: { readonly attachment: Attachment; readonly ring: () => void },
): Promise<Answers['attach'] | Outcome> {
  if (stop.aborted) return refusal(STOPPING)
  emit({ type: 'interrupt', by: `attach ${attachment.container}` })
  return new Promise((resolve) => {
    state.waiting.push({ attachment, answer: resolve })
    state.interrupt?.abort()
    ring()
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
  hearOf(state, next.attachment, began)
  const guard = asideOf(state, options, bell, 'host')
  const attached = await keeper.attach(state.desired.model, next.attachment, guard).catch(failure)
  const now = keeper.monotonic()
  Object.assign(state, { working: 0, progressAt: now })
  next.answer(attached)
  const { container } = next.attachment
  emit({ type: 'attach', container, ...attached, seconds: (now - began) / 1000 })
}

/** What is known of the container says nothing any more: no pass takes away what it gets now, and the next looks at it. */
function hearOf<Source>(state: State<Source>, { container }: Attachment, now: number): void {
  const declared = state.desired.model.containers.find(({ name }) => name === container)
  if (declared === undefined) return
  const topics = new Set<Topic>([containerTopic(declared.runtime), 'link'])
  state.schedule = wished(state.schedule, { trigger: 'runtime', topics }, now)
}

/** Nobody is served any more. */
export function refuseWaiting<Source>({ waiting }: State<Source>): void {
  for (const { answer } of waiting.splice(0)) answer(refused(STOPPING))
}

function failure(error: unknown): Attached {
  if (error instanceof SystemError) return refused(problemOfError(error, 'apply'))
  throw error
}

function refused(problem: Problem): Attached {
  return { applied: 0, ...refusal(problem) }
}

const STOPPING: Problem = { code: 'S64-T005', message: 'the controller is ending', hint: 'try again' }
