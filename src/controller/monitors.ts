import { problemOfError } from '../engine/problems.ts'
import type { Argv } from '../engine/types.ts'
import type { SystemError } from '../system/errors.ts'
import type { Feeds } from '../system/feeds.ts'
import type { ReadLine } from './monitor-lines.ts'
import type { Heard, MonitorEvent, MonitorName, Wish } from './types.ts'

/** A monitor that ends is started again after 0.2 s, 0.4 s and so on (ms). */
const FIRST_WAIT = 200
const MOST_WAIT = 30_000
/** Not that long when it was an event that it died of: else a run of such events would go unheard. */
const MOST_WAIT_AFTER_CRASH = 2_000
/** One that lived so long (ms) was fine. */
const FINE = 60_000
/** Milliseconds within which it is told once that a program cannot run, whatever its words. */
const QUIET = 60_000
/**
 * `nft monitor` says nothing until its cache is loaded, and not when that is (2 ms empty, 2.6 s at 65,000 elements):
 * what happened meanwhile is found by looking once more.
 */
const LOADED = 2_000

/** A program that tells of changes as long as it runs, as data. */
export interface Monitor {
  readonly name: MonitorName
  /** The command, where more than one can bear that name. */
  readonly program?: string
  readonly argv: Argv
  /** A reader for each time that it is started: readers have a memory. */
  readonly reader: () => ReadLine
  /** What is looked at when something may have been missed. */
  readonly missed: Wish
  /** What is looked at at once when it ends. */
  readonly ended?: Wish
  /** What it costs that it is down, for people. */
  readonly unheard: string
}

export interface MonitorsOptions {
  readonly feeds: Feeds
  readonly monotonic: () => number
  /** `heard`: what was said by which it came up; none where a program began, or ended. */
  readonly wish: (wish: Wish, heard?: Heard) => void
  readonly emit: (event: MonitorEvent) => void
}

export interface Monitors {
  /** Starts those that do not run, and ends those that are asked for no more. */
  follow(monitors: readonly Monitor[]): void
  stop(): void
}

/** Keeps programs running, whatever they end of. */
export function startMonitors(options: MonitorsOptions): Monitors {
  const running = new Map<string, Kept>()
  return {
    follow: (monitors) => {
      const wanted = new Map(monitors.map((monitor) => [monitor.argv.join(' '), monitor]))
      for (const [command, kept] of running) {
        if (wanted.has(command)) continue
        kept.stop()
        running.delete(command)
        options.emit({ type: 'monitor', ...nameOf(kept.monitor), up: false, unwanted: true })
      }
      for (const [command, monitor] of wanted) {
        const kept = running.get(command)
        if (kept === undefined) running.set(command, keepRunning(monitor, options))
        else kept.monitor = monitor
      }
    },
    stop: () => {
      for (const kept of running.values()) kept.stop()
      running.clear()
    },
  }
}

/** What was asked for last; of the same command, as the file may have changed whom it tells of. */
interface Kept {
  monitor: Monitor
  stop(): void
}

function nameOf({ name, program }: Monitor): Pick<MonitorEvent, 'name' | 'program'> {
  return { name, ...(program !== undefined && { program }) }
}

function keepRunning(monitor: Monitor, options: MonitorsOptions): Kept {
  const { feeds, monotonic, wish } = options
  const emit = (event: Omit<MonitorEvent, 'type' | 'name' | 'program'>): void =>
    options.emit({ type: 'monitor', ...nameOf(monitor), ...event })
  let [failures, crashes] = [0, 0]
  let toldAt = -Infinity
  let ends = { stop: (): void => undefined }
  const kept: Kept = { monitor, stop: () => ends.stop() }
  const start = (): void => {
    const began = monotonic()
    const read = readerOf(kept)
    let isProved = false
    // A program that cannot run ends before it has said a word.
    const prove = (): void => {
      if (!isProved) emit({ up: true, ...(crashes > 1 && { routine: true }) })
      isProved = true
    }
    const timer = feeds.after(LOADED, () => {
      prove()
      wish(kept.monitor.missed)
    })
    const follower = feeds.follow(monitor.argv, {
      line: (text) => {
        prove()
        const wanted = read(text)
        if (wanted !== undefined) wish(wanted, { ...nameOf(kept.monitor), line: text })
      },
      complaint: (text) => {
        const heard = { ...nameOf(kept.monitor), line: text, complaint: true as const }
        if (!isHarmless(text)) wish(kept.monitor.missed, heard)
      },
      end: (error) => {
        timer.cancel()
        const now = monotonic()
        failures = now - began >= FINE ? 1 : failures + 1
        if (isCrash(error)) crashes += 1
        // One that never ran is no routine, but is told once a minute.
        const isRoutine = isCrash(error) && isProved && crashes > 1
        const isTold = !isProved && now - toldAt < QUIET
        if (!isRoutine && !isTold) toldAt = now
        emit({
          up: false,
          ...((isRoutine || isTold) && { routine: true }),
          ...(!isRoutine && down(error, kept.monitor)),
        })
        if (kept.monitor.ended !== undefined) wish(kept.monitor.ended)
        const most = isProved && isCrash(error) ? MOST_WAIT_AFTER_CRASH : MOST_WAIT
        const wait = feeds.after(Math.min(most, FIRST_WAIT * 2 ** Math.min(failures - 1, 20)), again)
        ends = { stop: () => wait.cancel() }
      },
    })
    ends = {
      stop: () => {
        timer.cancel()
        follower.stop()
      },
    }
  }
  const again = (): void => {
    start()
    wish(kept.monitor.missed)
  }
  start()
  return kept
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
 * nft 1.0.6 dies of changed elements of sets that have both concatenations and ranges, which it reads wrongly (SIGSEGV,
 * or `Memory allocation failure`); 1.1.3 does not. `nft monitor tables`, which prints no elements, lives on, so that a
 * table that goes in the meantime is missed by nobody.
 */
function isCrash({ code, detail }: SystemError): boolean {
  return code === 'crashed' || detail.includes('Memory allocation failure')
}

/** Nobody sent it a signal to end it. */
function isOwnDoing({ detail }: SystemError): boolean {
  return /SIG(?:SEGV|ABRT)|Memory allocation failure/.test(detail)
}

/**
 * What else is said may be a loss: `netlink receive error No buffer space available`. iproute2 says this one when a named
 * namespace goes while it looks up the name of another end.
 */
function isHarmless(complaint: string): boolean {
  return complaint.includes('Peer netns reference is invalid')
}

function down(error: SystemError, { unheard, argv }: Monitor): Pick<MonitorEvent, 'problem'> {
  const ofTheHost = isOfTheHost(error) ? problemOfError(error, 'observe') : undefined
  const hint = argv[0] === 'nft' && isOwnDoing(error) ? CRASH_HINT : ofTheHost?.hint
  const message = `${ofTheHost?.message ?? error.message}; until it runs again, ${unheard}`
  return { problem: { code: 'S64-W002', message, ...(hint !== undefined && { hint }) } }
}

const CRASH_HINT =
  'nft 1.0.6 does that when elements of sets with ranges change; it is started again each time, and a newer nft first in PATH does not do it'

function isOfTheHost({ code }: SystemError): boolean {
  return code === 'missing-tool' || code === 'denied'
}
