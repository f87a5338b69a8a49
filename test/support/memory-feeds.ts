import type { SystemError } from '../../src/system/errors.ts'
import type { Feeds, Listener } from '../../src/system/feeds.ts'

export interface MemoryFeeds extends Feeds {
  /** Moves the clock, and calls what is due in order; what it sets off has settled when this resolves. */
  advance(milliseconds: number): Promise<void>
  /** Milliseconds since the beginning. */
  now(): number
  /** A running program of this command, or one whose command begins so, says a line. */
  line(start: string, text: string): void
  complain(start: string, text: string): void
  /** It ends by itself. */
  end(start: string, error: SystemError): void
  /** Each file that is watched may have changed. */
  fileChanged(): void
  /** The commands that run. */
  running(): readonly string[]
  /** The paths that are watched. */
  watched(): readonly string[]
  /** Says a line at a socket; rejects when nobody listens there. */
  ask(path: string, request: string): Promise<string>
}

interface Timer {
  readonly at: number
  readonly call: () => void
}

interface Program {
  readonly command: string
  readonly listener: Listener
}

/** Feeds with a clock that only the test moves, and programs that say what it tells them to. */
export function memoryFeeds({ chance = () => 0.5 }: { chance?: () => number } = {}): MemoryFeeds {
  let now = 0
  const [timers, programs, files] = [new Set<Timer>(), new Set<Program>(), new Map<() => void, string>()]
  const sockets = new Map<string, (request: string) => Promise<string>>()
  const find = (start: string): Program => {
    const all = [...programs]
    const found =
      all.find(({ command }) => command === start) ?? all.find(({ command }) => command.startsWith(start))
    if (found === undefined) throw new Error(`no program runs that begins with: ${start}`)
    return found
  }
  return {
    follow: (argv, listener) => {
      const program = { command: argv.join(' '), listener }
      programs.add(program)
      return { stop: () => void programs.delete(program) }
    },
    watch: (path, changed) => {
      // A function of its own for each watch, so that two with one callback are two.
      const tell = (): void => changed()
      files.set(tell, path)
      return { close: async () => void files.delete(tell) }
    },
    serve: (path, answer) => {
      sockets.set(path, answer)
      return { close: async () => void sockets.delete(path) }
    },
    ask: async (path, request) => {
      const answer = sockets.get(path)
      if (answer === undefined) throw new Error(`nobody listens at ${path}`)
      return answer(request)
    },
    after: (milliseconds, call) => {
      const timer = { at: now + milliseconds, call }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    chance,
    now: () => now,
    advance: async (milliseconds) => {
      const end = now + milliseconds
      await settle()
      for (let due = firstDue(timers, end); due !== undefined; due = firstDue(timers, end)) {
        timers.delete(due)
        now = Math.max(now, due.at)
        due.call()
        await settle()
      }
      now = end
    },
    line: (start, text) => find(start).listener.line(text),
    complain: (start, text) => find(start).listener.complaint(text),
    end: (start, error) => {
      const program = find(start)
      programs.delete(program)
      program.listener.end(error)
    },
    fileChanged: () => {
      for (const tell of files.keys()) tell()
    },
    running: () => [...programs].map(({ command }) => command),
    watched: () => [...files.values()],
  }
}

/** The earliest; of the same time, the one that was set first. */
function firstDue(timers: ReadonlySet<Timer>, end: number): Timer | undefined {
  return [...timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0]
}

/** Lets promises run that wait for nothing but each other. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
