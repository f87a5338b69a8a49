import type { Problem } from '../engine/types.ts'
import type { Model } from '../model/types.ts'
import type { UpstreamFacts } from '../model/world.ts'
import type { Paint } from '../text/paint.ts'

/** What a report can tell beyond the plan, where it is known. */
export interface Background {
  readonly source?: Source
  readonly routes?: RouteView
}

/** The file that was read: problems have their place in it. */
export interface Source {
  /** What messages call the file. */
  readonly name: string
  /** Counted from 1. */
  readonly locate: (path: ProblemPath) => { readonly line: number; readonly column: number }
  /**
   * The problems as faults of the file are printed: in order of place, with code, message, the line with a mark and the
   * way out; what is too much is counted.
   */
  readonly frames: (problems: readonly PlacedProblem[], paint: Paint) => string
}

export type ProblemPath = NonNullable<Problem['path']>
export type PlacedProblem = Problem & { readonly path: ProblemPath }

/** The routes of a model, and the addresses of the host that their names may lead to. */
export interface RouteView {
  readonly model: Model
  readonly upstream: Pick<UpstreamFacts, 'ipv4' | 'publicIpv6'>
}

export interface ProblemPlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Where the file says what the problem is about; undefined when it is about no place, or no file was read. */
export function placeOf({ path }: Problem, source: Source | undefined): ProblemPlace | undefined {
  if (path === undefined || source === undefined) return undefined
  const { line, column } = source.locate(path)
  return { file: source.name, line, column }
}
