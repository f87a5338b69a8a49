import type { ErrorObject } from 'ajv'
import { formatPath } from '../model/path.ts'
import type { Finding } from './issue.ts'
import type { Path } from '../model/path.ts'
import { pathOf, valueAt } from './pointer.ts'
import { alternatives, suggest } from '../text/suggest.ts'

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
}

/** Keywords that say "this value is none of those allowed"; all of one place become one finding. */
const CHOICE: ReadonlySet<string> = new Set(['type', 'const', 'enum', 'oneOf'])

/** Whether an error of the schema is one branch of a choice, or the choice itself. */
export function isChoice(error: ErrorObject): boolean {
  return CHOICE.has(error.keyword)
}

/**
 * One finding for each place whose value is none of those allowed, however many branches of the schema said so.
 * None where a branch fits the value's type and has faults of its own, which say more.
 */
export function choiceFindings(errors: readonly ErrorObject[], root: unknown): readonly Finding[] {
  const places = new Map<string, ErrorObject[]>()
  for (const error of errors.filter(isChoice)) {
    const group = places.get(error.instancePath)
    if (group === undefined) places.set(error.instancePath, [error])
    else group.push(error)
  }
  const told = toldPlaces(errors)
  return [...places].flatMap(([place, group]) => {
    const [first] = group
    const isTold = told.has(place) && group.some((error) => error.keyword === 'oneOf')
    return first === undefined || isTold ? [] : [choiceFinding(pathOf(first), group, root)]
  })
}

/** Places where some error is about what stands below, or about more than the choice. */
function toldPlaces(errors: readonly ErrorObject[]): ReadonlySet<string> {
  const told = new Set<string>()
  for (const error of errors) {
    if (!isChoice(error)) told.add(error.instancePath)
    let place = error.instancePath
    while (place !== '') {
      place = place.slice(0, place.lastIndexOf('/'))
      told.add(place)
    }
  }
  return told
}

function choiceFinding(path: Path, errors: readonly ErrorObject[], root: unknown): Finding {
  const value = valueAt(root, path)
  const words = valuesOf(errors, 'const', 'allowedValue')
  const types = valuesOf(errors, 'type', 'type').filter((type) => words.length === 0 || type !== 'string')
  const wanted = [...types.map((type) => TYPE_NAMES[type] ?? type), ...words.map((word) => `"${word}"`)]
  const place = path.length === 0 ? 'the file' : `"${formatPath(path)}"`
  const code = words.length > 0 && typeof value === 'string' ? 'S64-C004' : 'S64-C001'
  const message = `${place} must be ${alternatives(wanted)}, not ${described(value)}`
  return { code, path, message, ...hintFor(path, value, words, types) }
}

function valuesOf(errors: readonly ErrorObject[], keyword: string, parameter: string): readonly string[] {
  const found = errors.filter((error) => error.keyword === keyword)
  return [...new Set(found.map((error) => String(error.params[parameter])))]
}

function described(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? `"${value}"` : `the ${typeof value} ${String(value)}`
}

/** The way out of what people often write: ports without protocol, quoted numbers, YAML 1.1's booleans. */
function hintFor(
  path: Path,
  value: unknown,
  words: readonly string[],
  types: readonly string[],
): { readonly hint?: string } {
  const text = typeof value === 'string' || typeof value === 'number' ? `${value}` : ''
  const better = typeof value === 'string' ? suggest(value, words) : undefined
  if (better !== undefined) return { hint: `did you mean "${better}"?` }
  if (value === null && types.includes('object')) return { hint: 'write {} for an empty mapping' }
  if (value === null && types.includes('array')) return { hint: 'write [] for an empty list' }
  if (types.includes('integer') && /^[1-9][0-9]*$/.test(text)) return { hint: `write ${text} without quotes` }
  if (types.includes('boolean') && /^(?:yes|on|no|off)$/i.test(text))
    return { hint: `did you mean ${/^(?:yes|on)$/i.test(text)}?` }
  const isPort = path.includes('expose') || path.at(-1) === 'listen'
  return isPort && typeof value === 'number' ? { hint: `did you mean "${text}/tcp"?` } : {}
}
