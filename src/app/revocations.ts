import { conntrackDriver } from '../drivers/conntrack.ts'
import { canonicalJson } from '../engine/canonical-json.ts'
import { problemOfError } from '../engine/problems.ts'
import { sealed, unsealed } from '../engine/sealed.ts'
import type { ConntrackStep, PlannedChange, Problem } from '../engine/types.ts'
import { egressSteps } from '../kinds/shared/egress.ts'
import type { World } from '../model/world.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/**
 * Connections of a forward that was taken away, or to the outside by an address that changed, live on until their
 * tracking entries are deleted, and nothing on the host tells afterwards that they should. So what is to be ended is
 * written down before the firewall changes, and struck out when it is done: a crash in between, or a host without conntrack, is made good by the next pass.
 */
export async function noteRevocations(
  file: string,
  changes: readonly PlannedChange[],
  system: System,
): Promise<void> {
  const steps = revocationsOf(changes)
  if (steps.length === 0) return
  // What cannot be read is told, and not written over: it may be readable again.
  const noted = [...stepsIn(await system.readFile(file).catch(absent)), ...steps]
  const open = [...new Map(noted.map((step) => [canonicalJson(step), step])).values()]
  await system.writeFile(file, revocationsText(open))
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
    return stepsIn(await system.readFile(file))
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
}

/** Another number whenever what a step holds is another. */
const FORMAT = 1

/** What was not written so, whole and by us, ends no connection of anybody. */
export function revocationsText(steps: readonly ConntrackStep[]): string {
  return sealed('steps', FORMAT, steps)
}

function stepsIn(text: string | undefined): readonly ConntrackStep[] {
  const steps = text === undefined ? undefined : unsealed<readonly ConntrackStep[]>('steps', FORMAT, text)
  return Array.isArray(steps) ? steps : []
}

function absent(error: unknown): undefined {
  if (!(error instanceof SystemError) || error.code !== 'not-found') throw error
}

function revocationsOf(changes: readonly PlannedChange[]): readonly ConntrackStep[] {
  return changes.flatMap(({ steps }) => steps.filter((step) => step.tool === 'conntrack'))
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
