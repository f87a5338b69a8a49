import { problemOfError } from '../engine/problems.ts'
import type { Extent } from '../engine/look.ts'
import type { Problem, Replies } from '../engine/types.ts'
import { insideContainers, insideFault } from '../kinds/shared/inside.ts'
import { links } from '../kinds/shared/probes.ts'
import { publicIpv4 } from '../kinds/shared/public-ipv4.ts'
import { obstacles } from './obstacles.ts'
import { lookupProblems } from './lookups.ts'
import { proxyConditions } from './proxy.ts'
import { foreignSources } from './sources.ts'
import { upstreamConditions } from './upstream.ts'
import type { World } from '../model/world.ts'

/** What the host lacks, and what can be planned without it. */
export function preconditions(
  world: World,
  replies: Replies,
): { problems: readonly Problem[]; plans: Extent } {
  const { model, facts } = world
  if (model.networks.length === 0) return { problems: [], plans: 'everything' }
  if (!facts.upstream.present) {
    // A bridge that stands may be reached from elsewhere; on a host without one there is nothing to guard yet.
    const plans = hasBridge(world, replies) ? 'firewall' : 'nothing'
    return { problems: [noUpstream(world, replies)], plans }
  }
  const problems = [
    ...upstreamConditions(world, replies),
    ...noPublicAddress(world),
    ...noFrames(world),
    ...lookupProblems(world, replies),
    ...proxyConditions(world, replies),
    ...obstacles(world, replies),
    ...foreignSources(world, replies),
    ...unreadable(world, replies),
  ]
  return { problems, plans: 'everything' }
}

function hasBridge({ model, facts }: World, replies: Replies): boolean {
  const names = new Set(links(replies).map(({ name }) => name))
  return model.networks.some(({ name }) => names.has(name) && !facts.takenNetworks.has(name))
}

/** Insides that cannot be understood: told, and nothing is planned in them. */
function unreadable({ model }: World, replies: Replies): readonly Problem[] {
  return insideContainers(model).flatMap((container) => {
    const fault = insideFault(replies, container, model)
    if (fault === undefined) return []
    const { code, message, hint = '' } = problemOfError(fault, 'observe')
    return [{ code, message: `container ${container.name}: ${message}`, hint }]
  })
}

function noUpstream({ model }: World, replies: Replies): Problem {
  const names = links(replies).map(({ name }) => name)
  return {
    code: 'S64-H010',
    message: `the upstream interface ${model.upstream.interface} does not exist in this network namespace`,
    hint: `set upstream.interface in network.yaml to the interface that faces the provider (here: ${names.join(', ')}), or wait until it appears`,
  }
}

function noFrames({ model, facts }: World): readonly Problem[] {
  if (!model.firewall.antiSpoof || facts.firewall.canFilterFrames) return []
  return [
    {
      code: 'S64-H020',
      message:
        'firewall.antiSpoof: this nft or kernel cannot filter frames on bridges, so a container can pass for its neighbours on the same bridge',
      hint: 'use a kernel with CONFIG_NF_TABLES_BRIDGE and nft 1.0.6 or newer (`nft -c add table bridge x { chain c { type filter hook prerouting priority 0; }; }` tells); or set firewall.antiSpoof: false',
    },
  ]
}

function noPublicAddress(world: World): readonly Problem[] {
  const { nat, networks, upstream } = world.model
  const wantsIpv4 = networks.some(({ ipv4 }) => ipv4) && (nat.source === 'snat' || nat.forwards.length > 0)
  if (!wantsIpv4 || publicIpv4(world).length > 0) return []
  return [
    {
      code: 'S64-H011',
      message: `no public IPv4: ${upstream.interface} has none, and network.yaml names none`,
      hint: 'set upstream.ipv4; or wait until the interface has an address; or choose nat.source: none (no IPv4 to the outside) or masquerade',
    },
  ]
}
