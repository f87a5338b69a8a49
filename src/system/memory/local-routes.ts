import { BITS, masked } from './inet.ts'
import type { Address, Family, Prefix } from './inet.ts'
import type { Link, LinkAddress, Netns, Route } from './state.ts'

/**
 * The kernel's local table (255): its own addresses, which stay while a link is down, for IPv4 their broadcast
 * addresses, and IPv6 multicast.
 */
export function localRoutes(netns: Netns, family: Family): Route[] {
  const links = [...netns.links.values()]
  const own = links.flatMap((link) =>
    link.addresses
      .filter((address) => address.prefix.family === family)
      .flatMap((address) => (family === 4 ? local4(link, address) : local6(link, address))),
  )
  if (family === 4) return own
  const able = links.filter((link) => link.kind !== 'loopback' && link.ready)
  return [...own, ...able.map((link) => entry(link, 5, { family: 6, value: 0xffn << 120n, length: 8 }, 256))]
}

function local4(link: Link, { prefix }: LinkAddress): Route[] {
  const self: Address = { family: 4, value: prefix.value }
  const host = BigInt(BITS[4] - prefix.length)
  const broadcast = masked(prefix).value | ((1n << host) - 1n)
  const subnet = { ...entry(link, 2, masked(prefix), 0), scope: 254, prefsrc: self }
  return [
    ...(link.kind === 'loopback' ? [subnet] : []),
    { ...entry(link, 2, { ...prefix, length: 32 }, 0), scope: 254, prefsrc: self },
    ...(host > 1n && link.up
      ? [
          {
            ...entry(link, 3, { family: 4 as const, value: broadcast, length: 32 }, 0),
            scope: 253,
            prefsrc: self,
          },
        ]
      : []),
  ]
}

function local6(link: Link, { prefix }: LinkAddress): Route[] {
  return [entry(link, 2, { ...prefix, length: 128 }, 0)]
}

function entry(link: Link, type: number, prefix: Prefix, metric: number): Route {
  return { type, prefix, gateway: undefined, link, protocol: 2, metric, scope: 0, prefsrc: undefined }
}
