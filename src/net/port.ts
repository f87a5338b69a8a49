export type Protocol = 'tcp' | 'udp'

/** Ports `first` to `last`, both included, of one protocol. Written `443/tcp` or `8000-8010/udp`. */
export interface PortRange {
  readonly protocol: Protocol
  readonly first: number
  readonly last: number
}

/** IANA protocol numbers, as `nft -n` prints them. */
export const PROTOCOL_NUMBER: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17 }

const PORT_RANGE = /^([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?$/

/** Reads `443` or `8000-8010`, decimal without leading zeros, 1 to 65535, first not above last; else undefined. */
export function parsePorts(text: string): { first: number; last: number } | undefined {
  const match = PORT_RANGE.exec(text)
  if (match === null) return undefined
  const first = Number(match[1])
  const last = match[2] === undefined ? first : Number(match[2])
  return first <= last && last <= 65535 ? { first, last } : undefined
}

/** Reads `443/tcp` or `8000-8010/udp`; undefined for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  const [ports, protocol, ...rest] = text.split('/')
  if (ports === undefined || rest.length > 0 || (protocol !== 'tcp' && protocol !== 'udp')) return undefined
  const range = parsePorts(ports)
  return range && { protocol, ...range }
}

export function formatPorts(range: { readonly first: number; readonly last: number }): string {
  return range.first === range.last ? `${range.first}` : `${range.first}-${range.last}`
}

/** The canonical spelling: `443/tcp`, `8000-8010/udp`. */
export function formatPortRange(range: PortRange): string {
  return `${formatPorts(range)}/${range.protocol}`
}

/** Whether two ranges share a port of the same protocol. */
export function portRangesOverlap(one: PortRange, other: PortRange): boolean {
  return one.protocol === other.protocol && one.first <= other.last && other.first <= one.last
}
