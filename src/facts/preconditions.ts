import type { Problem, Replies } from '../engine/types.ts'
import { links } from '../kinds/shared/probes.ts'
import { publicIpv4 } from '../kinds/shared/public-ipv4.ts'
import { obstacles } from './obstacles.ts'
import { proxyConditions } from './proxy.ts'
import { upstreamConditions } from './upstream.ts'
import type { World } from '../model/world.ts'

/** What the host lacks. `stop`: without it nothing at all can be planned. */
export function preconditions(
  world: World,
  replies: Replies,
): { problems: readonly Problem[]; stop: boolean } {
  const { model, facts } = world
  if (model.networks.length === 0) return { problems: [], stop: false }
  if (!facts.upstream.present) return { problems: [noUpstream(world, replies)], stop: true }
  const problems = [
    ...upstreamConditions(world, replies),
    ...noPublicAddress(world),
    ...unsupported(world),
    ...proxyConditions(world, replies),
    ...obstacles(world, replies),
  ]
  return { problems, stop: false }
}

function noUpstream({ model }: World, replies: Replies): Problem {
  const names = links(replies).map(({ name }) => name)
  return {
    code: 'S64-H010',
    message: `the upstream interface ${model.upstream.interface} does not exist in this network namespace`,
    hint: `set upstream.interface in network.yaml to the interface that faces the provider (here: ${names.join(', ')}), or wait until it appears`,
  }
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

/** Runtimes that the file may name but this version cannot look into. */
function unsupported({ model }: World): readonly Problem[] {
  return model.containers
    .filter(({ runtime }) => runtime.type !== 'netns' && runtime.type !== 'none')
    .map(({ name, runtime }) => ({
      code: 'S64-H012',
      message: `container ${name}: this version cannot look into runtime ${runtime.type}`,
      hint: 'use runtime: none and configure the inside yourself; its firewall and route entries stand either way',
    }))
}
