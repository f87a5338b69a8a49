import { SystemError } from '../system/errors.ts'
import type { Reading } from './reading.ts'

/** What goes before a look, and is done while the look's reads go on. */
export interface Aside {
  /** Resolves when something is due; or never, and then it is let go of with `over`. */
  readonly due: (over: AbortSignal) => Promise<void>
  /** Does it; resolves to what it read last, which is newer than what the look has read of the same. */
  readonly serve: () => Promise<Reading | undefined>
}

export interface Besides {
  readonly aside?: Aside | undefined
  /** Once aborted, a look is waited for no longer: somebody waits whom it may itself be waiting for. */
  readonly interrupt?: AbortSignal | undefined
}

/**
 * Waits for reads, and does meanwhile what goes before them; `took` is told what that has read. Nothing is begun beside
 * another: one thing is planned and applied at a time. Rejects with `interrupted` once told so, when nothing is half done.
 */
export async function beside<T>(
  reads: Promise<T>,
  { aside, interrupt }: Besides,
  took: (reading: Reading) => void,
): Promise<T> {
  if (aside === undefined && interrupt === undefined) return reads
  const over = new AbortController()
  const [ended, told] = [reads.then((value) => ({ value })), interrupted(interrupt, over.signal)]
  try {
    for (;;) {
      if (interrupt?.aborted === true) throw givenWay()
      const first = await Promise.race([
        ended,
        told,
        ...(aside === undefined ? [] : [aside.due(over.signal)]),
      ])
      if (first !== undefined) return first.value
      const news = await aside?.serve()
      if (news !== undefined) took(news)
    }
  } finally {
    over.abort()
  }
}

async function interrupted(interrupt: AbortSignal | undefined, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const tell = (): void => reject(givenWay())
    interrupt?.addEventListener('abort', tell, { once: true })
    over.addEventListener('abort', () => interrupt?.removeEventListener('abort', tell), { once: true })
  })
}

function givenWay(): SystemError {
  return new SystemError({ code: 'interrupted', subject: 'the pass', detail: 'gave way to another' })
}
