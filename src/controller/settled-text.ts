import { SystemError } from '../system/errors.ts'

/** Milliseconds between two reads that must agree. */
const APART = 100
/** A file that is gone is often about to be replaced (`rm` and `mv`, a checkout). */
const APART_WHEN_GONE = 1_000

/**
 * What the file says once two reads, a moment apart, agree: a file that is written while we read looks like a whole,
 * smaller one. Undefined when `stop` was aborted meanwhile.
 */
export async function settledText(
  read: () => Promise<string>,
  pause: (milliseconds: number) => Promise<void>,
  stop: AbortSignal,
): Promise<string | SystemError | undefined> {
  let before = await attempt(read)
  while (!stop.aborted) {
    await pause(typeof before === 'string' ? APART : APART_WHEN_GONE)
    if (stop.aborted) break
    const now = await attempt(read)
    if (isSame(before, now)) return now
    before = now
  }
  return undefined
}

async function attempt(read: () => Promise<string>): Promise<string | SystemError> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SystemError) return error
    throw error
  }
}

function isSame(one: string | SystemError, other: string | SystemError): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other
  return one.code === other.code
}
