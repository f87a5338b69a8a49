import type { Argv } from '../engine/types.ts'
import { toolOf } from './command-event.ts'
import type { CommandEvent, Tool } from './command-event.ts'
import { SystemError } from './errors.ts'
import type { System } from './port.ts'

/** The same System, which tells of each program and each exchange when it has ended; `more` is told with each. */
export function measured(
  system: System,
  told: (event: CommandEvent) => void,
  more: Pick<CommandEvent, 'background'> = {},
): System {
  const timed = async <T>(tool: Tool, fine: (error: unknown) => boolean, effect: () => Promise<T>) => {
    const begun = system.monotonic()
    const tell = (ok: boolean, seen: Seen = {}): void =>
      told({ type: 'command', tool, seconds: (system.monotonic() - begun) / 1000, ok, ...more, ...seen })
    try {
      const result = await effect()
      tell(true)
      return result
    } catch (error) {
      tell(fine(error), seenBy(error))
      throw error
    }
  }
  return {
    places: system.places,
    query: async (argv, asked) =>
      timed(toolOf(argv), isCheck(argv) ? always : isAbsence, async () => system.query(argv, asked)),
    run: async (argv, script, settings) =>
      timed(toolOf(argv), never, async () => system.run(argv, script, settings)),
    readSysctl: async (name) => system.readSysctl(name),
    writeSysctl: async (name, value) => system.writeSysctl(name, value),
    readFile: async (path) => system.readFile(path),
    readLink: async (path) => system.readLink(path),
    writeFile: async (path, content) => system.writeFile(path, content),
    removeFile: async (path) => system.removeFile(path),
    removeTree: async (path) => system.removeTree(path),
    makeDirectory: async (path, mode) => system.makeDirectory(path, mode),
    // Nobody else is spoken to over sockets.
    exchange: async (to, request) => timed('haproxy', isAbsence, async () => system.exchange(to, request)),
    lock: async (stop) => system.lock(stop),
    scriptFault: async () => system.scriptFault(),
    now: () => system.now(),
    monotonic: () => system.monotonic(),
    pause: async (milliseconds) => system.pause(milliseconds),
  }
}

type Seen = Pick<CommandEvent, 'evidence' | 'command'>

/** What was seen of a program before it was killed. */
function seenBy(error: unknown): Seen {
  if (!(error instanceof SystemError) || error.evidence === undefined) return {}
  return { evidence: error.evidence, command: error.subject }
}

/** A read that finds nothing has been answered: the first pass asks for a table that is not made yet. */
function isAbsence(error: unknown): boolean {
  return error instanceof SystemError && error.code === 'not-found'
}

/** `nft -c` asks whether something can be done; "no" is an answer. */
function isCheck([tool, option]: Argv): boolean {
  return tool === 'nft' && option === '-c'
}

function always(): boolean {
  return true
}

function never(): boolean {
  return false
}
