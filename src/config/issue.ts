import type { Path } from '../model/path.ts'
import type { Code } from './codes.ts'

/** A piece of the text; line and column count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
  /** Characters that are marked, at least 1, never beyond the line. */
  readonly length: number
}

/** Something wrong that has a place in the file; `hint` is the way out, `note` what else helps. */
export interface PlacedFault extends Place {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly note?: string
}

/** A fault in the file. */
export interface Issue extends PlacedFault {
  readonly code: Code
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

/** A piece of the text, by offsets in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A fault in the text. */
export interface Fault extends Span {
  readonly code: Code
  readonly message: string
  readonly hint?: string
  readonly note?: string
}
