import type { App, AppOptions, PassResult } from './types.ts'
import { DRIVERS } from '../drivers/index.ts'
import { unknownPlan } from '../engine/plan.ts'
import { observeAndPlan } from '../engine/look.ts'
import { CATALOGUE, catalogueAllowing } from '../facts/catalogue.ts'
import type { Model } from '../model/types.ts'
import { EMPTY_MODEL } from '../model/world.ts'
import { attach } from './attach.ts'
import { ANSWER_DEADLINE } from './control-words.ts'
import { proxyDocument } from './proxy-document.ts'
import { makePass } from './make-pass.ts'
import { readRecord, stateFiles } from './state-files.ts'
import { planTeardown, teardown } from './teardown.ts'
import { reloadUnits } from './unit-manager.ts'
import { SystemError } from '../system/errors.ts'
import { nodeSystem } from '../system/node.ts'
import type { System } from '../system/port.ts'
import { readOnly } from '../system/read-only.ts'

/** The commands' view of the pipeline, on the real host. */
export function createApp(options: AppOptions): App {
  return appOn(nodeSystem(options))
}

/** The same on any System; `plan` and `planTeardown` get one that refuses writes. */
export function appOn(system: System): App {
  const files = stateFiles(system.places.stateDir)
  const reading = readOnly(system)
  return {
    plan: async (model, allow) => {
      const record = await readRecord(files.applied, reading)
      const options = { record, policy: model.policy }
      const { plan, world } = await observeAndPlan(model, catalogueAllowing(allow), options, reading)
      return { plan, applied: [], failed: [], remaining: undefined, facts: world.facts }
    },
    reconcile: async (model, stop, allow) => {
      const request = { ...(stop !== undefined && { stop }), ...(allow !== undefined && { allow }) }
      return locked(system, model, async () => makePass(model, request, files, system), stop)
    },
    attach: async (model, attachment) => {
      const lock = await system.lock()
      try {
        return await attach(model, attachment, files, system)
      } finally {
        await lock.release()
      }
    },
    ask: async (socket, request) =>
      system.exchange(`${system.places.runDir}/${socket}`, request, ANSWER_DEADLINE),
    pause: async (milliseconds) => system.pause(milliseconds),
    monotonic: () => system.monotonic(),
    planTeardown: async (model) => planTeardown(files, reading, model),
    teardown: async (model) =>
      locked(system, EMPTY_MODEL, async () => teardown(files, DRIVERS, system, model)),
    render: (model) => proxyDocument(CATALOGUE.unobserved(model, system.places)),
    now: () => system.now(),
    readFile: async (file) => system.readFile(file),
    writeFile: async (file, content) => system.writeFile(file, content),
    reloadUnits: async () => reloadUnits(system),
  }
}

/** Runs a pass under the lock of this network namespace; who holds it is told when somebody does. */
async function locked(
  system: System,
  model: Model,
  pass: () => Promise<PassResult>,
  stop?: AbortSignal,
): Promise<PassResult> {
  let lock
  try {
    lock = await system.lock(stop)
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
