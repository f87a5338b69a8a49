import { replyText } from '../engine/observe.ts'
import type { Probe, Problem, Replies } from '../engine/types.ts'
import { links } from '../kinds/shared/probes.ts'
import type { Model } from '../model/types.ts'
import type { World } from '../model/world.ts'

/** Whether IPv6 is switched off on the upstream interface. */
export function upstreamProbe({ upstream, networks }: Model): readonly Probe[] {
  if (!networks.some(({ ipv6 }) => ipv6)) return []
  const sysctl = `net/ipv6/conf/${upstream.interface}/disable_ipv6`
  return [{ id: `sysctl ${sysctl}`, sysctl, contained: true }]
}

/** What is wrong with an upstream interface that is there: everything of ours can be right, and nothing be reachable. */
export function upstreamConditions(world: World, replies: Replies): readonly Problem[] {
  const { upstream } = world.facts
  return [
    ...(upstream.up === false ? [isDown(upstream.name)] : []),
    ...upstreamProbe(world.model)
      .filter(({ id }) => replyText(replies, id) === '1')
      .map(() => noIpv6(upstream.name)),
    ...strangeAddress(world, replies),
  ]
}

function isDown(name: string): Problem {
  return {
    code: 'S64-H013',
    message: `the upstream interface ${name} is down: nothing reaches the containers from outside`,
    hint: `set it up (ip link set dev ${name} up), and see why it was taken down`,
  }
}

function noIpv6(name: string): Problem {
  return {
    code: 'S64-H014',
    message: `IPv6 is switched off on the upstream interface ${name}: nobody answers for the containers`,
    hint: `switch it on (sysctl net.ipv6.conf.${name}.disable_ipv6=0); its addresses and routes do not come back by themselves`,
  }
}

function strangeAddress({ model, facts }: World, replies: Replies): readonly Problem[] {
  const { ipv4, interface: name } = model.upstream
  const isUsed = model.networks.some((network) => network.ipv4) && model.nat.source !== 'none'
  if (ipv4 === undefined || (!isUsed && model.nat.forwards.length === 0)) return []
  const isHere = links(replies).some(({ addresses }) => addresses.some(({ address }) => address === ipv4))
  if (isHere) return []
  const has =
    facts.upstream.ipv4.length > 0 ? `${name} has ${facts.upstream.ipv4.join(', ')}` : `${name} has no IPv4`
  return [
    {
      code: 'S64-H015',
      message: `upstream.ipv4 ${ipv4} is on no interface of this host (${has}): IPv4 to and from the containers is lost`,
      hint: 'correct upstream.ipv4, or leave it out to take whatever the interface has',
    },
  ]
}
