import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { addressKey, addressReason, addressSteps, isSameAddress, ownAddresses } from '../shared/addresses.ts'
import type { AddressSpec } from '../shared/addresses.ts'
import { defaultRouteLine } from '../shared/default-route.ts'
import { usableLink } from '../shared/attachment.ts'
import { insideProbes, networkOf, runningContainers } from '../shared/inside.ts'
import { LINKS } from '../shared/probes.ts'
import { interfaceReference } from '../veth/desired.ts'

interface ContainerAddressSpec extends AddressSpec {
  readonly netns: string
}

/** The addresses on a container's own interface. */
export const containerAddress = defineKind<Model, World, ContainerAddressSpec>({
  name: 'container-address',
  deletes: 'late',
  container: ({ key }) => key.split(' ')[0] ?? '',
  probes: (model, known) => [LINKS, ...insideProbes(model, known)],
  desired: (world) => runningContainers(world).flatMap((container) => desired(container, world)),
  observe,
  same: isSameAddress,
  reason: addressReason,
  steps,
})

function desired(container: Container, world: World): readonly Resource<ContainerAddressSpec>[] {
  const network = world.model.networks.find(({ name }) => name === container.network)
  const { ipv4, ipv6, runtime } = container
  const addresses = [
    ...(ipv4 !== undefined && network?.ipv4 ? [{ address: ipv4, length: network.ipv4.length }] : []),
    ...(ipv6 !== undefined && network?.ipv6 ? [{ address: ipv6, length: network.ipv6.length }] : []),
  ]
  return addresses.map((entry) => {
    const spec = { ...entry, device: runtime.interface, netns: runtime.name }
    return { key: keyIn(container)(spec), spec, needs: [interfaceReference(container, world)] }
  })
}

function keyIn({ name }: Container): (spec: AddressSpec) => string {
  return (spec) => `${name} ${addressKey(spec)}`
}

function observe(replies: Replies, world: World): Observed<ContainerAddressSpec> {
  const found = runningContainers(world).map((container) => {
    const link = usableLink(replies, container, world)
    const wanted = desired(container, world)
    const { owned, foreign } = link
      ? ownAddresses(link, wanted, keyIn(container))
      : { owned: [], foreign: [] }
    return {
      owned: owned.map(({ key, spec }) => ({ key, spec: { ...spec, netns: container.runtime.name } })),
      foreign,
    }
  })
  return { owned: found.flatMap(({ owned }) => owned), foreign: found.flatMap(({ foreign }) => foreign) }
}

function steps(change: Change<ContainerAddressSpec>, world: World): readonly Step[] {
  const { address } = change.action === 'delete' ? change.before : change.after
  const [name = ''] = change.key.split(' ')
  const own = addressSteps(change, networkOf({ name }, world))
  const container = runningContainers(world).find((one) => one.name === name)
  if (container === undefined) return own
  if (change.action === 'delete')
    return address.includes(':') ? own : [...own, ...restoreIpv4(container, world)]
  return [...own, ...forgetPredecessor(container, world)]
}

/**
 * The kernel takes a subnet's later addresses along with its first, unless `promote_secondaries` is set, and the
 * default route with the last: what is declared is put back in the same batch.
 */
function restoreIpv4(container: Container, world: World): readonly Step[] {
  const [netns, device, { model }] = [networkOf(container, world), container.runtime.interface, world]
  const addresses = desired(container, world).filter(({ spec }) => !spec.address.includes(':'))
  const gateway = model.networks.find(({ name }) => name === container.network)?.ipv4?.gateway
  if (addresses.length === 0 || gateway === undefined) return []
  return [
    ...addresses.flatMap(({ key, spec }) => addressSteps({ key, action: 'create', after: spec }, netns)),
    { tool: 'ip', netns, line: defaultRouteLine('replace', gateway, device) },
  ]
}

/** The address may have been another container's: the host believes in its MAC for up to a minute. */
function forgetPredecessor({ name, network }: Container, { facts }: World): readonly Step[] {
  // A new veth pair has done it already.
  if (facts.containers.get(name)?.interface === undefined) return []
  return [{ tool: 'ip', line: `neigh flush dev ${network}`, once: true }]
}
