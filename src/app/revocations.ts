import { conntrackDriver } from '../drivers/conntrack.ts'
import { canonicalJson } from '../engine/canonical-json.ts'
import { problemOfError } from '../engine/problems.ts'
import type { ConntrackStep, EgressStep, ForwardedStep, PlannedChange, Problem } from '../engine/types.ts'
import { egressSteps } from '../kinds/shared/egress.ts'
import type { World } from '../model/world.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/**
 * Connections of a forward that was taken away, or to the outside by an address that changed, live on until their
 * tracking entries are deleted, and nothing on the host tells afterwards that they should. So what is to be ended is written down before the firewall changes, and
 * struck out when it is done: a crash in between, or a host without conntrack, is made good by the next pass.
 */
export async function noteRevocations(
  file: string,
  changes: readonly PlannedChange[],
  system: System,
): Promise<void> {
  const steps = revocationsOf(changes)
  if (steps.length === 0) return
  const noted = [...(await readRevocations(file, system)), ...steps]
  const open = [...new Map(noted.map((step) => [canonicalJson(step), step])).values()]
  await system.writeFile(file, `${JSON.stringify(open)}\n`)
}

/** Ends what an earlier pass left open, and strikes out all when nothing is left. */
export async function settleRevocations(
  file: string,
  world: World,
  pass: {
    readonly left: readonly ConntrackStep[]
    readonly changes: readonly PlannedChange[]
    readonly applied: readonly PlannedChange[]
  },
  system: System,
): Promise<readonly Problem[]> {
  const done = new Set(pass.applied)
  // What the firewall still lets in is not to be ended: its change failed.
  const open = new Set(revocationsOf(pass.changes.filter((change) => !done.has(change))).map(canonicalJson))
  const isOpen = open.size > 0
  const left = pass.left
    .filter((step) => !open.has(canonicalJson(step)))
    .flatMap((step) => stillDue(step, world))
  if (pass.left.length === 0 && (isOpen || revocationsOf(pass.applied).length === 0)) return []
  const { error } = left.length === 0 ? {} : await conntrackDriver(left, system)
  if (error) return [problemOfError(error, 'apply')]
  if (!isOpen) await system.removeFile(file)
  return []
}

/** What is noted as open; a damaged file is none: then the connections end by themselves. */
export async function readRevocations(file: string, system: System): Promise<readonly ConntrackStep[]> {
  try {
    const value: unknown = JSON.parse(await system.readFile(file))
    return Array.isArray(value) ? value.filter(isRevocation) : []
  } catch (error) {
    if (error instanceof SystemError || error instanceof SyntaxError) return []
    throw error
  }
}

function revocationsOf(changes: readonly PlannedChange[]): readonly ConntrackStep[] {
  return changes.flatMap(({ steps }) => steps.filter((step) => step.tool === 'conntrack'))
}

function isRevocation(value: unknown): value is ConntrackStep {
  if (typeof value !== 'object' || value === null) return false
  const {
    tool,
    protocol,
    first,
    last,
    interface: upstream,
  } = value as Partial<ForwardedStep> & Partial<EgressStep>
  if (tool !== 'conntrack') return false
  return protocol === undefined
    ? typeof upstream === 'string'
    : (protocol === 'tcp' || protocol === 'udp') && [first, last].every(Number.isInteger)
}

/**
 * A forward that came back since: its connections are right, but for the sources that `from` leaves out. What is right
 * for the way out is what this file says now.
 */
function stillDue(step: ConntrackStep, world: World): readonly ConntrackStep[] {
  if (!('protocol' in step)) return egressSteps(world)
  const again = world.model.nat.forwards.find(
    ({ protocol, listen, address }) =>
      protocol === step.protocol &&
      listen.first <= step.last &&
      step.first <= listen.last &&
      address === step.backend,
  )
  if (again === undefined) return [step]
  return again.from.length === 0 ? [] : [{ ...step, except: again.from }]
}
