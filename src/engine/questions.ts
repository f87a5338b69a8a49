import { outdated } from './reading.ts'
import type { Reading, Since } from './reading.ts'
import type { Kind, PlannedChange, Probe, Replies } from './types.ts'

/** What is to be read, as far as it is known from what was read. */
export interface Questions {
  readonly all: (known: Replies) => readonly Probe[]
  /** What each of these changes rests on. */
  readonly under: (
    changes: readonly PlannedChange[],
    known: Replies,
  ) => ReadonlyMap<PlannedChange, readonly Probe[]>
}

/** Who asks: for facts about the host, and for what each kind compares. */
interface Asking<Model, World> {
  readonly kinds: readonly Kind<Model, World>[]
  readonly factProbes: (model: Model, known: Replies) => readonly Probe[]
}

export function questions<Model, World>(model: Model, catalogue: Asking<Model, World>): Questions {
  const { kinds, factProbes } = catalogue
  return {
    all: (known) => [...factProbes(model, known), ...kinds.flatMap((kind) => kind.probes(model, known))],
    under: (changes, known) => {
      const bases = new Map(kinds.map((kind) => [kind.name, basis(() => kind.probes(model, known))]))
      return new Map(changes.map((change) => [change, bases.get(change.kind)?.(change) ?? []]))
    },
  }
}

/** Of a kind's probes, those that tell of a change: of the host, and of its container where it is of one. */
function basis(probes: () => readonly Probe[]): (change: PlannedChange) => readonly Probe[] {
  let all: ReadonlyMap<string | undefined, readonly Probe[]> | undefined
  return ({ container }) => {
    const known = (all ??= byContainer(probes()))
    const ofHost = known.get(undefined) ?? []
    if (container === undefined) return [...known.values()].flat()
    return [...ofHost, ...(known.get(container) ?? [])]
  }
}

function byContainer(probes: readonly Probe[]): ReadonlyMap<string | undefined, readonly Probe[]> {
  const groups = new Map<string | undefined, Probe[]>()
  for (const probe of probes) {
    const group = groups.get(probe.container)
    if (group === undefined) groups.set(probe.container, [probe])
    else group.push(probe)
  }
  return groups
}

/**
 * What changes rest on and is not of just now: to be read again. Of a confined look, where it would enter a container, or read
 * what no event told of, a reason to leave them; and so is, where events wait, that they rest on what the host was like.
 */
export function toRefresh(
  reading: Reading,
  under: ReadonlyMap<PlannedChange, readonly Probe[]>,
  since: Since | undefined,
): { readonly due: readonly Probe[]; readonly left: ReadonlySet<PlannedChange> } {
  const due = new Map<string, Probe>()
  const left = new Set<PlannedChange>()
  for (const [change, probes] of under) {
    const old = outdated(reading, probes)
    const isFar = old.length > 0 && (old.length === probes.length || old.some(isInside))
    const isOutdated = since?.outdated === true && change.followsHost === true
    if (isOutdated || (isFar && since?.confined === true)) left.add(change)
    else for (const probe of old) due.set(probe.id, probe)
  }
  return { due: [...due.values()], left }
}

function isInside(probe: Probe): boolean {
  return 'argv' in probe && probe.inside === true
}
