import type { App, AppOptions, PassResult } from './types.ts'
import { createDrivers } from '../drivers/index.ts'
import type { Drivers } from '../engine/apply.ts'
import { appliedRecord, unknownPlan } from '../engine/plan.ts'
import { observeAndPlan, reconcileOnce } from '../engine/reconcile.ts'
import type { Observation } from '../engine/reconcile.ts'
import { problemOfError } from '../engine/problems.ts'
import type { AppliedRecord, Problem } from '../engine/types.ts'
import { CATALOGUE } from '../facts/catalogue.ts'
import type { Model } from '../model/types.ts'
import { EMPTY_MODEL } from '../model/world.ts'
import type { World } from '../model/world.ts'
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
  return appOn(nodeSystem({ runDir, path, self }), stateDir)
}

/** The same on any System; `plan` and `planTeardown` get one that refuses writes. */
export function appOn(system: System, stateDir: string): App {
  const files = stateFiles(stateDir)
  const drivers = createDrivers(files.found)
  return {
    plan: async (model) => {
      const record = await readRecord(files.applied, system)
      const { plan, world } = await observeAndPlan(
        model,
        CATALOGUE,
        { record, policy: model.policy },
        readOnly(system),
      )
      return { plan, applied: [], failed: [], remaining: undefined, facts: world.facts }
    },
    reconcile: async (model) => locked(system, model, async () => reconcile(model, system, files, drivers)),
    planTeardown: async () => planTeardown(files, readOnly(system)),
    teardown: async () => locked(system, EMPTY_MODEL, async () => teardown(files, drivers, system)),
    now: () => system.now(),
    readFile: async (file) => system.readFile(file),
    writeFile: async (file, content) => system.writeFile(file, content),
  }
}

async function reconcile(
  model: Model,
  system: System,
  files: StateFiles,
  drivers: Drivers,
): Promise<PassResult> {
  const record = await readRecord(files.applied, system)
  const pass = await reconcileOnce(model, CATALOGUE, { record, policy: model.policy, drivers }, system)
  const { before, applied, failed, after } = pass
  // A pass that found everything as the last one left it has nothing to remember.
  const isNews = applied.length > 0 || Object.keys(record).length === 0
  const unkept =
    isNews && after.plan.known ? await problems(async () => remember(after, record, files, system)) : []
  return {
    plan: before.plan,
    applied,
    failed: [...failed, ...unkept],
    remaining: after === before ? undefined : after.plan,
    facts: after.world.facts,
  }
}

async function remember(
  { plan, world }: Observation<World>,
  before: AppliedRecord,
  files: StateFiles,
  system: System,
): Promise<void> {
  await keepRecord(files.applied, appliedRecord(CATALOGUE.kinds, world, plan), before, system)
}

/** Runs a pass under the lock of this network namespace; who holds it is told when somebody does. */
async function locked(system: System, model: Model, pass: () => Promise<PassResult>): Promise<PassResult> {
  let lock
  try {
    lock = await system.lock(LOCK)
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'busy') throw error
    return refused(model, error.detail)
  }
  try {
    return await pass()
  } finally {
    await lock.release()
  }
}

function refused(model: Model, lockedBy: string): PassResult {
  const { facts } = CATALOGUE.unobserved(model)
  const plan = unknownPlan([])
  return { plan, applied: [], failed: [], remaining: undefined, lockedBy, facts }
}

async function problems(effect: () => Promise<void>): Promise<readonly Problem[]> {
  try {
    await effect()
    return []
  } catch (error) {
    if (error instanceof SystemError) return [problemOfError(error, 'apply')]
    throw error
  }
}
