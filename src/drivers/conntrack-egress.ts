import type { EgressStep } from '../engine/types.ts'
import { parseFlows } from '../formats/conntrack.ts'
import type { Flow } from '../formats/conntrack.ts'
import { lineAsking, parseRoutesTaken } from '../formats/route-get.ts'
import { cidrContains } from '../net/address.ts'
import { SystemError } from '../system/errors.ts'
import type { System } from '../system/port.ts'

/** A flow of a container, and the bridge that it comes from. */
interface Outward {
  readonly flow: Flow
  readonly bridge: string
}

/**
 * Ends the flows that are translated otherwise than new ones would be. One listing, one question to the kernel which
 * way each pair of addresses goes (rules of policy routing included), then one deletion for each pair and translation.
 * False: told to stop.
 */
export async function endEgress(step: EgressStep, system: System, stop?: AbortSignal): Promise<boolean> {
  const flows = parseFlows(await system.query(['conntrack', '-L', '-f', 'ipv4']))
  const strays = flows.flatMap((flow) => strayOf(step, flow))
  for (const match of new Set((await leaving(step, strays, system)).map(deletion))) {
    if (stop?.aborted === true) return false
    await deleteAll(match, system)
  }
  return true
}

/** What stays among our own networks, as hairpin does, has a translation of its own. */
function strayOf({ networks, to }: EgressStep, flow: Flow): readonly Outward[] {
  const networkOf = (address: string) => networks.find(({ cidr }) => cidrContains(cidr, address))
  const network = networkOf(flow.source)
  if (network === undefined || networkOf(flow.destination) || networkOf(flow.replySource)) return []
  const isRight = to === 'source' ? flow.replyDestination === flow.source : to.includes(flow.replyDestination)
  return isRight ? [] : [{ flow, bridge: network.bridge }]
}

/** Those that leave by the upstream interface: what goes elsewhere, or to the host, is translated by others or not at all. */
async function leaving(
  { interface: upstream }: EgressStep,
  strays: readonly Outward[],
  system: System,
): Promise<readonly Flow[]> {
  if (strays.length === 0) return []
  const lines = new Set(strays.map(({ flow, bridge }) => lineAsking({ ...flow, bridge })))
  // Exit 1: some have no route, and stay.
  const text = await system.query(['ip', '-o', '-force', '-batch', '-'], {
    stdin: `${[...lines].join('\n')}\n`,
    answers: [1],
  })
  const taken = parseRoutesTaken(text)
  return strays
    .map(({ flow }) => flow)
    .filter(({ source, destination }) => taken.get(`${destination} ${source}`) === upstream)
}

/** Of every protocol: ICMP and GRE have no ports by which they could be named. */
function deletion({ source, destination, replyDestination }: Flow): string {
  return `-s ${source} -d ${destination} -q ${replyDestination}`
}

async function deleteAll(match: string, system: System): Promise<void> {
  try {
    await system.run(['conntrack', '-D', '-f', 'ipv4', ...match.split(' ')])
  } catch (error) {
    // They ended by themselves in between.
    if (!(error instanceof SystemError && error.code === 'not-found')) throw error
  }
}
