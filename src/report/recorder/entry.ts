export type Value = string | number | boolean | readonly string[]

/** What one entry tells besides its time. `what` names its kind; lists are cut, and end with `+12 more` then. */
export interface Told {
  readonly what: string
  readonly [field: string]: Value
}

/** One thing that happened. `at`: monotonic milliseconds of the controller's process. */
export type Entry = { readonly at: number } & Told

/** All that is remembered, as `slash64 events -o json` and SIGUSR2 tell it. */
export interface Recording {
  readonly formatVersion: '1.0'
  readonly controller: { readonly version: string; readonly process: number }
  /** One moment by both clocks, which ties the entries to the time of day. */
  readonly clock: { readonly at: number; readonly time: string }
  /** How many entries there were before the first. */
  readonly forgotten: number
  /** Oldest first. */
  readonly events: readonly Entry[]
}
