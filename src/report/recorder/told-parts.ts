import type { Wish } from '../../controller/types.ts'
import type { Action, PlannedChange, Problem } from '../../engine/types.ts'
import { cut, few } from './bounds.ts'
import type { Value } from './entry.ts'

type Fields = Readonly<Record<string, Value>>

/** Changes that are named, and characters of each. */
const CHANGES = 20
const CHANGE = 100
/** Topics, and interfaces, that are named, and characters of each. */
const TOPICS = 12
const TOPIC = 60
const MESSAGE = 200

const SIGNS: Readonly<Record<Action, string>> = { create: '+', update: '~', delete: '-' }

/** What a wish asks for; without topics it is everything. */
export function wishTold({ trigger, topics, by, lost, urgent }: Wish): Fields {
  return {
    trigger,
    topics: topics === undefined ? 'everything' : few(topics, TOPICS, TOPIC),
    ...(by !== undefined && { by: cut(by, TOPIC) }),
    ...(lost !== undefined && { lost: few(lost, TOPICS, TOPIC) }),
    ...(urgent && { urgent }),
  }
}

/** `+ kind key`, `~ kind key`, `- kind key` under that name; nothing when there are none. */
export function changesTold(name: string, changes: readonly PlannedChange[]): Fields {
  if (changes.length === 0) return {}
  const more = changes.length - CHANGES
  const words = changes
    .slice(0, CHANGES)
    .map(({ action, kind, key }) => cut(`${SIGNS[action]} ${kind} ${key}`, CHANGE))
  return { [name]: more > 0 ? [...words, `+${more} more`] : words }
}

export function problemTold({ code, message, resource }: Problem): Fields {
  return {
    code: cut(code, 16),
    message: cut(message, MESSAGE),
    ...(resource !== undefined && { resource: cut(resource, CHANGE) }),
  }
}
