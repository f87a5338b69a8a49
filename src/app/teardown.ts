import type { PassResult } from './types.ts'
import { readFound } from './found-values.ts'
import { applyChanges } from '../engine/apply.ts'
import type { Drivers } from '../engine/apply.ts'
import { observeAndPlan } from '../engine/look.ts'
import type { Plan, PlannedChange } from '../engine/types.ts'
import { catalogueAllowing } from '../facts/catalogue.ts'
import { sysctlKey } from '../kinds/sysctl/index.ts'
import type { Model } from '../model/types.ts'
import { EMPTY_MODEL } from '../model/world.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { insideDeletes } from './teardown-insides.ts'
import { readRecord } from './state-files.ts'
import type { StateFiles } from './state-files.ts'

/**
 * What removing everything of ours would change: what bears our mark goes, sysctls get back what was found. Only a file
 * tells of containers in whose own interfaces something of ours stands.
 */
export async function planTeardown(files: StateFiles, system: System, model?: Model): Promise<PassResult> {
  const record = await readRecord(files.applied, system)
  const observation = await observeAndPlan(
    EMPTY_MODEL,
    catalogueAllowing(new Set(['empty'])),
    { record, policy: EMPTY_MODEL.policy },
    system,
  )
  const { facts } = observation.world
  const host = observation.plan.known ? await withRestores(observation.plan, files, system) : observation.plan
  const plan = host.known && model !== undefined ? await withInsides(host, model, system) : host
  return { plan, applied: [], failed: [], remaining: undefined, facts }
}

export async function teardown(
  files: StateFiles,
  drivers: Drivers,
  system: System,
  model?: Model,
): Promise<PassResult> {
  const before = await planTeardown(files, system, model)
  if (!before.plan.known) return before
  const { applied, failed } = await applyChanges(before.plan.changes, drivers, system)
  const after = await planTeardown(files, system, model)
  const done = failed.length === 0 && after.plan.known && after.plan.changes.length === 0
  if (done) for (const file of Object.values(files)) await system.removeFile(file)
  return { ...before, applied, failed, remaining: after.plan }
}

/** What is inside comes first: the way to it is the host's. */
async function withInsides(plan: Plan, model: Model, system: System): Promise<Plan> {
  const { changes, problems } = await insideDeletes(model, system)
  return { ...plan, changes: [...changes, ...plan.changes], problems: [...plan.problems, ...problems] }
}

/** Forwarding goes first, and `accept_ra` last: the order of writing, reversed. */
async function withRestores(plan: Plan, files: StateFiles, system: System): Promise<Plan> {
  const found = await readFound(files.found, system)
  const restores: PlannedChange[] = []
  // Settings of a bridge go with it.
  const leaving = new Set(
    plan.changes.flatMap(({ kind, key, action }) => (kind === 'bridge' && action === 'delete' ? [key] : [])),
  )
  for (const [path, value] of Object.entries(found).toReversed()) {
    if (path.split('/').some((part) => leaving.has(part))) continue
    const current = await system.readSysctl(path).catch(absent)
    // Gone with its interface: there is nothing to restore.
    if (current !== undefined && current !== value) restores.push(restore(path, current, value))
  }
  // Forwarding goes while the guard still stands.
  const end = plan.changes.findIndex(({ kind }) => kind === 'nft-table')
  const at = end === -1 ? plan.changes.length : end
  return { ...plan, changes: [...plan.changes.slice(0, at), ...restores, ...plan.changes.slice(at)] }
}

function restore(path: string, before: string, after: string): PlannedChange {
  return {
    kind: 'sysctl',
    key: sysctlKey(path),
    action: 'update',
    cause: 'prune',
    reason: `${before} -> ${after}, as it was found`,
    before: { value: before },
    after: { value: after },
    needs: [],
    steps: [{ tool: 'sysctl', name: path, value: after }],
  }
}

function absent(error: unknown): undefined {
  if (error instanceof SystemError) return undefined
  throw error
}
