import type { Argv } from '../../src/engine/types.ts'
import type { SystemError } from '../../src/system/errors.ts'
import type { Condition, Feeds, Listener } from '../../src/system/feeds.ts'
import type { NetlinkSocket } from '../../src/system/netlink-sockets.ts'

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
  /** What /proc shows of a running program, and of those that are started with its command; else it is healthy. */
  shows(start: string, condition: Partial<Condition> | undefined): void
  /** Programs of commands that begin so hear no echo, until told otherwise. */
  deafen(start: string, isDeaf: boolean): void
  /** The commands that were run, in order. */
  readonly ran: string[]
  /** What a command that begins so fails with from now on; undefined: it works again. */
  refuse(start: string, error: SystemError | undefined): void
  /** Another namespace has this name, or none any more. */
  networkChanged(name: string): void
  /** The same, and nobody tells of it before somebody looks. */
  networkChangesUnseen(name: string): void
  /** The names that are watched. */
  networksWatched(): readonly string[]
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

/** A netlink socket in good health, as `nft monitor` and `ip monitor` have one. */
export function socket(of: 'nft' | 'ip', more: Partial<NetlinkSocket> = {}): NetlinkSocket {
  const [protocol, groups] = of === 'nft' ? [12, 0x140] : [0, 0x1580_0551]
  return { protocol, groups, queued: 0, drops: 0, inode: '1', ...more }
}

function healthy(command: string): Condition {
  const [tool = ''] = command.split(' ')
  return { isStopped: false, sockets: tool === 'nft' || tool === 'ip' ? [socket(tool)] : [] }
}

/** What the kernel tells those who listen of a command that changes nothing. */
function echoesOf(argv: Argv): { readonly to: string; readonly lines: readonly string[] } {
  const [tool, statement = ''] = argv
  if (tool === 'nft')
    return { to: 'nft', lines: [...statement.split('; '), '# new generation 7 by process 1 (nft)'] }
  const isSet = argv.slice(1, 3).join(' ') === 'link set'
  return { to: 'ip', lines: isSet ? ['[LINK]1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue'] : [] }
}

const LOOPBACK =
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group 0 qlen 1000'

interface Program {
  readonly command: string
  readonly listener: Listener
}

/** Feeds with a clock that only the test moves, and programs that say what it tells them to. */
export function memoryFeeds({ chance = () => 0.5 }: { chance?: () => number } = {}): MemoryFeeds {
  let now = 0
  const [timers, programs, files] = [new Set<Timer>(), new Set<Program>(), new Map<() => void, string>()]
  const [conditions, deaf] = [new Map<string, Partial<Condition>>(), new Set<string>()]
  const [ran, refusals] = [[] as string[], new Map<string, SystemError>()]
  const networks = new Set<{ readonly names: readonly string[]; readonly changed: (name: string) => void }>()
  const unseen: string[] = []
  const valueFor = <T>(map: ReadonlyMap<string, T>, command: string): T | undefined =>
    [...map].find(([start]) => command.startsWith(start))?.[1]
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
      const end = (): void => void programs.delete(program)
      const { command } = program
      const look = async () => ({ ...healthy(command), ...valueFor(conditions, command) })
      return { stop: end, kill: end, look }
    },
    run: async (argv) => {
      const command = argv.join(' ')
      ran.push(command)
      const error = valueFor(refusals, command)
      if (error !== undefined) throw error
      const { to, lines } = echoesOf(argv)
      const hearers = [...programs].filter(
        ({ command: one }) => one.startsWith(to) && ![...deaf].some((start) => one.startsWith(start)),
      )
      for (const { listener } of hearers) lines.forEach((line) => listener.line(line))
      return LOOPBACK
    },
    networks: (_directory, names, changed) => {
      const watch = { names, changed }
      networks.add(watch)
      const look = (): void => unseen.splice(0).forEach(changed)
      return { look, close: () => void networks.delete(watch) }
    },
    networkChangesUnseen: (name) => void unseen.push(name),
    shows: (start, condition) =>
      void (condition === undefined ? conditions.delete(start) : conditions.set(start, condition)),
    deafen: (start, isDeaf) => void (isDeaf ? deaf.add(start) : deaf.delete(start)),
    ran,
    refuse: (start, error) =>
      void (error === undefined ? refusals.delete(start) : refusals.set(start, error)),
    networkChanged: (name) => {
      for (const { names, changed } of networks) if (names.includes(name)) changed(name)
    },
    networksWatched: () => [...networks].flatMap(({ names }) => names),
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
