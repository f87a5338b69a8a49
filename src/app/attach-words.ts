import { fieldsOf, type Fields } from './fields.ts'
import type { Attachment } from './types.ts'

/**
 * Milliseconds to wait for the lock. Who holds it may himself be waiting for what he asked about the very container that
 * starts: 3 s each time that he looks.
 */
export const ATTACH_DEADLINE = 10_000

/** The largest number of a process (PID_MAX_LIMIT, proc(5)). */
const MOST_PID = 4_194_304
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** A process number as people and hooks write it; undefined: it is none. Process 1 is the host's. */
export function parseProcess(text: string): number | undefined {
  return /^[1-9][0-9]{0,6}$/.test(text) && isProcess(Number(text)) ? Number(text) : undefined
}

/** What an OCI runtime tells its hooks on standard input (runtime.md, State); undefined: it is not that. */
export function processOfState(text: string): number | undefined {
  const pid = fieldsOf(text)?.['pid']
  return isProcess(pid) ? pid : undefined
}

/** Undefined: nobody of ours asks so. */
export function attachmentOf({ container, process, ...more }: Fields): Attachment | undefined {
  if (typeof container !== 'string' || !NAME.test(container) || Object.keys(more).length > 0) return undefined
  if (process === undefined) return { container }
  return isProcess(process) ? { container, process } : undefined
}

function isProcess(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 1 && Number(value) <= MOST_PID
}
