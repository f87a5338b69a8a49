import { defineKind } from '../../engine/define-kind.ts'
import type { Change, Observed, Replies, Resource, Step } from '../../engine/types.ts'
import type { Container, Model } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { addressKey, addressSteps, ownAddresses } from '../shared/addresses.ts'
import type { AddressSpec } from '../shared/addresses.ts'
import { insideProbes, ourInnerLink, runningContainers } from '../shared/inside.ts'
import { LINKS } from '../shared/probes.ts'
import { vethReference } from '../veth/desired.ts'

interface ContainerAddressSpec extends AddressSpec {
  readonly netns: string
}

/** The addresses on a container's own interface. */
export const containerAddress = defineKind<Model, World, ContainerAddressSpec>({
  name: 'container-address',
  deletes: 'late',
  probes: (model) => [LINKS, ...insideProbes(model)],
  desired: (world) => runningContainers(world).flatMap((container) => desired(container, world.model)),
  observe,
  same: () => true,
  steps,
})

function desired(container: Container, model: Model): readonly Resource<ContainerAddressSpec>[] {
  const network = model.networks.find(({ name }) => name === container.network)
  const { ipv4, ipv6, runtime } = container
  const addresses = [
    ...(ipv4 !== undefined && network?.ipv4 ? [{ address: ipv4, length: network.ipv4.length }] : []),
    ...(ipv6 !== undefined && network?.ipv6 ? [{ address: ipv6, length: network.ipv6.length }] : []),
  ]
  return addresses.map((entry) => {
    const spec = { ...entry, device: runtime.interface, netns: runtime.name }
    return { key: keyIn(container)(spec), spec, needs: [vethReference(container)] }
  })
}

function keyIn({ name }: Container): (spec: AddressSpec) => string {
  return (spec) => `${name} ${addressKey(spec)}`
}

function observe(replies: Replies, world: World): Observed<ContainerAddressSpec> {
  const found = runningContainers(world).map((container) => {
    const link = ourInnerLink(replies, container)
    const wanted = new Set(desired(container, world.model).map(({ key }) => key))
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

function steps(change: Change<ContainerAddressSpec>): readonly Step[] {
  return addressSteps(change, change.action === 'delete' ? change.before.netns : change.after.netns)
}
