import { replyText } from '../engine/observe.ts'
import { sealed, unsealed } from '../engine/sealed.ts'
import type { Probe, Replies } from '../engine/types.ts'
import { parsedOnce } from '../formats/json.ts'
import type { Model } from '../model/types.ts'

/** What was accepted last, below the state directory, as a read of its own where something stands in for the file. */
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
  const text = texts.get(model) ?? sealed('model', FORMAT, model)
  texts.set(model, text)
  return text
}

export function parseAccepted(text: string): Model | undefined {
  return unsealed('model', FORMAT, text)
}
