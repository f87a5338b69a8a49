import type {
  AttachEvent,
  CommandEvent,
  ControllerEvent,
  FileEvent,
  LateEvent,
  MonitorEvent,
  PassBegunEvent,
  WishedEvent,
} from '../../controller/types.ts'
import type { Plan } from '../../engine/types.ts'
import { cut, few, tenths } from './bounds.ts'
import type { Told } from './entry.ts'
import { passTold } from './told-pass.ts'
import { changesTold, problemTold, wishTold } from './told-parts.ts'

/** Characters of what a monitor said. */
const LINE = 200

/** What is worth remembering of an event. Commands that did their work in time are too many to be kept. */
export function toldOf(event: ControllerEvent): readonly Told[] {
  switch (event.type) {
    case 'wished':
      return [wished(event)]
    case 'pass-begun':
      return [begun(event)]
    case 'observed':
      return [planned(event.plan)]
    case 'pass':
      return passTold(event)
    case 'interrupt':
      return [{ what: 'interrupt', by: cut(event.by, 80) }]
    case 'gave-way':
      return [{ what: 'gave-way', trigger: event.trigger }]
    case 'monitor':
      return [monitor(event)]
    case 'file':
      return [file(event)]
    case 'attach':
      return [attached(event)]
    case 'command':
      return event.ok ? [] : [ran(event)]
    case 'late':
      return [late(event)]
    case 'unheard':
      return [{ what: 'unheard', ...problemTold(event.problem) }]
    case 'heard-again':
      return [{ what: 'heard-again' }]
    case 'started':
      return [{ what: 'started', version: event.version }]
    case 'stopping':
      return [{ what: 'stopping', signal: event.signal }]
  }
}

function wished({ wish, heard, dueIn }: WishedEvent): Told {
  const more = { ...wishTold(wish), due: tenths(dueIn) }
  if (heard === undefined) return { what: 'wish', ...more }
  const { name, program, line, complaint } = heard
  return {
    what: complaint === true ? 'complaint' : 'heard',
    monitor: program === undefined ? name : cut(program, 80),
    line: cut(line, LINE),
    ...more,
  }
}

function begun({ wish, whole, beside }: PassBegunEvent): Told {
  return { what: 'pass-begun', whole, ...(beside !== undefined && { beside }), ...wishTold(wish) }
}

function planned({ known, changes, heldBack, problems }: Plan): Told {
  return {
    what: 'plan',
    known,
    changes: changes.length,
    ...changesTold('first', changes),
    ...(heldBack.length > 0 && { heldBack: heldBack.length }),
    ...(problems.length > 0 && { problems: codes(problems) }),
  }
}

function codes(problems: Plan['problems']): readonly string[] {
  return few(new Set(problems.map(({ code }) => code)), 8, 16)
}

function monitor({ name, program, up, unwanted, routine, problem }: MonitorEvent): Told {
  return {
    what: 'monitor',
    monitor: program === undefined ? name : cut(program, 80),
    up,
    ...(unwanted && { unwanted }),
    ...(routine && { routine }),
    ...(problem !== undefined && problemTold(problem)),
  }
}

function file(event: FileEvent): Told {
  const name = cut(event.name, 120)
  if (!event.valid)
    return { what: 'file', name, valid: false, inUse: event.inUse, ...problemTold(event.problem) }
  return { what: 'file', name, valid: true, containers: event.model.containers.length }
}

function attached({ container, ok, applied, seconds, problems }: AttachEvent): Told {
  const more = problems.length > 0 && { problems: codes(problems) }
  return { what: 'attach', container: cut(container, 64), ok, applied, took: tenths(seconds * 1000), ...more }
}

function ran({ tool, seconds, ok, background, command, evidence }: CommandEvent): Told {
  return {
    what: 'command',
    tool,
    ok,
    took: tenths(seconds * 1000),
    ...(background && { background }),
    ...(command !== undefined && { command: cut(command, LINE) }),
    // A program and what it started: a few threads, each with its state, wait channel and stack.
    ...(evidence !== undefined && { evidence: evidence.slice(0, 4).map((line) => cut(line, 2 * LINE)) }),
  }
}

function late({ tool, command, seconds, allowed }: LateEvent): Told {
  return {
    what: 'late',
    tool,
    command: cut(command, LINE),
    took: tenths(seconds * 1000),
    allowed: tenths(allowed * 1000),
  }
}
