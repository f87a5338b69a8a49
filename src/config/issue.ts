import type { Path } from '../model/path.ts'
import type { Code } from './codes.ts'

/** A fault in the file. Line and column count from 1; `hint` is the way out, `note` what else helps. */
export interface Issue {
  readonly code: Code
  readonly message: string
  readonly line: number
  readonly column: number
  /** Characters that are marked, at least 1, never beyond the line. */
  readonly length: number
  readonly hint?: string
  readonly note?: string
}

/** A fault in what the file says, by its place; it becomes an Issue once the place is looked up in the text. */
export interface Finding {
  readonly code: Code
  readonly path: Path
  /** What is wrong at that place; the value unless said. */
  readonly at?: 'key' | 'value'
  readonly message: string
  readonly hint?: string
  readonly note?: string
}

/** A fault in the text, by offsets in UTF-16 units. */
export interface Fault {
  readonly code: Code
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint?: string
  readonly note?: string
}
