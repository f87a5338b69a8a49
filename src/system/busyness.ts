import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** A machine that is busier than this is not waited for any longer. */
const MOST = 6

/**
 * How much longer everything may take on this machine now, from 1 to 6: programs that want to run, for each processor. Of
 * the mean of the last minute and this moment, what is more: the mean tells of a burst when it is over.
 */
export function busyness(): number {
  try {
    return factor(readFileSync('/proc/loadavg', 'utf8'), availableParallelism())
  } catch {
    return 1
  }
}

/** The same of the text of /proc/loadavg: `2.93 2.85 1.59 3/212 28070` (proc(5)); we ourselves are one of the running. */
export function factor(loadavg: string, processors: number): number {
  const [, mean = '0', running = '1'] = /^([\d.]+) \S+ \S+ (\d+)\//.exec(loadavg) ?? []
  const wanting = Math.max(Number(mean), Number(running) - 1)
  return Math.max(1, Math.min(MOST, wanting / processors))
}
