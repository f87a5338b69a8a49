import type { Finding } from '../config/issue.ts'
import type { Path } from './path.ts'
import {
  addressBits,
  cidrOf,
  firstAddress,
  formatAddress,
  formatCidr,
  formatIpv6,
  holds,
} from '../net/address.ts'
import type { Cidr, Family } from '../net/address.ts'
import { isReservedAnycast, specialUse } from '../net/special.ts'
import { notAddress } from './checks-prefix.ts'
import { findDuplicates } from './duplicates.ts'
import type { Use } from './duplicates.ts'
import type { Scope, ScopedContainer } from './scope.ts'

/** Faults of the containers' addresses: form, place, and whether somebody else has them. */
export function checkContainerAddresses(scope: Scope): readonly Finding[] {
  const containers = [...scope.containers.values()]
  return [
    ...containers.flatMap((container) => [
      ...checkPresent(container),
      ...checkAddress(container, scope, 6),
      ...checkAddress(container, scope, 4),
    ]),
    ...findDuplicates(
      containers.flatMap((container) => addressUses(container)),
      'S64-M013',
    ),
  ]
}

function checkPresent({ name, config }: ScopedContainer): readonly Finding[] {
  if (config.ipv6 !== undefined || config.ipv4 !== undefined) return []
  const message = `container "${name}" has neither ipv6 nor ipv4`
  return [{ code: 'S64-M016', path: ['containers', name], at: 'key', message }]
}

function checkAddress(container: ScopedContainer, scope: Scope, family: Family): readonly Finding[] {
  const key = family === 6 ? 'ipv6' : 'ipv4'
  const { name, network, config, [key]: address } = container
  const text = config[key]
  if (text === undefined) return []
  const path: Path = ['containers', name, key]
  if (address === undefined) return [notAddress(text, family, path)]
  if (network === undefined) return []
  const { [key]: slice } = network
  // A slice that is written but cannot be read has been told already.
  if (slice === undefined)
    return network.config[key] === undefined ? [missingFamily(network.name, key, path)] : []
  const outside = checkPlace(address, slice, scope, path)
  return outside.length > 0 ? outside : checkTaken(address, slice, scope, path)
}

function missingFamily(network: string, key: 'ipv4' | 'ipv6', path: Path): Finding {
  const message = `network "${network}" has no ${key}`
  return { code: 'S64-M017', path, message, hint: `give "networks.${network}" a slice, or leave this out` }
}

function checkPlace(address: bigint, slice: Cidr, scope: Scope, path: Path): readonly Finding[] {
  if (holds(slice, address)) return []
  const { family } = slice
  const text = formatAddress(family, address)
  const kind = specialUse(cidrOf(family, address, addressBits(family)))
  if (kind !== undefined) return [{ code: 'S64-M004', path, message: `${text} is ${kind}` }]
  const { prefix } = scope
  if (family === 6 && prefix !== undefined && !holds(prefix, address)) {
    const message = `${text} lies outside of the prefix ${formatCidr(prefix)}`
    return [{ code: 'S64-M006', path, message }]
  }
  return [
    { code: 'S64-M011', path, message: `${text} lies outside of its network's slice ${formatCidr(slice)}` },
  ]
}

function checkTaken(address: bigint, slice: Cidr, scope: Scope, path: Path): readonly Finding[] {
  const owner = slice.family === 6 ? takenIpv6(address, slice, scope) : takenIpv4(address, slice, scope)
  if (owner === undefined) return []
  return [{ code: 'S64-M012', path, message: `${formatAddress(slice.family, address)} is ${owner}` }]
}

function takenIpv6(address: bigint, slice: Cidr, { prefix }: Scope): string | undefined {
  if (address === prefix?.first) return "the prefix's subnet-router anycast address (RFC 4291)"
  if (address === slice.first) return "the slice's own address, subnet-router anycast (RFC 4291)"
  if (address === firstAddress(slice))
    return `the gateway of ${formatCidr(slice)}: the host takes the first address`
  if (prefix !== undefined && isReservedAnycast(prefix, address)) return 'reserved for anycast (RFC 2526)'
  // In a small slice the highest 128 are most of it, and nobody runs anycast there.
  return slice.length <= 112 && isReservedAnycast(slice, address)
    ? `reserved for anycast (RFC 2526): the highest 128 addresses up to ${formatIpv6(slice.last)}`
    : undefined
}

function takenIpv4(address: bigint, slice: Cidr, { upstreamIpv4 }: Scope): string | undefined {
  if (address === upstreamIpv4) return "the host's own address"
  if (address === slice.first) return "the network's own address"
  if (address === slice.last) return "the network's broadcast address"
  return address === firstAddress(slice)
    ? `the gateway of ${formatCidr(slice)}: the host takes the first address`
    : undefined
}

function addressUses({ name, ipv6, ipv4 }: ScopedContainer): readonly Use[] {
  return [
    ...(ipv6 === undefined ? [] : [addressUse(name, 6, ipv6)]),
    ...(ipv4 === undefined ? [] : [addressUse(name, 4, ipv4)]),
  ]
}

function addressUse(name: string, family: Family, address: bigint): Use {
  const label = () => `address ${formatAddress(family, address)}`
  return { key: `${family} ${address}`, label, path: ['containers', name, `ipv${family}`] }
}
