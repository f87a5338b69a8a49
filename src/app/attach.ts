import type { Attached, Attachment } from './types.ts'
import { DRIVERS } from '../drivers/index.ts'
import type { Aside } from '../engine/beside.ts'
import { reconcileOnce } from '../engine/reconcile.ts'
import type { Pass } from '../engine/reconcile.ts'
import type { Problem } from '../engine/types.ts'
import { oneContainer } from '../facts/one-container.ts'
import type { Container, Model } from '../model/types.ts'
import type { World } from '../model/world.ts'
import { keepState } from './make-pass.ts'
import { readRecord } from './state-files.ts'
import type { StateFiles } from './state-files.ts'
import type { System } from '../system/port.ts'

/** Gives one container its network, in one pass that reads and changes no other; under the lock that the caller holds. */
export async function attach(
  model: Model,
  attachment: Attachment,
  files: StateFiles,
  system: System,
  guard?: Aside,
): Promise<Attached> {
  const declared = model.containers.find(({ name }) => name === attachment.container)
  if (declared === undefined) return failed(undeclared(attachment))
  const container = placed(declared, attachment)
  const others = model.containers.filter((one) => one !== declared)
  const whole = { ...model, containers: [...others, container].toSorted(byName) }
  const catalogue = oneContainer(whole, container)
  const pass = await reconcileOnce(
    whole,
    catalogue,
    {
      record: await readRecord(files.applied, system),
      policy: model.policy,
      drivers: DRIVERS,
      prepare: async (changes) => keepState(files, changes, system),
      ...(guard !== undefined && { aside: guard, guard }),
    },
    system,
  )
  return outcome(pass, container, catalogue.own(pass.after.world))
}

function byName(one: Container, other: Container): number {
  return one.name < other.name ? -1 : 1
}

/** A new object: what is asked of a runtime is remembered by it. */
function placed({ runtime, ...container }: Container, { process }: Attachment): Container {
  return { ...container, runtime: { ...runtime, ...(process !== undefined && { process }) } }
}

function outcome(pass: Pass<World>, container: Container, own: ReadonlySet<string>): Attached {
  const { plan, world } = pass.after
  const applied = pass.applied.length
  const missing = [
    ...plan.changes.map(({ kind, key }) => `${kind} ${key}`),
    ...plan.blocked.filter((name) => own.has(name)),
  ]
  const state = world.facts.containers.get(container.name)?.state
  const isThere = state === 'running' || state === 'managed'
  const problems = [...pass.failed, ...plan.problems]
  if (plan.known && pass.failed.length === 0 && isThere && missing.length === 0)
    return { ok: true, applied, problems: [] }
  if (problems.length > 0) return { ok: false, applied, problems }
  const told = isThere ? incomplete(container, missing) : notThere(container)
  return { ok: false, applied, problems: [told] }
}

function failed(problem: Problem): Attached {
  return { ok: false, applied: 0, problems: [problem] }
}

function undeclared({ container }: Attachment): Problem {
  return {
    code: 'S64-T001',
    message: `container ${container} is not declared`,
    hint: 'name it as network.yaml does, below `containers:`',
  }
}

function notThere({ name, runtime }: Container): Problem {
  const who = runtime.process === undefined ? `container ${name}` : `process ${runtime.process}`
  return {
    code: 'S64-T002',
    message: `${who} does not run here`,
    hint: 'attach a container as it starts: an LXC hook has its process in LXC_PID, an OCI hook in its standard input (--pid -)',
  }
}

function incomplete({ name }: Container, missing: readonly string[]): Problem {
  const [first = '', ...more] = missing
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`
  return {
    code: 'S64-T003',
    message: `container ${name} does not have all of its network: ${first}${rest}`,
    hint: 'see what keeps it: slash64 plan',
  }
}
