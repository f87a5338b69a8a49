import { SystemError } from '../../system/errors.ts'
import { isObject, objectList, optionalNumber, optionalText, parseJson, requiredText } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { foundBy } from './types.ts'
import type { Found } from './types.ts'

const SUBJECT = 'incus list --format json'

/** Reads `incus list --format json`: by name; throws `garbled` when it is not that. A virtual machine has no network to enter. */
export function parseIncusList(text: string): ReadonlyMap<string, Found> {
  return new Map(
    objectList(parseJson(text, SUBJECT), SUBJECT).map((entry) => {
      const name = requiredText(entry, 'name', SUBJECT)
      return [name, foundIn(entry, name)]
    }),
  )
}

function foundIn(entry: JsonObject, name: string): Found {
  if (optionalText(entry, 'type') === 'virtual-machine') return { state: 'unknown', error: isMachine(name) }
  const status = requiredText(entry, 'status', SUBJECT).toLowerCase()
  const pid = isObject(entry['state']) ? optionalNumber(entry['state'], 'pid') : undefined
  return foundBy(pid ?? 0, status)
}

function isMachine(name: string): SystemError {
  return new SystemError({
    code: 'other',
    subject: `incus instance ${name}`,
    detail:
      'is a virtual machine, whose inside cannot be entered: use runtime: none, and configure it yourself',
  })
}

const ACTIONS = new Set([
  'instance-started',
  'instance-restarted',
  'instance-shutdown',
  'instance-stopped',
  'instance-resumed',
])

/** A line of `incus monitor --type lifecycle --format json` → the instance's name; undefined for anything else. */
export function readIncusEvent(line: string): string | undefined {
  const metadata = metadataOf(line)
  if (metadata === undefined || !ACTIONS.has(optionalText(metadata, 'action') ?? '')) return undefined
  return /^\/1\.0\/instances\/([^/?]+)/.exec(optionalText(metadata, 'source') ?? '')?.[1]
}

function metadataOf(line: string): JsonObject | undefined {
  try {
    const value = parseJson(line, 'incus monitor')
    return isObject(value) && isObject(value['metadata']) ? value['metadata'] : undefined
  } catch {
    return undefined
  }
}
