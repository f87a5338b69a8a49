import { problemOfError } from '../engine/problems.ts'
import type { SystemError } from '../system/errors.ts'
import type { Feeds } from '../system/feeds.ts'
import { lineReader, MONITOR_ARGV } from './monitor-lines.ts'
import { MONITORS } from './types.ts'
import type { MonitorEvent, MonitorName, Wish } from './types.ts'

/** A monitor that ends is started again after 0.2 s, 0.4 s and so on (ms). */
const FIRST_WAIT = 200
const MOST_WAIT = 30_000
/** Not that long when it was an event that it died of: else a run of such events would go unheard. */
const MOST_WAIT_AFTER_CRASH = 2_000
/** One that lived so long (ms) was fine. */
const FINE = 60_000
/**
 * `nft monitor` says nothing until its cache is loaded, and not when that is (2 ms empty, 2.6 s at 65,000 elements):
 * what happened meanwhile is found by looking once more.
 */
const LOADED = 2_000

export interface MonitorsOptions {
  readonly feeds: Feeds
  readonly monotonic: () => number
  readonly wish: (wish: Wish) => void
  readonly emit: (event: MonitorEvent) => void
}

/** Starts all of them and keeps them running. */
export function startMonitors(options: MonitorsOptions): { stop(): void } {
  const running = MONITORS.map((name) => keepRunning(name, options))
  return {
    stop: () => {
      for (const one of running) one.stop()
    },
  }
}

function keepRunning(name: MonitorName, options: MonitorsOptions): { stop(): void } {
  const { feeds, monotonic, wish, emit } = options
  let [failures, crashes] = [0, 0]
  let ends = { stop: (): void => undefined }
  const start = (): void => {
    const began = monotonic()
    const read = lineReader(name)
    let isProved = false
    // A program that cannot run ends before it has said a word.
    const prove = (): void => {
      if (!isProved) emit({ type: 'monitor', name, up: true, ...(crashes > 1 && { routine: true }) })
      isProved = true
    }
    const timer = feeds.after(LOADED, () => {
      prove()
      wish({ trigger: 'monitor' })
    })
    const follower = feeds.follow(MONITOR_ARGV[name], {
      line: (text) => {
        prove()
        const wanted = read(text)
        if (wanted !== undefined) wish(wanted)
      },
      complaint: (text) => {
        if (!isHarmless(text)) wish({ trigger: 'monitor' })
      },
      end: (error) => {
        timer.cancel()
        failures = monotonic() - began >= FINE ? 1 : failures + 1
        if (isCrash(error)) crashes += 1
        // One that never ran is no routine: it stays down.
        const isRoutine = isCrash(error) && isProved && crashes > 1
        emit({ type: 'monitor', name, up: false, ...(isRoutine ? { routine: true } : down(error)) })
        // What it died of was an event, too.
        if (name === 'nft') wish({ trigger: 'nft', topics: new Set(['firewall']) })
        const most = isProved ? MOST_WAIT_AFTER_CRASH : MOST_WAIT
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
    wish({ trigger: 'monitor' })
  }
  start()
  return { stop: () => ends.stop() }
}

/**
 * nft 1.0.6 dies of changed elements of sets that have both concatenations and ranges, which it reads wrongly (SIGSEGV,
 * or `Memory allocation failure`); 1.1.3 does not. `nft monitor tables`, which prints no elements, lives on, so that a
 * table that goes in the meantime is missed by nobody.
 */
function isCrash({ code, detail }: SystemError): boolean {
  return code === 'crashed' || detail.includes('Memory allocation failure')
}

/**
 * What else is said may be a loss: `netlink receive error No buffer space available`. iproute2 says this one when a named
 * namespace goes while it looks up the name of another end.
 */
function isHarmless(complaint: string): boolean {
  return complaint.includes('Peer netns reference is invalid')
}

function down(error: SystemError): Pick<MonitorEvent, 'problem'> {
  const ofTheHost = isOfTheHost(error) ? problemOfError(error, 'observe') : undefined
  const hint = isCrash(error) ? CRASH_HINT : ofTheHost?.hint
  const message = `${ofTheHost?.message ?? error.message}; until it runs again, changes by others are seen at the interval only`
  return { problem: { code: 'S64-W002', message, ...(hint !== undefined && { hint }) } }
}

const CRASH_HINT =
  'nft 1.0.6 does that when elements of sets with ranges change; it is started again each time, and a newer nft first in PATH does not do it'

function isOfTheHost({ code }: SystemError): boolean {
  return code === 'missing-tool' || code === 'denied'
}
