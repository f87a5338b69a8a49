import type { ForwardConfig } from '../config/types.ts'
import { formatPath } from './path.ts'
import type { Finding } from '../config/issue.ts'
import type { Path } from './path.ts'
import { formatPorts, parsePortRange, parsePorts } from '../net/port.ts'
import type { PortRange } from '../net/port.ts'
import { comparePortRanges } from '../net/port-ranges.ts'
import { checkHostBits, notAddress, notCidr } from './checks-prefix.ts'
import { checkContainerName } from './checks-names.ts'
import { parseSource } from './sources.ts'
import type { Scope } from './scope.ts'

/** Faults of `nat.forwards`: ports, containers, sources, and listeners that collide. */
export function checkForwards(scope: Scope): readonly Finding[] {
  const forwards = scope.config.nat?.forwards ?? []
  return [
    ...forwards.flatMap((forward, index) => checkForward(forward, scope, ['nat', 'forwards', index])),
    ...checkListeners(forwards),
  ]
}

function checkForward(forward: ForwardConfig, scope: Scope, path: Path): readonly Finding[] {
  const [name = '', portsText = ''] = forward.to.split(':')
  const listen = parsePortRange(forward.listen)
  const to = parsePorts(portsText)
  return [
    ...(listen === undefined
      ? [noPorts(forward.listen, [...path, 'listen'])]
      : checkProxyPorts(listen, scope, path)),
    ...(to === undefined ? [noPorts(portsText, [...path, 'to'])] : []),
    ...checkLengths(listen, to, [...path, 'to']),
    ...checkBackend(name, scope, [...path, 'to']),
    ...(forward.from ?? []).flatMap((text, index) => checkSource(text, [...path, 'from', index])),
  ]
}

function noPorts(text: string, path: Path): Finding {
  return { code: 'S64-M021', path, message: `"${text}" is not a port or range from 1 to 65535` }
}

type Ports = { readonly first: number; readonly last: number } | undefined

function checkLengths(listen: Ports, to: Ports, path: Path): readonly Finding[] {
  if (listen === undefined || to === undefined) return []
  const last = to.first + listen.last - listen.first
  if (to.last === last) return []
  const message = `ports ${formatPorts(listen)} cannot lead to ${formatPorts(to)}: the ranges differ in length`
  const better = formatPorts({ first: to.first, last })
  return [{ code: 'S64-M022', path, message, ...(last <= 65535 && { hint: `${better} would fit` }) }]
}

function checkBackend(name: string, scope: Scope, path: Path): readonly Finding[] {
  const unknown = checkContainerName(name, scope, path)
  const container = scope.containers.get(name)
  if (unknown.length > 0 || container?.config.ipv4 !== undefined) return unknown
  const message = `container "${name}" has no ipv4, which a forward needs`
  return [{ code: 'S64-M025', path, message }]
}

function checkSource(text: string, path: Path): readonly Finding[] {
  const cidr = parseSource(text)
  if (cidr !== undefined) return checkHostBits(cidr, path)
  return [text.includes('/') ? notCidr(text, 4, path) : notAddress(text, 4, path)]
}

/** The reverse proxy listens on 80 and 443 of the same address as soon as one route is served there. */
function checkProxyPorts(listen: PortRange, { config }: Scope, path: Path): readonly Finding[] {
  if (listen.protocol !== 'tcp') return []
  const routes = config.routes ?? []
  const taken = [
    ...(routes.some(({ http }) => http !== 'off') ? [80] : []),
    ...(routes.some(({ https }) => https !== 'off') ? [443] : []),
  ]
  return taken
    .filter((port) => listen.first <= port && port <= listen.last)
    .map((port) => ({
      code: 'S64-M024',
      path: [...path, 'listen'],
      message: `port ${port}/tcp is taken by the reverse proxy of "routes"`,
      hint: port === 80 ? 'every route would need `http: off`' : 'every route would need `https: off`',
    }))
}

/** Sorted by their first port, a range can only overlap the one before that reaches furthest. */
function checkListeners(forwards: readonly ForwardConfig[]): readonly Finding[] {
  const ranges = forwards
    .flatMap(({ listen }, index) => {
      const range = parsePortRange(listen)
      return range === undefined ? [] : [{ ...range, index }]
    })
    .toSorted((one, other) => comparePortRanges(one, other) || one.index - other.index)
  const findings: Finding[] = []
  let widest = ranges[0]
  for (const range of ranges.slice(1)) {
    const isSame = widest?.protocol === range.protocol
    if (widest !== undefined && isSame && range.first <= widest.last) findings.push(collision(widest, range))
    if (widest === undefined || !isSame || range.last > widest.last) widest = range
  }
  return findings
}

type Listener = PortRange & { readonly index: number }

function collision(one: Listener, other: Listener): Finding {
  const [earlier, later] = one.index < other.index ? [one, other] : [other, one]
  const place = formatPath(['nat', 'forwards', earlier.index, 'listen'])
  const message = `ports ${formatPorts(later)}/${later.protocol} are already listened on by "${place}" (${formatPorts(earlier)})`
  return { code: 'S64-M023', path: ['nat', 'forwards', later.index, 'listen'], message }
}
