import type { App, AppOptions, PassResult } from './types.ts'
import { DRIVERS } from '../drivers/index.ts'
import { appliedRecord, unknownPlan } from '../engine/plan.ts'
import { observeAndPlan, reconcileOnce } from '../engine/reconcile.ts'
import type { Observation } from '../engine/reconcile.ts'
import type { AppliedRecord, PlannedChange, Problem } from '../engine/types.ts'
import { CATALOGUE } from '../facts/catalogue.ts'
import type { Model } from '../model/types.ts'
import { EMPTY_MODEL } from '../model/world.ts'
import type { World } from '../model/world.ts'
import { proxyDocument } from './proxy-document.ts'
import { keepFound } from './found-values.ts'
import { noteRevocations, readRevocations, settleRevocations } from './revocations.ts'
import { keepRecord, readRecord, stateFiles } from './state-files.ts'
import type { StateFiles } from './state-files.ts'
import { planTeardown, teardown } from './teardown.ts'
import { SystemError } from '../system/errors.ts'
import { nodeSystem } from '../system/node.ts'
import type { System } from '../system/port.ts'
import { readOnly } from '../system/read-only.ts'

const LOCK = 'slash64'

/** The commands' view of the pipeline, on the real host. */
export function createApp({ stateDir, runDir, path, self }: AppOptions): App {
  return appOn(nodeSystem({ stateDir, runDir, path, self }))
}

/** The same on any System; `plan` and `planTeardown` get one that refuses writes. */
export function appOn(system: System): App {
  const files = stateFiles(system.places.stateDir)
  const reading = readOnly(system)
  return {
    plan: async (model) => {
      const record = await readRecord(files.applied, reading)
      const options = { record, policy: model.policy }
      const { plan, world } = await observeAndPlan(model, CATALOGUE, options, reading)
      return { plan, applied: [], failed: [], remaining: undefined, facts: world.facts }
    },
    reconcile: async (model) => locked(system, model, async () => reconcile(model, files, system)),
    planTeardown: async () => planTeardown(files, reading),
    teardown: async () => locked(system, EMPTY_MODEL, async () => teardown(files, DRIVERS, system)),
    render: (model) => proxyDocument(CATALOGUE.unobserved(model, system.places)),
    now: () => system.now(),
    readFile: async (file) => system.readFile(file),
    writeFile: async (file, content) => system.writeFile(file, content),
  }
}

async function reconcile(model: Model, files: StateFiles, system: System): Promise<PassResult> {
  const record = await readRecord(files.applied, system)
  const left = await readRevocations(files.revocations, system)
  const prepare = async (changes: readonly PlannedChange[]) => keepState(files, changes, system)
  const options = { record, policy: model.policy, drivers: DRIVERS, prepare }
  const { before, applied, failed, after } = await reconcileOnce(model, CATALOGUE, options, system)
  const { plan } = before
  const unsettled = plan.known
    ? await settleRevocations(files.revocations, model, { left, changes: plan.changes, applied }, system)
    : []
  const unkept = applied.length > 0 && after.plan.known ? await remember(after, record, files, system) : []
  return {
    plan,
    applied,
    failed: [...failed, ...unsettled, ...unkept],
    remaining: after === before ? undefined : after.plan,
    facts: after.world.facts,
  }
}

/** What must be on disk before the first effect. */
async function keepState(
  files: StateFiles,
  changes: readonly PlannedChange[],
  system: System,
): Promise<readonly Problem[]> {
  return stateProblems(async () => {
    await keepFound(files.found, changes, system)
    await noteRevocations(files.revocations, changes, system)
  })
}

async function remember(
  { plan, world }: Observation<World>,
  before: AppliedRecord,
  files: StateFiles,
  system: System,
): Promise<readonly Problem[]> {
  const reached = appliedRecord(CATALOGUE.kinds, world, plan)
  return stateProblems(async () => keepRecord(files.applied, reached, before, system))
}

/** Runs a pass under the lock of this network namespace; who holds it is told when somebody does. */
async function locked(system: System, model: Model, pass: () => Promise<PassResult>): Promise<PassResult> {
  let lock
  try {
    lock = await system.lock(LOCK)
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'busy') throw error
    return refused(model, error.detail, system)
  }
  try {
    return await pass()
  } finally {
    await lock.release()
  }
}

function refused(model: Model, lockedBy: string, { places }: System): PassResult {
  const { facts } = CATALOGUE.unobserved(model, places)
  const plan = unknownPlan([])
  return { plan, applied: [], failed: [], remaining: undefined, lockedBy, facts }
}

/** A state directory that cannot be written keeps nobody from being reached; what it costs is told. */
async function stateProblems(effect: () => Promise<void>): Promise<readonly Problem[]> {
  try {
    await effect()
    return []
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
