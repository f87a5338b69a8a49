import { digest } from '../net/digest.ts'
import { canonicalJson } from './canonical-json.ts'
import { causeOf, reasonOf } from './cause.ts'
import { diff } from './diff.ts'
import { reference } from './types.ts'
import type {
  AppliedRecord,
  Change,
  Conflict,
  Kind,
  KindDefinition,
  KindPlan,
  PlannedChange,
  Problem,
  Replies,
  Resource,
} from './types.ts'

type KindRecord = AppliedRecord[string]

/** Erases a kind's Spec, so that the engine can hold a list of kinds without knowing any of them. */
export function defineKind<Model, World extends object, Spec>(
  definition: KindDefinition<Model, World, Spec>,
): Kind<Model, World> {
  const wanted = new WeakMap<World, readonly Resource<Spec>[]>()
  const desired = (world: World, again: boolean): readonly Resource<Spec>[] => {
    const known = wanted.get(world) ?? definition.desired(world)
    if (again) wanted.set(world, known)
    return known
  }
  return {
    name: definition.name,
    probes: definition.probes,
    compare: (world, replies, record, again = false) =>
      compare(
        { ...definition, desired: (of) => desired(of, again) },
        world,
        replies,
        record[definition.name],
      ),
    digests: (world) =>
      Object.fromEntries(definition.desired(world).map(({ key, spec }) => [key, digestOf(spec)])),
  }
}

function compare<Model, World, Spec>(
  kind: KindDefinition<Model, World, Spec>,
  world: World,
  replies: Replies,
  record: KindRecord | undefined,
): KindPlan {
  const desired = kind.desired(world)
  const observed = kind.observe(replies, world)
  // A delete needs what its observed resource names to be gone first.
  const needs = new Map([...observed.owned, ...desired].map(({ key, needs: named }) => [key, named ?? []]))
  const conflicts = observed.conflicts ?? []
  const inTheWay = new Set([...conflicts.map(({ key }) => key), ...(observed.blocked ?? [])])
  const changes = diff(desired, observed.unseen ? desired : observed.owned, kind.same)
    .filter(({ key, action }) => action === 'delete' || !inTheWay.has(key))
    .map((change) => plannedChange(kind, world, change, { needs: needs.get(change.key) ?? [], record }))
  const deletes = changes.filter(({ action }) => action === 'delete')
  const others = changes.filter(({ action }) => action !== 'delete')
  return {
    resources: desired.length,
    early: kind.deletes === 'early' ? [...others, ...deletes] : others,
    late: kind.deletes === 'late' ? deletes.toReversed() : [],
    inSync: inSyncCount(desired, changes, inTheWay),
    foreign: observed.foreign.length,
    conflicts: conflicts.map((conflict) => problemOf(kind.name, conflict)),
    blocked: [...inTheWay].map((key) => reference(kind.name, key)),
  }
}

function inSyncCount(
  desired: readonly Resource<unknown>[],
  changes: readonly PlannedChange[],
  inTheWay: ReadonlySet<string>,
): number {
  const changing = new Set(changes.filter(({ action }) => action !== 'delete').map(({ key }) => key))
  return desired.filter(({ key }) => !changing.has(key) && !inTheWay.has(key)).length
}

function plannedChange<Model, World, Spec>(
  kind: KindDefinition<Model, World, Spec>,
  world: World,
  change: Change<Spec>,
  context: { needs: readonly string[]; record: KindRecord | undefined },
): PlannedChange {
  const wanted = change.action === 'delete' ? undefined : digestOf(change.after)
  const withdrawal = change.action === 'delete' ? kind.withdrawal?.(change.before, world) : undefined
  const cause = withdrawal ? 'drift' : causeOf(change, context.record, wanted, kind.deletes === 'never')
  return {
    kind: kind.name,
    key: change.key,
    action: change.action,
    cause,
    reason: withdrawal ?? ownReason(kind, change) ?? reasonOf(change, cause),
    before: change.action === 'create' ? null : change.before,
    after: change.action === 'delete' ? null : change.after,
    needs: context.needs,
    steps: kind.steps(change, world),
    ...(withdrawal !== undefined && { withdrawn: true }),
    // What is deleted early only closes something: until it is gone, that stands open.
    ...((kind.protects === true || (kind.deletes === 'early' && change.action === 'delete')) && {
      protects: true,
    }),
    ...(kind.accompanies && { accompanies: true }),
    ...(kind.container && {
      container: kind.container({
        key: change.key,
        spec: change.action === 'delete' ? change.before : change.after,
      }),
    }),
    ...(kind.followsHost && change.action !== 'create' && { followsHost: true }),
  }
}

function ownReason<Model, World, Spec>(
  kind: KindDefinition<Model, World, Spec>,
  change: Change<Spec>,
): string | undefined {
  return change.action === 'update' ? kind.reason?.(change.before, change.after) : undefined
}

function problemOf(kind: string, { key, code = 'S64-F001', ...told }: Conflict): Problem {
  return { code, ...told, resource: reference(kind, key) }
}

function digestOf(spec: unknown): string {
  return digest(canonicalJson(spec), 16)
}
