import type { Reply } from '../engine/types.ts'
import { SystemError } from '../system/errors.ts'

type Answer = Extract<Reply, { readonly text: string }>

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Parses a tool's output; what is not JSON is `garbled`: unknown, never empty. */
export function parseJson(text: string, subject: string): Json {
  try {
    return JSON.parse(escapedControls(text)) as Json
  } catch {
    throw new SystemError({
      code: 'garbled',
      subject,
      detail: `not JSON: ${JSON.stringify(text.slice(0, 80))}`,
    })
  }
}

/** iproute2 6.1 prints control bytes of interface names and aliases as they are, which anybody may put there. */
function escapedControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The objects of a list. Anything else than a list of objects is `garbled`; `{}` entries (ip filters) are left out. */
export function objectList(value: Json | undefined, subject: string): readonly JsonObject[] {
  const entries = anyList(value, subject).map((entry) => asObject(entry, subject))
  return entries.filter((entry) => Object.keys(entry).length > 0)
}

export function anyList(value: Json | undefined, subject: string): readonly Json[] {
  if (!Array.isArray(value)) throw garbled(subject, 'expected a list')
  return value as readonly Json[]
}

export function asObject(value: Json | undefined, subject: string): JsonObject {
  if (!isObject(value)) throw garbled(subject, 'expected an object')
  return value
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field that must be there. */
export function requiredText(object: JsonObject, field: string, subject: string): string {
  const value = object[field]
  if (typeof value !== 'string') throw garbled(subject, `no "${field}"`)
  return value
}

export function requiredNumber(object: JsonObject, field: string, subject: string): number {
  const value = object[field]
  if (typeof value !== 'number') throw garbled(subject, `no number "${field}"`)
  return value
}

export function optionalText(object: JsonObject, field: string): string | undefined {
  const value = object[field]
  return typeof value === 'string' ? value : undefined
}

export function optionalNumber(object: JsonObject, field: string): number | undefined {
  const value = object[field]
  return typeof value === 'number' ? value : undefined
}

export function textList(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((entry: Json): entry is string => typeof entry === 'string') : []
}

function garbled(subject: string, detail: string): SystemError {
  return new SystemError({ code: 'garbled', subject, detail })
}

const memory = new WeakMap<Reply, Map<unknown, unknown>>()

/** Parses a reply once, however many kinds read it. */
export function parsedOnce<T>(reply: Answer, parse: (text: string) => T): T
export function parsedOnce<T>(reply: Reply, parse: (text: string) => T): T | undefined
export function parsedOnce<T>(reply: Reply, parse: (text: string) => T): T | undefined {
  if ('error' in reply) return undefined
  const known = memory.get(reply) ?? new Map<unknown, unknown>()
  memory.set(reply, known)
  if (!known.has(parse)) known.set(parse, parse(reply.text))
  return known.get(parse) as T
}
