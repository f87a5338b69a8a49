import { overlaps, parseCidr } from './address.ts'
import type { Cidr } from './address.ts'

/** Blocks whose addresses nobody may give to a host here, and what they are (IANA special-purpose registries). */
const SPECIAL = blocks({
  '0.0.0.0/8': '"this network" (RFC 791)',
  '127.0.0.0/8': 'loopback',
  '169.254.0.0/16': 'link-local',
  '224.0.0.0/4': 'multicast',
  '240.0.0.0/4': 'reserved (RFC 1112)',
  'fe80::/10': 'link-local',
  'ff00::/8': 'multicast',
})

/** Global unicast with the documentation blocks (RFC 4291, 3849, 9637), and unique local addresses (RFC 4193). */
const USABLE_IPV6 = blocks({ '2000::/3': 'global unicast', 'fc00::/7': 'unique local' })

type Named = readonly { readonly cidr: Cidr; readonly name: string }[]

/** What a block is when addresses in it cannot be used: `multicast`, `loopback`, ...; undefined when they can. */
export function specialUse(cidr: Cidr): string | undefined {
  return SPECIAL.find((special) => overlaps(special.cidr, cidr))?.name
}

/** Whether an IPv6 block is wholly global unicast (documentation included) or unique local. */
export function isUsableIpv6(cidr: Cidr): boolean {
  return USABLE_IPV6.some((usable) => overlaps(usable.cidr, cidr) && usable.cidr.length <= cidr.length)
}

/** RFC 2526: the highest 128 interface identifiers of a subnet; with a /64 also those with the "local" bit clear. */
export function isReservedAnycast(subnet: Cidr, address: bigint): boolean {
  const identifier = address - subnet.first
  const highest = subnet.last - subnet.first
  if (identifier > highest - 128n) return true
  return subnet.length === 64 && identifier >> 7n === 0xfdff_ffff_ffff_ff80n >> 7n
}

function blocks(names: Readonly<Record<string, string>>): Named {
  return Object.entries(names).flatMap(([text, name]) => {
    const cidr = parseCidr(text)
    return cidr === undefined ? [] : [{ cidr, name }]
  })
}
