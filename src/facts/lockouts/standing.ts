import type { Replies } from '../../engine/types.ts'
import type { Link } from '../../formats/ip-links.ts'
import { links, routes } from '../../kinds/shared/probes.ts'
import { isOurs } from '../../kinds/shared/is-ours.ts'
import { MARK_TEXT } from '../../model/identity.ts'
import type { Model, Network } from '../../model/types.ts'
import type { Cidr } from '../../net/address.ts'
import { parseCidr } from '../../net/address.ts'

/** Bridges of ours that stand, whether the file names them or not. */
export function ourBridges(model: Model, replies: Replies): readonly Link[] {
  const names = new Set(model.networks.map(({ name }) => name))
  return links(replies).filter((link) => link.type === 'bridge' && isOurs(link, names))
}

/** What a network takes from the rest of the world: its private subnet, and what of its IPv6 the host calls unreachable. */
export interface Claim {
  readonly network: Network
  readonly cidr: Cidr
  readonly text: string
}

/** The claims that the host does not know yet: of networks that are new, or that have another subnet now. */
export function newClaims(model: Model, replies: Replies): readonly Claim[] {
  const bridges = new Map(ourBridges(model, replies).map((link) => [link.name, link]))
  const unreachable = new Set(
    routes(replies, 6)
      .filter((route) => route.unreachable && route.protocol === MARK_TEXT)
      .map(({ destination }) => destination),
  )
  return model.networks.flatMap((network) => {
    const { ipv4, ipv6, name } = network
    const stands = bridges
      .get(name)
      ?.addresses.some(({ address, length }) => address === ipv4?.gateway && length === ipv4.length)
    const slice = ipv6 && (model.prefix.delivery === 'on-link' ? ipv6.cidr : model.prefix.cidr)
    return [
      ...(ipv4 === undefined || stands === true ? [] : claim(network, ipv4.cidr)),
      ...(slice === undefined || unreachable.has(slice) ? [] : claim(network, slice)),
    ]
  })
}

function claim(network: Network, text: string): readonly Claim[] {
  const cidr = parseCidr(text)
  return cidr === undefined ? [] : [{ network, cidr, text }]
}
