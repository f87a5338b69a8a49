import { SystemError } from '../../system/errors.ts'
import {
  asObject,
  isObject,
  objectList,
  optionalText,
  parseJson,
  requiredNumber,
  requiredText,
} from '../json.ts'
import type { JsonObject } from '../json.ts'
import { foundBy, UNKNOWN_TO_IT } from './types.ts'
import type { Found } from './types.ts'

export type OciTool = 'docker' | 'podman'

/** What was told: of those that are there, and in words. */
export interface Inspected {
  readonly containers: ReadonlyMap<string, Found>
  readonly ids: readonly string[]
  readonly said: readonly string[]
}

const SUBJECT = 'container inspect'

/**
 * Reads `docker container inspect NAME...` or podman's: a list of what is there, and behind it (standard error, exit code 1
 * or 125) a line for each name that is not. Throws `garbled` when it is not that.
 */
export function parseInspect(text: string): Inspected {
  const [json, said] = parted(text)
  const all = json === '' ? [] : objectList(parseJson(json, SUBJECT), SUBJECT)
  return {
    containers: new Map(all.map((entry) => [nameOf(entry), foundIn(entry)])),
    ids: all.map((entry) => optionalText(entry, 'Id') ?? ''),
    said,
  }
}

/** What was told of one: a name of which neither speaks was not answered, and is unknown. */
export function inspectedOf(inspected: Inspected, tool: OciTool, name: string): Found {
  const { containers, said } = inspected
  const found = containers.get(name)
  if (found !== undefined) return found
  if (isAnsweredById(inspected, name) || said.some((line) => isAbsence(line, name)))
    return { state: 'absent', why: UNKNOWN_TO_IT }
  const [detail = `says nothing of ${name}`] = said
  const error = new SystemError({ code: 'other', subject: `${tool} ${SUBJECT} ${name}`, detail })
  return { state: 'unknown', error }
}

/** The JSON ends with a line of its own: `]`, or `[]` where nothing was found. */
function parted(text: string): readonly [json: string, said: readonly string[]] {
  const lines = text.split('\n')
  const end = lines.findLastIndex((line) => line === ']' || line === '[]')
  const said = lines.slice(end + 1).map((line) => line.trim())
  return [lines.slice(0, end + 1).join('\n'), said.filter((line) => line !== '')]
}

/** Docker writes `/blog`. */
function nameOf(entry: JsonObject): string {
  return requiredText(entry, 'Name', SUBJECT).replace(/^\//, '')
}

function foundIn(entry: JsonObject): Found {
  const state = asObject(entry['State'], SUBJECT)
  return foundBy(requiredNumber(state, 'Pid', SUBJECT), requiredText(state, 'Status', SUBJECT))
}

/** Both know a container by the beginning of its ID too, where none has that name: then they tell of another. */
function isAnsweredById({ ids, said }: Inspected, name: string): boolean {
  return said.length === 0 && ids.some((id) => id.startsWith(name))
}

/** Whether a name could be the beginning of an ID. */
export function mayBeId(name: string): boolean {
  return /^[0-9a-f]{1,64}$/.test(name)
}

/** `No such container: blog` (docker), `no such container blog` (podman), and that IDs of several begin so. */
const ABSENCE = [
  /no such container:? "?([^\s"]+)"?$/i,
  /multiple IDs found with provided prefix: (\S+)$/i,
  /more than one result for container (?:name or )?ID "?([^\s":]+)/i,
]

function isAbsence(line: string, name: string): boolean {
  return ABSENCE.some((words) => words.exec(line)?.[1] === name)
}

/** What tells that a container's network may have come or gone; `exec_start: ...` and health checks do not. */
const EVENTS = new Set([
  'start',
  'die',
  'died',
  'stop',
  'kill',
  'rename',
  'destroy',
  'remove',
  'cleanup',
  'restart',
  'init',
])

/** A line of `docker events --format '{{json .}}'` or podman's → the container's name; undefined for anything else. */
export function readOciEvent(line: string): string | undefined {
  const event = parsedLine(line)
  if (event === undefined) return undefined
  const actor = isObject(event['Actor']) ? event['Actor'] : {}
  const attributes = isObject(actor['Attributes']) ? actor['Attributes'] : {}
  const verb = optionalText(event, 'Action') ?? optionalText(event, 'status') ?? optionalText(event, 'Status')
  if (verb === undefined || !EVENTS.has(verb)) return undefined
  return optionalText(attributes, 'name') ?? optionalText(event, 'Name')
}

function parsedLine(line: string): JsonObject | undefined {
  try {
    const value = parseJson(line, 'events')
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
