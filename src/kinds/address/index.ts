import { defineKind } from '../../engine/define-kind.ts'
import { reference } from '../../engine/types.ts'
import type { Conflict, Observed, Replies, Resource } from '../../engine/types.ts'
import type { Model, Network } from '../../model/types.ts'
import type { World } from '../../model/world.ts'
import { addressKey, addressReason, addressSteps, isSameAddress, ownAddresses } from '../shared/addresses.ts'
import type { AddressSpec } from '../shared/addresses.ts'
import { isOurs } from '../shared/is-ours.ts'
import { LINKS, links } from '../shared/probes.ts'

/** The host's own addresses on our bridges: the containers' gateways. */
export const address = defineKind<Model, World, AddressSpec>({
  name: 'address',
  deletes: 'late',
  probes: () => [LINKS],
  desired: ({ model }) => model.networks.flatMap(gateways),
  observe,
  same: isSameAddress,
  reason: addressReason,
  steps: (change) => addressSteps(change, undefined),
})

/** IPv6 as /128: a connected slice would let a scan fill the kernel's neighbour table (field notes, 0.7). */
function gateways({ name, ipv4, ipv6 }: Network): readonly Resource<AddressSpec>[] {
  const specs: AddressSpec[] = [
    ...(ipv4 ? [{ address: ipv4.gateway, length: ipv4.length, device: name }] : []),
    // Deprecated, so that what the host itself sends never comes from it (RFC 6724, rule 3).
    ...(ipv6 ? [{ address: ipv6.gateway, length: 128, device: name, deprecated: true as const }] : []),
  ]
  return specs.map((spec) => ({ key: addressKey(spec), spec, needs: [reference('bridge', name)] }))
}

function observe(replies: Replies, world: World): Observed<AddressSpec> {
  const names = new Set(world.model.networks.map(({ name }) => name))
  const ours = links(replies).filter((link) => link.type === 'bridge' && isOurs(link, names))
  const desired = world.model.networks.flatMap(gateways)
  const found = ours.map((link) =>
    ownAddresses(
      link,
      desired.filter(({ spec }) => spec.device === link.name),
    ),
  )
  return {
    owned: found.flatMap(({ owned }) => owned),
    foreign: found.flatMap(({ foreign }) => foreign),
    conflicts: desired.flatMap((resource) => elsewhere(resource, world)),
  }
}

function elsewhere({ key, spec }: Resource<AddressSpec>, { facts }: World): Conflict[] {
  const device = facts.foreignAddresses.get(spec.address)
  if (device === undefined) return []
  return [
    {
      key,
      message: `${spec.address}, the gateway on ${spec.device}, is already on ${device}`,
      hint: `choose another slice for the network; or take the address from ${device} (ip addr delete ${spec.address} dev ${device})`,
    },
  ]
}
