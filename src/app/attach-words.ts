import type { Problem } from '../engine/types.ts'
import type { Attached, Attachment } from './types.ts'

/** Where the controller hears of containers that start, below the run directory. */
export const ATTACH_SOCKET = 'attach.sock'

/**
 * Milliseconds to wait for the lock. Who holds it may himself be waiting for what he asked about the very container that
 * starts: 3 s each time that he looks.
 */
export const ATTACH_DEADLINE = 10_000

/** Milliseconds for the controller to answer: containers that start together, as after a reboot, are served one by one. */
export const ANSWER_DEADLINE = 15_000

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

/** One line that asks the controller. */
export function requestText({ container, process }: Attachment): string {
  return `${JSON.stringify({ container, ...(process !== undefined && { process }) })}\n`
}

/** Undefined: nobody of ours asks so. */
export function parseRequest(text: string): Attachment | undefined {
  const { container, process, ...more } = fieldsOf(text) ?? {}
  if (typeof container !== 'string' || !NAME.test(container) || Object.keys(more).length > 0) return undefined
  if (process === undefined) return { container }
  return isProcess(process) ? { container, process } : undefined
}

export function answerText(attached: Attached): string {
  return `${JSON.stringify(attached)}\n`
}

/** Undefined: the answer is not whole. */
export function parseAnswer(text: string): Attached | undefined {
  const { ok, applied, problems } = fieldsOf(text) ?? {}
  if (typeof ok !== 'boolean' || typeof applied !== 'number' || !Array.isArray(problems)) return undefined
  return problems.every(isProblem) ? { ok, applied, problems } : undefined
}

function isProcess(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 1 && Number(value) <= MOST_PID
}

function isProblem(value: unknown): value is Problem {
  const { code, message, hint } = isFields(value) ? value : {}
  const isHint = hint === undefined || typeof hint === 'string'
  return typeof code === 'string' && typeof message === 'string' && isHint
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
