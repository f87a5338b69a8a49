import type { SystemError, SystemErrorCode } from '../system/errors.ts'

const CODES: ReadonlySet<SystemErrorCode> = new Set([
  'timeout',
  'missing-tool',
  'denied',
  'read-only',
  'crashed',
])

/** Whether a program failed in a way in which it fails for every step: to try each of them only takes time. */
export function isBroken({ code }: SystemError): boolean {
  return CODES.has(code)
}
