import { formatPath } from './path.ts'
import type { Finding } from '../config/issue.ts'
import type { Path } from './path.ts'
import { covers, formatCidr, formatIpv4, holds } from '../net/address.ts'
import type { Cidr, Family } from '../net/address.ts'
import { specialUse } from '../net/special.ts'
import { checkHostBits, checkInterfaceName, notCidr } from './checks-prefix.ts'
import { parseFamily } from './scope.ts'
import type { Scope, ScopedNetwork } from './scope.ts'

/** Faults of `networks`: names, slices, and slices that overlap. */
export function checkNetworks(scope: Scope): readonly Finding[] {
  return [
    ...[...scope.networks.values()].flatMap((network) => [
      ...checkName(network.name, scope),
      ...checkIpv6(network, scope),
      ...checkIpv4(network, scope),
    ]),
    ...checkOverlaps(scope, 6),
    ...checkOverlaps(scope, 4),
  ]
}

function checkName(name: string, { config }: Scope): readonly Finding[] {
  const path: Path = ['networks', name]
  const findings = checkInterfaceName(name, path, 'key')
  if (findings.length > 0 || name !== config.upstream.interface) return findings
  const message = `network "${name}" has the name of the upstream interface`
  return [{ code: 'S64-M010', path, at: 'key', message, hint: 'the key is the name of a bridge of its own' }]
}

function checkIpv6({ name, config, ipv6: slice }: ScopedNetwork, scope: Scope): readonly Finding[] {
  if (config.ipv6 === undefined) return []
  const path: Path = ['networks', name, 'ipv6']
  const written = parseFamily(config.ipv6, 6)
  if (slice === undefined || written === undefined) return [notCidr(config.ipv6, 6, path)]
  const hostBits = checkHostBits(slice, path, written)
  if (hostBits.length > 0) return hostBits
  const size = sliceSizeFault(slice, scope)
  if (size !== undefined) return [{ code: 'S64-M005', path, message: `slice ${formatCidr(slice)} ${size}` }]
  if (scope.prefix === undefined || covers(scope.prefix, slice)) return []
  const message = `slice ${formatCidr(slice)} lies outside of the prefix ${formatCidr(scope.prefix)}`
  return [{ code: 'S64-M006', path, message }]
}

function sliceSizeFault(slice: Cidr, { config, prefix }: Scope): string | undefined {
  if (slice.length > 126) return 'is too small: it must hold at least 4 addresses (/126)'
  const isOnLink = (config.prefix.delivery ?? 'on-link') === 'on-link'
  if (prefix === undefined || !isOnLink || slice.length > prefix.length) return undefined
  // The upstream interface keeps the rest of the prefix: its own address and the provider's router are in there.
  return `must be longer than the prefix, which is /${prefix.length}`
}

function checkIpv4({ name, config, ipv4: network }: ScopedNetwork, scope: Scope): readonly Finding[] {
  if (config.ipv4 === undefined) return []
  const path: Path = ['networks', name, 'ipv4']
  if (network === undefined) return [notCidr(config.ipv4, 4, path)]
  const hostBits = checkHostBits(network, path)
  if (hostBits.length > 0) return hostBits
  const text = formatCidr(network)
  if (network.length < 8 || network.length > 30)
    return [{ code: 'S64-M005', path, message: `network ${text} must be /8 to /30` }]
  const kind = specialUse(network)
  if (kind !== undefined) return [{ code: 'S64-M004', path, message: `network ${text} is ${kind}` }]
  return checkHoldsUpstream(network, scope, path)
}

function checkHoldsUpstream(network: Cidr, { upstreamIpv4 }: Scope, path: Path): readonly Finding[] {
  if (upstreamIpv4 === undefined || !holds(network, upstreamIpv4)) return []
  const message = `network ${formatCidr(network)} holds the upstream's own address ${formatIpv4(upstreamIpv4)}`
  return [{ code: 'S64-M008', path, message }]
}

/** Sorted by their first address, a slice can only overlap the one before that reaches furthest. */
function checkOverlaps({ networks }: Scope, family: Family): readonly Finding[] {
  const key = family === 6 ? 'ipv6' : 'ipv4'
  const order = [...networks.keys()]
  const slices = [...networks.values()]
    .flatMap(({ name, [key]: cidr }) => (cidr === undefined ? [] : [{ name, cidr }]))
    .toSorted((one, other) => (one.cidr.first < other.cidr.first ? -1 : 1))
  let widest = slices[0]
  const findings: Finding[] = []
  for (const slice of slices.slice(1)) {
    if (widest !== undefined && slice.cidr.first <= widest.cidr.last) {
      const [earlier, later] = [widest, slice].toSorted(
        (one, other) => order.indexOf(one.name) - order.indexOf(other.name),
      )
      if (earlier !== undefined && later !== undefined) findings.push(overlap(later, earlier, key))
    }
    if (widest === undefined || slice.cidr.last > widest.cidr.last) widest = slice
  }
  return findings
}

type Slice = { readonly name: string; readonly cidr: Cidr }

function overlap(later: Slice, earlier: Slice, key: 'ipv4' | 'ipv6'): Finding {
  const place = formatPath(['networks', earlier.name, key])
  const message = `${formatCidr(later.cidr)} overlaps ${formatCidr(earlier.cidr)} of "${place}"`
  return { code: 'S64-M007', path: ['networks', later.name, key], message }
}
