import { notModelled } from '../fail.ts'
import { setServer, showServers } from './servers.ts'
import type { MapEntry, Worker } from './state.ts'
import type { World } from '../state.ts'

/** What the worker answers to one command. `before` is told of a change, and may refuse it. */
export function adminAnswer(
  world: World,
  worker: Worker,
  command: string,
  before: (change: string) => void,
): string {
  const words = wordsOf(command)
  const [verb = '', noun = '', ...rest] = words
  const changes = ['add', 'set', 'del', 'clear'].includes(verb)
  if (changes) before(`haproxy ${words.join(' ')}`)
  if (noun === 'map') return mapAnswer(world, worker, verb, rest)
  if (verb === 'get' && noun === 'var') return variableAnswer(worker, rest[0])
  if (verb === 'show' && noun === 'servers' && rest[0] === 'state') return showServers(world, worker, rest[1])
  if (verb === 'show' && noun === 'info') return `Name: HAProxy\nPid: ${worker.pid}\n\n`
  if (verb === 'set' && noun === 'server') return setServer(worker, rest)
  return unknownCommand(command)
}

/** Backslash takes the next character as it is; there are no quotes. */
function wordsOf(command: string): string[] {
  return (command.match(/(?:\\.|[^\s\\])+/g) ?? []).map((word) => word.replaceAll(/\\(.)/g, '$1'))
}

export function unknownCommand(command: string): string {
  return command.trim() === ''
    ? 'Unknown command. Please enter one of the following commands only:\n\n'
    : 'Unknown command, but maybe one of the following ones is a better match:\n\n'
}

/** Its answer ends without the empty line that all others end with. */
function variableAnswer({ config }: Worker, name: string | undefined): string {
  if (name === undefined) return 'Missing process-wide variable identifier.\n\n'
  const value = config.variables.get(name)
  return value === undefined ? 'Variable not found.\n\n' : `${name}: type=str value=<${value}>\n`
}

const USAGE: Readonly<Record<string, string>> = {
  add: "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload",
  set: "'set map' expects three parameters: map identifier, key and value.",
  del: 'This command expects two parameters: map identifier and key.',
}
const FIELDS: Readonly<Record<string, number>> = { add: 3, set: 3, del: 2, clear: 1, show: 1 }

function mapAnswer(world: World, worker: Worker, verb: string, words: readonly string[]): string {
  const [name = '', key = '', value = ''] = words
  const fields = FIELDS[verb]
  if (fields === undefined || (verb === 'show' && name === '') || name.startsWith('#')) {
    throw notModelled(`haproxy: ${verb} map ${words.join(' ')}`)
  }
  const short = words.length < fields ? USAGE[verb] : undefined
  if (short !== undefined) return `${short}\n\n`
  const entries = worker.maps.get(name)
  if (entries === undefined) return 'Unknown map identifier. Please use #<id> or <file>.\n\n'
  if (verb === 'show') return `${entries.map(entryLine).join('')}\n`
  if (verb === 'clear') entries.splice(0)
  else if (verb === 'add') entries.push({ id: world.proxy.nextPid++, key, value })
  else return changeEntries(entries, key, verb === 'set' ? value : undefined)
  return '\n'
}

function entryLine({ id, key, value }: MapEntry): string {
  return `0x${(0x5500_0000_0000 + id * 16).toString(16)} ${key} ${value}\n`
}

/** A key that was added twice is there twice, and both are changed. */
function changeEntries(entries: MapEntry[], key: string, value: string | undefined): string {
  const found = entries.filter((entry) => entry.key === key)
  if (found.length === 0) return value === undefined ? 'Key not found.\n\n' : 'entry not found.\n\n'
  for (const entry of found) {
    if (value === undefined) entries.splice(entries.indexOf(entry), 1)
    else entry.value = value
  }
  return '\n'
}
