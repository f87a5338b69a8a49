import { folded } from './problems.ts'
import { applyPolicy } from './policy.ts'
import type { Policy } from './policy.ts'
import { reference } from './types.ts'
import type { AppliedRecord, Kind, KindPlan, Plan, PlannedChange, Problem, Replies } from './types.ts'

/** By kind, in the order in which they are listed: what it would change. */
export type Compared = ReadonlyMap<string, KindPlan>

/** What is compared. `again`: this world was compared with another reading before, and may be once more. */
export interface Comparing<World> {
  readonly world: World
  readonly replies: Replies
  readonly record: AppliedRecord
  readonly again?: boolean
}

/** Compares what is wanted with what was found; `known`: kinds whose comparison is taken over from before. */
export function compareKinds<Model, World>(
  kinds: readonly Kind<Model, World>[],
  seen: Comparing<World>,
  known: Compared = new Map(),
): Compared {
  return new Map(kinds.map((kind) => [kind.name, compareKind(kind, seen, known)]))
}

/** The same, one kind at a time: between two of them others get their turn. */
export async function compareInTurns<Model, World>(
  kinds: readonly Kind<Model, World>[],
  seen: Comparing<World>,
  known: Compared | undefined,
  turn: () => Promise<void>,
): Promise<Compared> {
  const compared = new Map<string, KindPlan>()
  for (const kind of kinds) {
    await turn()
    compared.set(kind.name, compareKind(kind, seen, known))
  }
  return compared
}

function compareKind<Model, World>(
  kind: Kind<Model, World>,
  { world, replies, record, again = false }: Comparing<World>,
  known: Compared = new Map(),
): KindPlan {
  return known.get(kind.name) ?? kind.compare(world, replies, record, again)
}

/**
 * Takes the comparisons of all kinds and puts the changes into the order of apply: kinds as they are listed (firewall first,
 * proxy neighbours last), then the late deletes the other way round. A blocked resource takes with it the
 * creates and updates of all that need it.
 */
export function makePlan(
  compared: Compared,
  options: { readonly policy: Policy; readonly problems: readonly Problem[] },
): Plan {
  const plans = [...compared.values()]
  const ordered = [...plans.flatMap(({ early }) => early), ...plans.toReversed().flatMap(({ late }) => late)]
  const blocked = new Set(plans.flatMap((plan) => plan.blocked))
  const { changes, heldBack } = applyPolicy(withoutBlocked(ordered, blocked), options.policy)
  return {
    changes,
    heldBack,
    problems: folded([...options.problems, ...plans.flatMap(({ conflicts }) => conflicts)]),
    known: true,
    inSync: sum(plans, ({ inSync }) => inSync),
    foreign: sum(plans, ({ foreign }) => foreign),
    blocked: [...blocked],
    resources: Object.fromEntries([...compared].map(([name, { resources }]) => [name, resources])),
  }
}

/** What needs a blocked resource is blocked too: added to the set. */
function withoutBlocked(changes: readonly PlannedChange[], blocked: Set<string>): readonly PlannedChange[] {
  return changes.filter((change) => {
    const stays = change.action === 'delete' || !change.needs.some((need) => blocked.has(need))
    if (!stays) blocked.add(reference(change.kind, change.key))
    return stays
  })
}

/**
 * What a pass that reached `plan` has applied: everything desired but what the plan still wants, or may not make. Of
 * that, what was applied before stays: it is drift that came back, and no news of the file.
 */
export function appliedRecord<Model, World>(
  kinds: readonly Kind<Model, World>[],
  world: World,
  plan: Plan,
  before: AppliedRecord = {},
): AppliedRecord {
  const open = new Set([...plan.changes.map(({ kind, key }) => reference(kind, key)), ...plan.blocked])
  return Object.fromEntries(
    kinds.map((kind) => {
      const known = before[kind.name] ?? {}
      const digests = Object.entries(kind.digests(world)).flatMap(([key, digest]) => {
        const applied = open.has(reference(kind.name, key)) ? known[key] : digest
        return applied === undefined ? [] : [[key, applied] as const]
      })
      return [kind.name, Object.fromEntries(digests)]
    }),
  )
}

/** The plan of a host that could not be read: nothing is planned, because unknown is not empty. */
export function unknownPlan(problems: readonly Problem[]): Plan {
  return {
    changes: [],
    heldBack: [],
    problems,
    known: false,
    inSync: 0,
    foreign: 0,
    blocked: [],
    resources: {},
  }
}

function sum(plans: readonly KindPlan[], count: (plan: KindPlan) => number): number {
  return plans.reduce((total, plan) => total + count(plan), 0)
}
