import type { Finding } from '../config/issue.ts'
import type { Path } from './path.ts'
import { cidrOf, formatCidr, parseCidr, parseIpv4 } from '../net/address.ts'
import type { Cidr, Family } from '../net/address.ts'
import { interfaceNameFault } from '../net/interface-name.ts'
import { isUsableIpv6, specialUse } from '../net/special.ts'
import type { Scope } from './scope.ts'

/** Faults of `upstream`: its interface's name and its address. */
export function checkUpstream({ config }: Scope): readonly Finding[] {
  const { interface: name, ipv4 } = config.upstream
  return [
    ...checkInterfaceName(name, ['upstream', 'interface']),
    ...(ipv4 === undefined ? [] : checkHostIpv4(ipv4, ['upstream', 'ipv4'])),
  ]
}

/** Faults of `prefix`: an IPv6 CIDR without host bits, global or unique local, no longer than /120. */
export function checkPrefix({ config, prefix }: Scope): readonly Finding[] {
  const path: Path = ['prefix', 'cidr']
  if (prefix === undefined) return [notCidr(config.prefix.cidr, 6, path)]
  const hostBits = checkHostBits(prefix, path)
  if (hostBits.length > 0) return hostBits
  const text = formatCidr(prefix)
  if (prefix.length < 1 || prefix.length > 120)
    return [{ code: 'S64-M005', path, message: `prefix ${text} must be /1 to /120` }]
  if (isUsableIpv6(prefix)) return []
  const kind = specialUse(prefix)
  const message = `prefix ${text} is ${kind === undefined ? 'neither global nor unique local' : `${kind}`}`
  return [{ code: 'S64-M004', path, message }]
}

/** A fault when the text cannot be the name of an interface. */
export function checkInterfaceName(
  name: string,
  path: Path,
  at: 'key' | 'value' = 'value',
): readonly Finding[] {
  const reason = interfaceNameFault(name)
  return reason === undefined
    ? []
    : [{ code: 'S64-M009', path, at, message: `interface name "${name}" ${reason}` }]
}

/** The fault of a text that is no CIDR of the family. */
export function notCidr(text: string, family: Family, path: Path): Finding {
  const example = family === 6 ? '2001:db8:1:1::/64' : '10.64.0.0/24'
  const isOther = parseCidr(text) !== undefined
  const message = `"${text}" is not an IPv${family} network`
  const hint = isOther
    ? `an IPv${family} network is wanted here`
    : `written address/length, such as ${example}`
  return { code: 'S64-M002', path, message, hint }
}

/** A fault when host bits are set, with the canonical form as the way out. */
export function checkHostBits(cidr: Cidr, path: Path, written = cidr): readonly Finding[] {
  if (cidr.address === cidr.first) return []
  const better = formatCidr(cidrOf(written.family, written.address, written.length))
  return [
    { code: 'S64-M003', path, message: 'the network has host bits set', hint: `did you mean "${better}"?` },
  ]
}

/** The fault of a text that is no address of the family. */
export function notAddress(text: string, family: Family, path: Path): Finding {
  const message = `"${text}" is not an IPv${family} address`
  const hint =
    text.includes('/') && !text.includes('%')
      ? 'without a length'
      : 'names, zones and mapped addresses are not allowed'
  return { code: 'S64-M001', path, message, hint }
}

function checkHostIpv4(text: string, path: Path): readonly Finding[] {
  const value = parseIpv4(text)
  if (value === undefined) return [notAddress(text, 4, path)]
  const kind = specialUse(cidrOf(4, value, 32))
  return kind === undefined ? [] : [{ code: 'S64-M004', path, message: `${text} is ${kind}` }]
}
