import type { Argv, Probe, Reply } from '../engine/types.ts'
import type { Found } from '../formats/runtimes/types.ts'
import type { Container } from '../model/types.ts'

/** What a read said; the same object for all that it tells of, so that it is understood once. */
export type Answer = Extract<Reply, { readonly text: string }>

/** A way of running containers, as data: how it is asked whether one runs, and by what it tells of changes. */
export interface RuntimeDefinition {
  /** The read that tells of this container; `all`: every declared one of this runtime, for a read that tells of many. */
  readonly probe: (container: Container, all: readonly Container[]) => Probe
  /** What the answer says of this container; throws a `SystemError` where it says nothing that can be understood. */
  readonly find: (answer: Answer, container: Container) => Found
  /** How people give the container an interface on this bridge, or none, as it is started. */
  readonly wayOut: (bridge: string) => string
  /** Programs that tell of starts and ends as they happen, a line each, in any order. */
  readonly events?: {
    readonly argvs: (all: readonly Container[]) => readonly Argv[]
    /** The name, in the runtime's own words, of a container that may have started or ended. */
    readonly read: (line: string) => string | undefined
  }
}
