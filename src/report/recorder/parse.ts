import type { Entry, Recording, Value } from './entry.ts'

/** A recording that a controller sent, perhaps of another version; undefined: it is none that we can read. */
export function parseRecording(value: unknown): Recording | undefined {
  if (!isObject(value)) return undefined
  const { formatVersion, controller, clock, forgotten, events } = value
  if (typeof formatVersion !== 'string' || !formatVersion.startsWith('1.')) return undefined
  if (!isObject(controller) || !isObject(clock) || !Array.isArray(events)) return undefined
  const { at, time } = clock
  if (typeof at !== 'number' || typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined
  return {
    formatVersion: '1.0',
    controller: { version: String(controller['version']), process: Number(controller['process']) },
    clock: { at, time },
    forgotten: Number(forgotten ?? 0),
    events: events.filter(isEntry),
  }
}

function isEntry(value: unknown): value is Entry {
  if (!isObject(value)) return false
  const { at, what, ...fields } = value
  return typeof at === 'number' && typeof what === 'string' && Object.values(fields).every(isValue)
}

function isValue(value: unknown): value is Value {
  return Array.isArray(value)
    ? value.every((one) => typeof one === 'string')
    : ['string', 'number', 'boolean'].includes(typeof value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
