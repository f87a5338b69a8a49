import type { PassOfMany, PassRequest, Reads } from './types.ts'
import { DRIVERS } from '../drivers/index.ts'
import { appliedRecord } from '../engine/plan.ts'
import { reconcileOnce } from '../engine/reconcile.ts'
import type { Observation } from '../engine/look.ts'
import type { AppliedRecord, PlannedChange, Problem } from '../engine/types.ts'
import { CATALOGUE, catalogueAllowing } from '../facts/catalogue.ts'
import { LOST } from '../facts/lockouts/words.ts'
import { EMPTIED, TOO_MUCH } from '../facts/removals.ts'
import type { Model } from '../model/types.ts'
import type { World } from '../model/world.ts'
import { isAccepted, writeAccepted } from './accepted-file.ts'
import { keepFound } from './found-values.ts'
import { noteRevocations, readRevocations, settleRevocations } from './revocations.ts'
import { keepRecord, readRecord } from './state-files.ts'
import type { StateFiles } from './state-files.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** One pass, with all that the state directory is for; under the lock that the caller holds. */
export async function makePass(
  model: Model,
  request: PassRequest,
  files: StateFiles,
  system: System,
): Promise<PassOfMany> {
  const record = await readRecord(files.applied, system)
  const left = await readRevocations(files.revocations, system)
  const prepare = async (changes: readonly PlannedChange[]) => keepState(files, changes, system)
  const options = { ...request, record, policy: model.policy, drivers: DRIVERS, prepare }
  const { before, applied, failed, failedChanges, after, phases } = await reconcileOnce(
    model,
    catalogueAllowing(request.allow),
    options,
    system,
  )
  const { plan } = before
  const pass = { left, changes: plan.changes, applied }
  const unsettled = plan.known
    ? await stateProblems(async () => settleRevocations(files.revocations, after.world, pass, system))
    : []
  const kinds = request.since === undefined ? CATALOGUE.kinds : kindsOf(applied)
  const unkept =
    applied.length > 0 && after.plan.known ? await remember(after, { kinds, record }, files, system) : []
  return {
    plan,
    applied,
    failed: [...failed, ...unsettled, ...unkept, ...(await keepAccepted(after, files, system))],
    warnings: await scriptWarnings(system),
    failedChanges,
    remaining: after === before ? undefined : after.plan,
    facts: after.world.facts,
    replies: after.replies,
    fresh: after.fresh,
    compared: after.compared,
    left: after.left,
    reads: (after === before ? [before] : [before, after]).map(readsOf),
    phases,
  }
}

function readsOf({ fresh, replies }: Observation<World>): Reads {
  return { made: fresh, known: replies.size }
}

/** What must be on disk before the first effect. */
export async function keepState(
  files: StateFiles,
  changes: readonly PlannedChange[],
  system: System,
): Promise<readonly Problem[]> {
  return stateProblems(async () => {
    await keepFound(files.found, changes, system)
    await noteRevocations(files.revocations, changes, system)
  })
}

/** A pass for events has news of what it changed, and of nothing else. */
function kindsOf(changes: readonly PlannedChange[]): typeof CATALOGUE.kinds {
  const names = new Set(changes.map(({ kind }) => kind))
  return CATALOGUE.kinds.filter(({ name }) => names.has(name))
}

async function remember(
  { plan, world }: Observation<World>,
  { kinds, record }: { readonly kinds: typeof CATALOGUE.kinds; readonly record: AppliedRecord },
  files: StateFiles,
  system: System,
): Promise<readonly Problem[]> {
  const reached = { ...record, ...appliedRecord(kinds, world, plan, record) }
  return stateProblems(async () => keepRecord(files.applied, reached, record, system))
}

/** What was accepted before these goes on being what stays. */
const KEEPS: ReadonlySet<string> = new Set([LOST, EMPTIED, TOO_MUCH])

/** What stays where a later file is refused. */
async function keepAccepted(
  { plan, world }: Observation<World>,
  { accepted }: StateFiles,
  system: System,
): Promise<readonly Problem[]> {
  const isWhole = plan.known && !plan.problems.some(({ code }) => KEEPS.has(code))
  if (!isWhole || isAccepted(world.model, accepted)) return []
  return stateProblems(async () => writeAccepted(accepted, world.model, system))
}

/** Nothing fails by it; but scripts are elsewhere, and others may need the run directory. */
async function scriptWarnings(system: System): Promise<readonly Problem[]> {
  const fault = await system.scriptFault()
  if (fault === undefined) return []
  return [
    {
      code: 'S64-H009',
      message: `the run directory cannot be written, changes are made without it: ${fault.message}`,
      hint: 'make room in it, or make it writable, or choose another (--run-dir DIR): the reverse proxy and "slash64 attach" need it',
    },
  ]
}

/** A state directory that cannot be written keeps nobody from being reached; what it costs is told. */
async function stateProblems(effect: () => Promise<readonly Problem[] | void>): Promise<readonly Problem[]> {
  try {
    return (await effect()) ?? []
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return [
      {
        code: 'S64-H008',
        message: `the state directory cannot be written: ${error.message}`,
        hint: 'choose another (--state-dir DIR), or make it writable: without it teardown cannot restore what was found',
      },
    ]
  }
}
