import type { Progress } from '../engine/apply.ts'
import type { ForwardedStep, Step } from '../engine/types.ts'
import { canonicalJson } from '../engine/canonical-json.ts'
import { cidrContains } from '../net/address.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'
import { endEgress } from './conntrack-egress.ts'
import { isBroken } from './broken.ts'
import { parseConnections } from '../formats/conntrack.ts'
import type { Connection } from '../formats/conntrack.ts'

/**
 * Ends connections: of forwards by one listing for each protocol, then only the matching ones; of containers to the
 * outside by one listing (conntrack-egress.ts).
 */
export async function conntrackDriver(
  steps: readonly Step[],
  system: System,
  stop?: AbortSignal,
): Promise<Progress> {
  const wanted = steps.filter((step) => step.tool === 'conntrack')
  const egress = wanted.flatMap((step) => ('protocol' in step ? [] : [step]))
  const forwarded = wanted.flatMap((step) => ('protocol' in step ? [step] : []))
  try {
    // Several changes of one pass ask for the same.
    for (const step of new Map(egress.map((one) => [canonicalJson(one), one])).values()) {
      if (!(await endEgress(step, system, stop))) return { done: 0 }
    }
    // Which of the steps are done is not known half-way; they are kept on disk, and done whole later.
    return { done: (await endForwarded(forwarded, system, stop)) ? steps.length : 0 }
  } catch (error) {
    if (error instanceof SystemError) return { done: 0, error, ...(isBroken(error) && { broken: true }) }
    throw error
  }
}

/** False: told to stop. */
async function endForwarded(
  steps: readonly ForwardedStep[],
  system: System,
  stop?: AbortSignal,
): Promise<boolean> {
  for (const protocol of new Set(steps.map((step) => step.protocol))) {
    const text = await system.query(['conntrack', '-L', '-p', protocol, '-f', 'ipv4'])
    const ofProtocol = steps.filter((step) => step.protocol === protocol)
    const ending = parseConnections(text).filter((connection) =>
      ofProtocol.some((step) => matches(step, connection)),
    )
    for (const connection of ending) {
      if (stop?.aborted === true) return false
      await end(protocol, connection, system)
    }
  }
  return true
}

function matches(step: ForwardedStep, connection: Connection): boolean {
  const { first, last, backend, except, destinations } = step
  if (connection.destinationPort < first || connection.destinationPort > last) return false
  if (except?.some((cidr) => cidrContains(cidr, connection.source))) return false
  if (destinations && !destinations.includes(connection.destination)) return false
  const translated = connection.replySource !== connection.destination
  return backend === undefined ? !translated : translated && connection.replySource === backend
}

async function end(protocol: string, connection: Connection, system: System): Promise<void> {
  const { source, destination, sourcePort, destinationPort } = connection
  const tuple = ['-s', source, '-d', destination, '--sport', `${sourcePort}`, '--dport', `${destinationPort}`]
  try {
    await system.run(['conntrack', '-D', '-f', 'ipv4', '-p', protocol, ...tuple])
  } catch (error) {
    // It ended by itself in between.
    if (!(error instanceof SystemError && error.code === 'not-found')) throw error
  }
}
