import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { Place } from './web-answer.ts'

/** What a PROXY protocol header says. `local`: the proxy speaks for itself, as its health checks do. */
export type ProxyHeader =
  { readonly local: true } | { readonly local: false; readonly source: Place; readonly destination: Place }

/** A header at the start of the bytes, and its length; undefined while there is not all of it. */
export interface Found {
  readonly header: ProxyHeader
  readonly length: number
}

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const V1_MAX = 107

/** Reads version 1 or 2 strictly (proxy-protocol.txt of HAProxy); throws where the bytes are none of that version. */
export function readProxyHeader(bytes: Buffer, version: 'v1' | 'v2'): Found | undefined {
  return version === 'v1' ? readV1(bytes) : readV2(bytes)
}

function readV1(bytes: Buffer): Found | undefined {
  const start = bytes.subarray(0, 6).toString('latin1')
  if (!'PROXY '.startsWith(start)) throw new Error('not version 1 of the PROXY protocol')
  const end = bytes.indexOf('\r\n')
  if (end < 0 && bytes.length < V1_MAX) return undefined
  if (end < 0 || end + 2 > V1_MAX) throw new Error('a line of version 1 that is too long')
  const line = bytes.subarray(0, end).toString('latin1')
  const length = end + 2
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { header: { local: true }, length }
  const words = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line)
  const [, family = '', source = '', destination = '', from = '', to = ''] = words ?? []
  const isOfFamily = family === '4' ? isIPv4 : isIPv6
  if (!isOfFamily(source) || !isOfFamily(destination)) throw new Error(`not a header: ${line}`)
  return { header: proxied(place(source, Number(from)), place(destination, Number(to))), length }
}

function readV2(bytes: Buffer): Found | undefined {
  const start = bytes.subarray(0, SIGNATURE.length)
  if (!start.equals(SIGNATURE.subarray(0, start.length)))
    throw new Error('not version 2 of the PROXY protocol')
  if (bytes.length < 16 || bytes.length < 16 + bytes.readUInt16BE(14)) return undefined
  const [command = 0, family = 0] = bytes.subarray(12, 14)
  const length = 16 + bytes.readUInt16BE(14)
  if (command === 0x20) return { header: { local: true }, length }
  const size = { 0x11: 4, 0x21: 16 }[family]
  if (command !== 0x21 || size === undefined || length < 16 + 2 * size + 4)
    throw new Error(`not a header: ${bytes.subarray(0, length).toString('hex')}`)
  const ports = 16 + 2 * size
  const source = addressText(bytes.subarray(16, 16 + size))
  const destination = addressText(bytes.subarray(16 + size, ports))
  const [from, to] = [bytes.readUInt16BE(ports), bytes.readUInt16BE(ports + 2)]
  return { header: proxied(place(source, from), place(destination, to)), length }
}

function proxied(source: Place, destination: Place): ProxyHeader {
  return { local: false, source, destination }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  return (bytes.toString('hex').match(/.{4}/g) ?? []).join(':')
}

/** IPv6 in its canonical text, so that both versions can be compared with what others print. */
function place(address: string, port: number): Place {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return { address: new SocketAddress({ address, port, family }).address, port }
}
