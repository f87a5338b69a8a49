import { busyness } from './busyness.ts'
import { monotonic } from './clock.ts'
import { hardLimit, idleLooks, judge } from './patience.ts'
import type { Look } from './patience.ts'
import { evidenceOf, tasksOf } from './process-group.ts'
import type { Evidence } from './process-group.ts'

export interface Deadline {
  readonly program: string
  /** Milliseconds after which a program that makes no progress is given up. */
  readonly deadline: number
  /** Milliseconds that programs may take which do not say: one that makes progress is waited for at least as long. */
  readonly usual: number
  /** Bytes that it has printed until now. */
  readonly heard: () => number
  /** It is given up; called once at most, and not after `cancel`. */
  readonly over: (evidence: Evidence) => void
}

/** Looks in each deadline, of which the first is made before it ends: what hangs is known to when it strikes. */
const LOOKS = 4

/**
 * Watches a process (undefined: there is none), which may have started others, until it is given up: at its deadline if it hangs by then, later if it
 * is only slow (patience.ts), at the latest at the hard limit.
 */
export function watchOver(
  pid: number | undefined,
  { program, deadline, usual, heard, over }: Deadline,
): { readonly cancel: () => void } {
  if (pid === undefined) return { cancel: () => undefined }
  const [began, hard] = [monotonic(), hardLimit(deadline, usual)]
  const between = deadline / LOOKS
  const looks: Look[] = []
  let [timer, isOver]: [NodeJS.Timeout | undefined, boolean] = [undefined, false]
  const look = (): void => {
    const at = monotonic()
    looks.push({ at, tasks: tasksOf(pid), heard: heard() })
    const passed = at - began
    // A timer may strike a little early.
    const isLate = passed >= deadline - 1
    if (passed >= hard - 1 || (isLate && judge(looks, idleLooks(program, busyness())) === 'hung'))
      return giveUp()
    timer = setTimeout(look, Math.max(1, Math.min(between, hard - passed)))
  }
  const giveUp = (): void =>
    void evidenceOf(pid).then((evidence) => {
      if (!isOver) over(evidence)
    })
  timer = setTimeout(look, deadline - between)
  return {
    cancel: () => {
      isOver = true
      clearTimeout(timer)
    },
  }
}
