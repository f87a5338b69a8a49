import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { ProxyNeighbour } from '../../formats/ip-routes.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { MARK, MARK_TEXT } from '../../model/identity.ts'
import { PROXIES, proxies } from '../shared/probes.ts'
import { routeReference } from '../route/desired.ts'

export interface ProxySpec {
  readonly address: string
  readonly device: string
}

/**
 * What answers the provider's router for a container (RFC 4861, 7.2.8), told as ours by `protocol 164`. Last to be
 * made and first to go: it is what draws the traffic.
 */
export const proxyNeighbour = defineKind<Model, World, ProxySpec>({
  name: 'proxy-neighbour',
  deletes: 'late',
  probes: () => [PROXIES],
  desired: (world) => (world.model.prefix.delivery === 'on-link' ? desired(world) : []),
  observe,
  same: () => true,
  steps,
  withdrawal,
})

/** The gateways too: IPv6 hosts answer only for the addresses of the interface that is asked (T12). */
function desired(world: World): readonly Resource<ProxySpec>[] {
  const { model } = world
  const device = model.upstream.interface
  const gateways = model.networks.flatMap(({ ipv6, name }) =>
    ipv6 ? [resource({ address: ipv6.gateway, device }, [`address ${ipv6.gateway}/128 dev ${name}`])] : [],
  )
  const containers = model.containers.filter((container) => draws(container, world))
  return [
    ...gateways,
    ...containers.flatMap(({ ipv6, network }) =>
      ipv6 === undefined ? [] : [resource({ address: ipv6, device }, [routeReference(ipv6, network)])],
    ),
  ]
}

function resource(spec: ProxySpec, needs: readonly string[]): Resource<ProxySpec> {
  return { key: proxyKey(spec), spec, needs }
}

function proxyKey({ address, device }: ProxySpec): string {
  return `${address} dev ${device}`
}

/** A container that is not running must not draw traffic to a host that cannot deliver it. */
function draws({ name }: Container, { facts }: World): boolean {
  const state = facts.containers.get(name)?.state
  return state === 'running' || state === 'managed'
}

function observe(replies: Replies, world: World): Observed<ProxySpec> {
  const unknown = new Set(
    world.model.containers
      .filter(({ name }) => world.facts.containers.get(name)?.state === 'unknown')
      .map(({ ipv6 }) => ipv6),
  )
  const wanted = new Set(desired(world).map(({ key }) => key))
  const all = proxies(replies).filter(({ address }) => !unknown.has(address))
  // An entry that somebody else made already serves, and stays his; it is not ours to remove either.
  return {
    owned: all
      .filter((entry) => isMarked(entry) || wanted.has(proxyKey(entry)))
      .map(({ address, device }) => resource({ address, device }, [])),
    foreign: all.filter((entry) => !isMarked(entry)).map(proxyKey),
  }
}

function isMarked({ protocol }: ProxyNeighbour): boolean {
  return protocol === MARK_TEXT
}

function withdrawal({ address }: ProxySpec, { model, facts }: World): string | undefined {
  const container = model.containers.find(({ ipv6 }) => ipv6 === address)
  const state = container && facts.containers.get(container.name)?.state
  return container && state === 'absent' ? `withdrawn: container ${container.name} is not running` : undefined
}

function steps(change: Change<ProxySpec>): readonly Step[] {
  const { address, device } = change.action === 'delete' ? change.before : change.after
  return change.action === 'delete'
    ? [{ tool: 'ip', line: `neigh delete proxy ${address} dev ${device}` }]
    : [{ tool: 'ip', line: `neigh replace proxy ${address} dev ${device} protocol ${MARK}` }]
}
