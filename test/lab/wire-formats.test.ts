import { describe, expect, it } from 'vitest'
import { readProxyHeader } from './proxy-header.ts'
import { acceptKey, readFrame, textFrame } from './websocket.ts'

const SOURCE = { address: '198.51.100.10', port: 40000 }
const DESTINATION = { address: '203.0.113.2', port: 443 }
const V1 = Buffer.from('PROXY TCP4 198.51.100.10 203.0.113.2 40000 443\r\n')
const V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc633640acb0071029c4001bb', 'hex')
const V2_IPV6 = Buffer.from(
  '0d0a0d0a000d0a515549540a2121002420010db8ffff000000000000000000102001' +
    '0db800010001000000000000000200019c40',
  'hex',
)

describe('readProxyHeader', () => {
  it.each([
    ['v1', V1],
    ['v2', V2],
  ] as const)('reads %s, and leaves what follows', (version, bytes) => {
    const header = { local: false, source: SOURCE, destination: DESTINATION }
    const found = readProxyHeader(Buffer.concat([bytes, Buffer.from('GET /')]), version)
    expect(found).toEqual({ header, length: bytes.length })
  })

  it.each([
    ['v1', V1],
    ['v2', V2],
    ['v2', V2_IPV6],
  ] as const)('waits for all of %s', (version, bytes) => {
    for (let length = 0; length < bytes.length; length += 1)
      expect(readProxyHeader(bytes.subarray(0, length), version)).toBeUndefined()
  })

  it('prints IPv6 canonically, from both versions', () => {
    const line = 'PROXY TCP6 2001:DB8:ffff:0::10 2001:db8:1:1::2 1 40000\r\n'
    const found = readProxyHeader(V2_IPV6, 'v2')
    expect(found).toEqual(expect.objectContaining({ length: V2_IPV6.length }))
    expect(found?.header).toEqual({
      local: false,
      source: { address: '2001:db8:ffff::10', port: 1 },
      destination: { address: '2001:db8:1:1::2', port: 40000 },
    })
    expect(readProxyHeader(Buffer.from(line), 'v1')?.header).toEqual(found?.header)
  })

  it('takes a proxy that speaks for itself, as health checks do', () => {
    expect(readProxyHeader(Buffer.from('PROXY UNKNOWN\r\n'), 'v1')?.header).toEqual({ local: true })
    const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex')
    expect(readProxyHeader(local, 'v2')?.header).toEqual({ local: true })
  })

  it.each([
    ['v1', 'GET / HTTP/1.1\r\n'],
    ['v1', 'PROXY TCP4 198.51.100.10 2001:db8::1 1 2\r\n'],
    ['v1', 'PROXY TCP4 198.51.100.10 203.0.113.2 1\r\n'],
    ['v1', `PROXY TCP4 ${'1'.repeat(120)}\r\n`],
    ['v2', V1.toString()],
    ['v2', '\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c            '],
    ['v2', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04    '],
  ] as const)('refuses as %s: %j', (version, text) => {
    expect(() => readProxyHeader(Buffer.from(text, 'latin1'), version)).toThrow(/PROXY|header|too long/)
  })
})

describe('WebSocket frames', () => {
  it('answers the key of RFC 6455', () => {
    expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  it.each([0, 5, 125, 126, 4_000])('carries %i bytes, masked and not', (size) => {
    const text = 'é'.repeat(size / 2).padEnd(size > 1 ? size / 2 : size, 'x')
    for (const masked of [true, false]) {
      const bytes = textFrame(text, masked)
      expect(readFrame(bytes.subarray(0, -1))).toBeUndefined()
      const frame = readFrame(Buffer.concat([bytes, Buffer.from('more')]))
      expect(frame).toMatchObject({ opcode: 1, length: bytes.length })
      expect(frame?.payload.toString()).toBe(text)
    }
  })

  it('reads the example of RFC 6455', () => {
    const frame = readFrame(Buffer.from('818537fa213d7f9f4d5158', 'hex'))
    expect(frame?.payload.toString()).toBe('Hello')
  })
})
