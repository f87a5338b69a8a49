import type { Problem } from '../engine/types.ts'
import { attachmentOf } from './attach-words.ts'
import { fieldsOf, isFields, type Fields } from './fields.ts'
import type { Attached, Attachment } from './types.ts'

/** Where a controller is spoken to, below the run directory: one line of JSON asks, one answers. */
export const CONTROL_SOCKET = 'control.sock'

/** Milliseconds for the controller to answer: containers that start together, as after a reboot, are served one by one. */
export const ANSWER_DEADLINE = 15_000

/** What can be asked, by its verb: what stands beside `do` in the request. */
export interface Requests {
  readonly attach: Attachment
  readonly events: Readonly<Record<string, never>>
}
export type Verb = keyof Requests

/** What every answer has. */
export interface Outcome {
  readonly ok: boolean
  readonly problems: readonly Problem[]
}

/** What comes back, by the verb. */
export interface Answers {
  readonly attach: Outcome & Pick<Attached, 'applied'>
  /** What report/recorder keeps, as a document. */
  readonly events: Outcome & { readonly recording: object }
}

/** Who does what is asked; never rejects. */
export type Handlers = { readonly [V in Verb]: (asked: Requests[V]) => Promise<Answers[V] | Outcome> }

/** What stands beside each verb; undefined: nobody of ours asks so. */
const PARSERS: { readonly [V in Verb]: (fields: Fields) => Requests[V] | undefined } = {
  attach: attachmentOf,
  events: (fields) => (Object.keys(fields).length === 0 ? {} : undefined),
}

/** One line that asks. */
export function requestText<V extends Verb>(verb: V, asked: Requests[V]): string {
  return `${JSON.stringify({ do: verb, ...asked })}\n`
}

/** One line that answers, whatever was asked. */
export async function answerTo(request: string, handlers: Handlers): Promise<string> {
  const { do: verb, ...fields } = fieldsOf(request) ?? {}
  if (isVerb(verb)) return answerText(await answerOf(verb, fields, handlers))
  return answerText(refusal(typeof verb === 'string' && WORD.test(verb) ? unknown(verb) : NOT_UNDERSTOOD))
}

async function answerOf<V extends Verb>(
  verb: V,
  fields: Fields,
  handlers: Handlers,
): Promise<Answers[V] | Outcome> {
  const asked = PARSERS[verb](fields)
  return asked === undefined ? refusal(NOT_UNDERSTOOD) : handlers[verb](asked)
}

export function answerText(answer: Outcome): string {
  return `${JSON.stringify(answer)}\n`
}

/** Nothing of what was asked was done. */
export function refusal(problem: Problem): Outcome {
  return { ok: false, problems: [problem] }
}

/** What every answer has, and the rest of it; undefined: it is not whole, or no answer of ours. */
export function parseAnswer(text: string): (Outcome & { readonly rest: Fields }) | undefined {
  const { ok, problems, ...rest } = fieldsOf(text) ?? {}
  if (typeof ok !== 'boolean' || !Array.isArray(problems)) return undefined
  return problems.every(isProblem) ? { ok, problems, rest } : undefined
}

function isVerb(value: unknown): value is Verb {
  return typeof value === 'string' && Object.hasOwn(PARSERS, value)
}

function isProblem(value: unknown): value is Problem {
  const { code, message, hint } = isFields(value) ? value : {}
  const isHint = hint === undefined || typeof hint === 'string'
  return typeof code === 'string' && typeof message === 'string' && isHint
}

const WORD = /^[a-z][a-z-]{0,31}$/
const VERSIONS = 'the program that asks and the controller are of different versions: restart the controller'

function unknown(verb: string): Problem {
  return { code: 'S64-T004', message: `the controller does not know how to ${verb}`, hint: VERSIONS }
}

const NOT_UNDERSTOOD: Problem = {
  code: 'S64-T004',
  message: 'the controller does not understand what it is asked',
  hint: VERSIONS,
}
