/** The last entries, and how many there were before them. */
export interface Ring<Entry> {
  add(entry: Entry): void
  /** Puts another in the place of the newest. */
  replace(entry: Entry): void
  /** Oldest first. */
  all(): readonly Entry[]
  readonly forgotten: () => number
}

/** Holds so many entries at most; the oldest goes first. */
export function createRing<Entry>(most: number): Ring<Entry> {
  const entries: Entry[] = []
  let added = 0
  return {
    add: (entry) => {
      entries[added % most] = entry
      added += 1
    },
    replace: (entry) => {
      if (added > 0) entries[(added - 1) % most] = entry
    },
    all: () => {
      const first = added % most
      return added <= most ? [...entries] : [...entries.slice(first), ...entries.slice(0, first)]
    },
    forgotten: () => Math.max(0, added - most),
  }
}
