import { SystemError } from '../system/errors.ts'
import type { Condition } from '../system/feeds.ts'
import { isQuiet, joined, type Fault } from './condition.ts'
import type { Proof } from './monitor.ts'
import type { Run } from './run.ts'

/** Looks come after these times (ms), twice as long each time. */
const FIRST_PAUSE = 25
const MOST_PAUSE = 400
/** The least time (ms) between two echoes. */
const ECHO_GAP = 1_000
/** So long (ms) an echo waits for what /proc shows: its groups, and after a loss an empty queue. */
const EARLY = 2_000

/** What is known of a program that hears. */
export interface Proved {
  /** As it was before its echo, from which losses are counted. */
  readonly before: Condition
  /** Why no echo could be made: only its subscription is known. */
  readonly unheard?: string
}

/**
 * Makes the program tell of a change of nothing, as soon as it has subscribed; after a loss, once it has read all that was
 * queued, because until then the kernel drops what comes, and says so once only. Undefined: it has ended.
 */
export async function prove(
  run: Run,
  proof: Proof,
  patience: number,
): Promise<Proved | { readonly fault: Fault } | undefined> {
  const began = run.monotonic()
  let [deadline, pause] = [began + patience, FIRST_PAUSE]
  let before: Condition | undefined
  run.isHeard = false
  run.marks.clear()
  for (;;) {
    const now = await run.program.look()
    const time = run.monotonic()
    if (run.isOver) return undefined
    if (run.isHeard) return { before: before ?? now }
    if (time >= deadline) return { fault: faultOf(now, proof) }
    const isReady = joined(now, proof).length > 0 && isQuiet(now, proof)
    if ((isReady || time - began >= EARLY) && time - run.echoedAt >= ECHO_GAP) {
      before = now
      const failure = await makeEcho(run, proof)
      deadline += run.monotonic() - time
      if (failure !== undefined && joined(now, proof).length > 0) return { before: now, unheard: failure }
      continue
    }
    await run.bell.wait(Math.max(1, Math.min(pause, deadline - time)))
    pause = Math.min(MOST_PAUSE, pause * 2)
  }
}

/** Resolves to why it could not be made. */
async function makeEcho(run: Run, { echo }: Proof): Promise<string | undefined> {
  const mark = run.nextMark()
  run.echoedAt = run.monotonic()
  run.hasLost = false
  try {
    const answer = echo.ask === undefined ? '' : await run.feeds.run(echo.ask)
    const argv = echo.make(mark, answer)
    if (argv === undefined) return 'the kernel would tell nothing of it'
    run.marks.add(mark)
    await run.feeds.run(argv)
    return undefined
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    run.marks.delete(mark)
    return error.message
  }
}

function faultOf(now: Condition, proof: Proof): Fault {
  if (now.isStopped) return 'stopped'
  return joined(now, proof).length === 0 ? 'unsubscribed' : 'deaf'
}
