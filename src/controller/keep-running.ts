import { attend } from './attend.ts'
import { createBell } from './bell.ts'
import type { Fault } from './condition.ts'
import { endProblem, faultProblem, isCrash } from './downs.ts'
import type { Monitor, ReadLine } from './monitor.ts'
import { createPoller, type PollerOptions } from './poller.ts'
import { NO_RESTARTS, nextStart } from './restarts.ts'
import { finish, hear, lose, type Run } from './run.ts'
import type { SystemError } from '../system/errors.ts'
import type { Transactions } from './transactions.ts'
import type { MonitorEvent, MonitorName, Wish } from './types.ts'

/** Milliseconds within which it is told once that a program cannot run, whatever its words. */
const QUIET = 60_000
/** So long (ms) a program may take to be proved, and twice as long after each time that it was not, up to the most. */
const PATIENCE = 4_000
const MOST_PATIENCE = 64_000
/** So long (ms) after the other one has told of a transaction, this one should have. */
const BEHIND = 30

export interface KeepOptions extends PollerOptions {
  readonly monotonic: () => number
  readonly emit: (event: MonitorEvent) => void
  /** The names of those that are proved. */
  readonly proved: Set<MonitorName>
  readonly nextMark: () => string
  readonly transactions: Transactions
}

/** What was asked for last; of the same command, as the file may have changed whom it tells of. */
export interface Kept {
  monitor: Monitor
  stop(): void
}

export function nameOf({ name, program }: Monitor): Pick<MonitorEvent, 'name' | 'program'> {
  return { name, ...(program !== undefined && { program }) }
}

/** Keeps a program running and proved, whatever it ends of. */
export function keepRunning(monitor: Monitor, options: KeepOptions): Kept {
  const { feeds, monotonic, wish, proved } = options
  const emit = (event: Omit<MonitorEvent, 'type' | 'name' | 'program'>): void =>
    options.emit({ type: 'monitor', ...nameOf(monitor), ...event })
  const poller = createPoller(() => kept.monitor, options)
  let [restarts, crashes, unproved, toldAt] = [NO_RESTARTS, 0, 0, -Infinity]
  let halt = (): void => undefined

  const isHearing = (hears: boolean): void => {
    if (hears) proved.add(monitor.name)
    else proved.delete(monitor.name)
    if (monitor.polled.when === 'unproved' && hears) poller.stop()
    else poller.start()
  }

  const start = (): void => {
    const began = monotonic()
    let provedAt: number | undefined
    const over = (error: SystemError | Fault): void => {
      if (run.isOver) return
      finish(run)
      isHearing(false)
      const now = monotonic()
      const crashed = typeof error !== 'string' && isCrash(error)
      if (crashed) crashes += 1
      unproved = provedAt === undefined ? unproved + 1 : 0
      const after = nextStart(restarts, { crashed, began, provedAt }, now)
      restarts = after.restarts
      tellEnd(error, provedAt !== undefined, crashed)
      wish(kept.monitor.ended ?? kept.monitor.missed)
      const timer = feeds.after(after.wait, start)
      halt = () => timer.cancel()
    }
    const run = begin(kept, options, over)
    halt = () => {
      finish(run)
      run.program.stop()
    }
    isHearing(false)
    void attend(run, Math.min(MOST_PATIENCE, PATIENCE * 2 ** unproved), {
      proved: (unheard) => {
        if (provedAt === undefined)
          emit({ up: true, ...(crashes > 1 && { routine: true }), ...(unheard !== undefined && { unheard }) })
        provedAt ??= monotonic()
        if (monitor.name === 'nft') options.transactions.restart()
        isHearing(true)
        wish(kept.monitor.missed)
      },
      lost: () => {
        isHearing(false)
        wish(kept.monitor.missed, run.complaint)
        run.complaint = undefined
      },
      fault: (fault) => {
        run.program.kill()
        over(fault)
      },
    })
  }

  /** One that was never proved is no routine, but is told once a minute. */
  const tellEnd = (error: SystemError | Fault, wasProved: boolean, crashed: boolean): void => {
    const now = monotonic()
    const isRoutine = crashed && wasProved && crashes > 1
    const isTold = !wasProved && now - toldAt < QUIET
    if (!isRoutine && !isTold) toldAt = now
    const problem =
      typeof error === 'string' ? faultProblem(error, kept.monitor) : endProblem(error, kept.monitor)
    emit({ up: false, ...((isRoutine || isTold) && { routine: true }), ...(!isRoutine && { problem }) })
  }

  const kept: Kept = {
    monitor,
    stop: () => {
      halt()
      poller.stop()
      proved.delete(monitor.name)
    },
  }
  start()
  return kept
}

/** Starts the program, and passes on what it tells. */
function begin(kept: Kept, options: KeepOptions, over: (error: SystemError) => void): Run {
  const { feeds, monotonic, wish, nextMark } = options
  const { monitor } = kept
  const read = readerOf(kept)
  const standIn = createStandIn(monitor, options)
  const program = feeds.follow(
    monitor.argv,
    {
      line: (text) => {
        hear(run, text)
        const isSeen = monitor.name === 'nft' && options.transactions.isSeen()
        const ended = options.transactions.line(monitor.name, text, monotonic())
        const wanted = read(text)
        if (wanted === undefined) standIn(text, ended)
        else if (!isSeen || wanted.urgent === true) wish(wanted, { ...nameOf(monitor), line: text })
      },
      complaint: (text) => {
        if (isHarmless(text)) return
        run.complaint = { ...nameOf(monitor), line: text, complaint: true }
        if (monitor.proof === undefined) wish(kept.monitor.missed, run.complaint)
        else lose(run)
      },
      end: over,
    },
    monitor.lineWise === true ? { lineWise: true } : undefined,
  )
  const run: Run = {
    monitor,
    feeds,
    monotonic,
    program,
    bell: createBell(feeds),
    nextMark,
    isOver: false,
    lines: 0,
    hasLost: false,
    marks: new Set(),
    isHeard: false,
    complaint: undefined,
    echoedAt: -Infinity,
  }
  return run
}

/** What it hears in the place of another monitor: at once while that is not proved, and where that falls behind, then. */
function createStandIn(
  monitor: Monitor,
  { feeds, wish, proved, transactions }: KeepOptions,
): (text: string, ended: number | undefined) => void {
  const { standIn } = monitor
  if (standIn === undefined) return () => undefined
  const read = standIn.reader()
  return (text, ended) => {
    const wanted: Wish | undefined = read(text)
    if (wanted === undefined) return
    const tell = (): void => wish(wanted, { ...nameOf(monitor), line: text })
    if (!proved.has(standIn.of)) return tell()
    if (ended === undefined) return
    feeds.after(BEHIND, () => {
      if (transactions.isBehind(ended)) tell()
    })
  }
}

/** Reads as the newest file wants it, with the memory of one run. */
function readerOf(kept: Kept): ReadLine {
  let [monitor, read] = [kept.monitor, kept.monitor.reader()]
  return (line) => {
    if (kept.monitor !== monitor) [monitor, read] = [kept.monitor, kept.monitor.reader()]
    return read(line)
  }
}

/**
 * What else is said may be a loss: `netlink receive error No buffer space available`. iproute2 says this one when a named
 * namespace goes while it looks up the name of another end.
 */
function isHarmless(complaint: string): boolean {
  return complaint.includes('Peer netns reference is invalid')
}
