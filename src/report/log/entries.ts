import type {
  AttachEvent,
  Contended,
  CommandEvent,
  ControllerEvent,
  FileEvent,
  LateEvent,
  MonitorEvent,
  Result,
} from '../../controller/types.ts'
import type { Problem } from '../../engine/types.ts'
import { isFailure } from '../pass.ts'
import { singleLine } from '../problems.ts'
import type { LogEntry, LogLevel } from './entry.ts'
import { passEntries } from './pass-entries.ts'
import { problemEntry } from './problem-entry.ts'

/** Faults of a file that are told one by one. */
const MOST_FAULTS = 20

/**
 * What is worth a line of the log, in order. A pass that found nothing to do is worth none, unless the one before it
 * failed: `before` is how that one ended.
 */
export function entriesOf(event: ControllerEvent, before?: Result): readonly LogEntry[] {
  switch (event.type) {
    case 'started':
      return [entry('info', 'started', 'started', { version: event.version })]
    case 'pass':
      return [...passEntries(event, before), ...event.contended.map(contendedEntry)]
    case 'file':
      return fileEntries(event)
    case 'monitor':
      return event.routine || event.unwanted ? [] : [monitorEntry(event)]
    case 'attach':
      return attachEntries(event)
    case 'unheard':
      return [problemEntry('unheard', event.problem, {}, 'warning')]
    case 'heard-again':
      return [entry('info', 'heard-again', 'containers that start can ask for their network again', {})]
    case 'stopping':
      return [entry('info', 'stopping', 'stopping; what is set up stays', { signal: event.signal })]
    case 'late':
      return [lateEntry(event)]
    case 'command':
      return evidenceEntries(event)
    case 'wished':
    case 'pass-begun':
    case 'observed':
    case 'interrupt':
    case 'gave-way':
      return []
  }
}

/** The same for all events of one controller, one after the other: it remembers whether passes fail. */
export function createEntries(): (event: ControllerEvent) => readonly LogEntry[] {
  let before: Result | undefined
  return (event) => {
    const entries = entriesOf(event, before)
    // A failure is over when the host is converged, not when a pass in between had other worries.
    const isOver = event.type === 'pass' && (event.result === 'noop' || event.result === 'success')
    if (isOver || (event.type === 'pass' && isFailure(event.result))) before = event.result
    return entries
  }
}

function fileEntries(event: FileEvent): readonly LogEntry[] {
  const { name } = event
  if (event.valid) {
    const { containers, networks, routes, nat } = event.model
    return [
      entry('info', 'file', `${name} is valid and in use`, {
        networks: networks.length,
        containers: containers.length,
        forwards: nat.forwards.length,
        routes: routes.length,
      }),
      ...(event.unkept === undefined ? [] : [problemEntry('file', event.unkept, {}, 'warning')]),
    ]
  }
  const { problem, text, inUse } = event
  const faults = faultEntries(text)
  const message = `${name} is not valid: ${singleLine(problem.message)}; what was valid last stays in use`
  return [problemEntry('file', { ...problem, message }, { in_use: inUse, faults: faults.length }), ...faults]
}

/** The first line of each fault; the lines of the file that are shown below it are indented. */
function faultEntries(text: string): readonly LogEntry[] {
  const heads = text.split('\n').filter((line) => /^\S/.test(line))
  return heads.slice(0, MOST_FAULTS).map((line) => {
    const [, code] = /error\[([\w-]+)\]/.exec(line) ?? []
    return entry('error', 'fault', line, code === undefined ? {} : { code })
  })
}

function monitorEntry({ name, up, problem, unheard }: MonitorEvent): LogEntry {
  const doubt =
    unheard === undefined ? '' : `; it listens, but nothing could be made for it to hear: ${unheard}`
  if (up) return entry('info', 'monitor-up', `${name} monitor runs${doubt}`, { monitor: name })
  const down: Problem = problem ?? { code: 'S64-W002', message: `${name} monitor ended` }
  return problemEntry('monitor-down', down, { monitor: name }, 'warning')
}

function attachEntries({ container, ok, applied, problems, seconds }: AttachEvent): readonly LogEntry[] {
  const fields = { container, changes: applied, seconds }
  if (ok) return [entry('info', 'attached', `container ${container} has its network as it starts`, fields)]
  return problems.map((problem) => problemEntry('unattached', problem, { container }))
}

/** Its words are the same for all of one tool, so that a busy machine is told of once a minute. */
function lateEntry({ tool, command, seconds, allowed }: LateEvent): LogEntry {
  const message = `${tool === 'other' ? 'a program' : tool} took longer than ${allowed} s: this machine is busy`
  return entry('warning', 'late', message, { command, seconds })
}

/** What a program waited for before it was killed; that it was is told by the pass. */
function evidenceEntries({ command = '', evidence = [] }: CommandEvent): readonly LogEntry[] {
  if (evidence.length === 0) return []
  const message = `what was seen of ${command} before it was killed`
  return [entry('debug', 'evidence', message, { seen: evidence.join(' | ') })]
}

function contendedEntry({ resource, restores, by }: Contended): LogEntry {
  const message = 'somebody else changes it as often as it is put right'
  return entry('warning', 'contended', message, {
    code: 'S64-W003',
    resource,
    restores,
    ...(by !== undefined && { by }),
  })
}

function entry(level: LogLevel, event: string, message: string, fields: LogEntry['fields']): LogEntry {
  return { level, event, message, fields }
}
