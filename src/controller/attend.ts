import { afterLook, firstSeen, type Fault } from './condition.ts'
import { prove, type Proved } from './prove.ts'
import type { Run } from './run.ts'

/** Milliseconds between looks at what /proc shows of a program. */
const LOOK = 1_000
/** What nothing proves counts as up when it has not ended within so long (ms). */
const LIVES = 2_000

/** What is told of a run. */
export interface Attendance {
  /** It hears; `unheard`: why only /proc tells so. */
  readonly proved: (unheard: string | undefined) => void
  /** Something was dropped: it hears nothing for certain until it is proved again. */
  readonly lost: () => void
  readonly fault: (fault: Fault) => void
}

/** Sees to it that a program hears, until it has ended, or is of no use. */
export async function attend(run: Run, patience: number, told: Attendance): Promise<void> {
  for (;;) {
    const proof = await proofOf(run, patience)
    if (proof === undefined) return
    if ('fault' in proof) return told.fault(proof.fault)
    told.proved(proof.unheard)
    const verdict = await guard(run, proof)
    if (verdict === undefined) return
    if (verdict !== 'lost') return told.fault(verdict)
    told.lost()
  }
}

async function proofOf(run: Run, patience: number): Promise<Proved | { readonly fault: Fault } | undefined> {
  const { proof } = run.monitor
  if (proof !== undefined) return prove(run, proof, patience)
  // A program that cannot run ends before it has said a word.
  if (run.lines === 0) await run.bell.wait(LIVES)
  const before = await run.program.look()
  return run.isOver ? undefined : { before }
}

/** Looks at it each second; undefined: it has ended. */
async function guard(run: Run, { before }: Proved): Promise<Fault | 'lost' | undefined> {
  const { proof } = run.monitor
  let seen = firstSeen(before, proof, run.lines)
  for (;;) {
    if (!run.hasLost) await run.bell.wait(LOOK)
    if (run.isOver) return undefined
    if (run.hasLost) return 'lost'
    const look = afterLook(seen, await run.program.look(), proof, run.lines)
    if (run.isOver) return undefined
    if (look.verdict !== undefined) return look.verdict
    seen = look.seen
  }
}
