import type { Argv } from '../engine/types.ts'
import { TOOLS } from './command-event.ts'
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
    const tell = (ok: boolean): void =>
      told({ type: 'command', tool, seconds: (system.monotonic() - begun) / 1000, ok, ...more })
    try {
      const result = await effect()
      tell(true)
      return result
    } catch (error) {
      tell(fine(error))
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
    lock: async (name) => system.lock(name),
    now: () => system.now(),
    monotonic: () => system.monotonic(),
    pause: async (milliseconds) => system.pause(milliseconds),
  }
}

function toolOf([command]: Argv): Tool {
  return TOOLS.find((tool) => tool === command) ?? 'other'
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
