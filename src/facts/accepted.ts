import { canonicalJson } from '../engine/canonical-json.ts'
import { replyText } from '../engine/observe.ts'
import type { Probe, Replies } from '../engine/types.ts'
import { parsedOnce } from '../formats/json.ts'
import type { Model } from '../model/types.ts'
import { digest } from '../net/digest.ts'

/** What was accepted last, below the state directory: read only when something of the file is held back. */
export const ACCEPTED = { id: 'accepted', file: 'accepted.json', contained: true } as const satisfies Probe

/** The same as a read of every pass: only who finds it changed takes it apart. */
export const ACCEPTED_BEFORE = { ...ACCEPTED, id: 'accepted before' } as const satisfies Probe

/** Another number whenever what a Model holds is another. */
const FORMAT = 1

/**
 * What was accepted last: every default of it filled in. Undefined where there was nothing, it is damaged, or of another
 * version. It decides only what stays while the file is refused.
 */
export function acceptedModel(
  replies: Replies,
  id: typeof ACCEPTED.id | typeof ACCEPTED_BEFORE.id = ACCEPTED.id,
): Model | undefined {
  const reply = replies.get(id)
  return reply && parsedOnce(reply, parseAccepted)
}

/** Whether this very file was accepted last; nothing is taken apart for it. */
export function isAcceptedFile(model: Model, replies: Replies): boolean {
  return replyText(replies, ACCEPTED_BEFORE.id) === acceptedText(model)
}

const texts = new WeakMap<Model, string>()

/** The text of it: `{"format":1,"digest":"…","model":{…}}`. */
export function acceptedText(model: Model): string {
  const text = texts.get(model) ?? `${JSON.stringify({ format: FORMAT, digest: digestOf(model), model })}\n`
  texts.set(model, text)
  return text
}

export function parseAccepted(text: string): Model | undefined {
  try {
    const { format, digest: told, model }: Stored = JSON.parse(text)
    return format === FORMAT && model !== undefined && told === digestOf(model) ? model : undefined
  } catch {
    return undefined
  }
}

interface Stored {
  readonly format?: unknown
  readonly digest?: unknown
  readonly model?: Model
}

function digestOf(model: Model): string {
  return digest(canonicalJson(model), 32)
}
