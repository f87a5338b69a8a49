/**
 * Why an effect or a read failed, told apart once, here at the door:
 * `not-found` the object is absent · `exists` it is already there · `denied` privileges are missing ·
 * `read-only` the place cannot be written (EROFS), or this System refuses writes · `missing-tool` no such program ·
 * `timeout` the deadline passed · `crashed` the program ended by a signal · `garbled` it printed what cannot be
 * trusted · `busy` the lock is held · `interrupted` it gave way to another · `rolled-back` it was done,
 * did not hold, and what was there before is back · `rollback-failed` the same, but it is not back · `other` anything
 * else, in the tool's own words.
 */
export type SystemErrorCode =
  | 'not-found'
  | 'exists'
  | 'denied'
  | 'read-only'
  | 'missing-tool'
  | 'timeout'
  | 'crashed'
  | 'garbled'
  | 'busy'
  | 'interrupted'
  | 'rolled-back'
  | 'rollback-failed'
  | 'other'

export interface SystemErrorDetails {
  readonly code: SystemErrorCode
  /** The exact command, or the path that was read or written. */
  readonly subject: string
  /** What the tool said, trimmed. */
  readonly detail: string
  readonly exitCode?: number
  /** Of a program that was given up: a line for each thread, with what it waited for. */
  readonly evidence?: readonly string[]
}

/** The only error that a System rejects with. */
export class SystemError extends Error {
  override readonly name = 'SystemError'
  readonly code: SystemErrorCode
  readonly subject: string
  readonly detail: string
  readonly exitCode: number | undefined
  readonly evidence: readonly string[] | undefined

  constructor(details: SystemErrorDetails) {
    super(details.detail === '' ? details.subject : `${details.subject}: ${details.detail}`)
    this.code = details.code
    this.subject = details.subject
    this.detail = details.detail
    this.exitCode = details.exitCode
    this.evidence = details.evidence
  }
}
