import { keepRunning, nameOf, type Kept, type KeepOptions } from './keep-running.ts'
import type { Monitor } from './monitor.ts'

export type MonitorsOptions = Omit<KeepOptions, 'proved' | 'nextMark'>

export interface Monitors {
  /** Starts those that do not run, and ends those that are asked for no more. */
  follow(monitors: readonly Monitor[]): void
  stop(): void
}

/** Keeps programs running, whatever they end of. */
export function startMonitors(options: MonitorsOptions): Monitors {
  const running = new Map<string, Kept>()
  let echoes = 0
  const shared: KeepOptions = { ...options, proved: new Set(), nextMark: () => `${(echoes += 1)}` }
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
        if (kept === undefined) running.set(command, keepRunning(monitor, shared))
        else kept.monitor = monitor
      }
    },
    stop: () => {
      for (const kept of running.values()) kept.stop()
      running.clear()
    },
  }
}
