import { createHash } from 'node:crypto'

/** One frame of RFC 6455 and its length on the wire. */
export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  readonly length: number
}

export const TEXT = 1
export const CLOSE = 8
const MASK = Buffer.from([0x5a, 0x17, 0xc3, 0x2e])

/** The answer to a client's key (RFC 6455, section 4.2.2). */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** A text frame of at most 65,535 bytes; clients must mask theirs. */
export function textFrame(text: string, masked: boolean): Buffer {
  const payload = Buffer.from(text)
  const bit = masked ? 0x80 : 0
  const short = payload.length < 126
  const head = Buffer.alloc(short ? 2 : 4, 0x80 | TEXT)
  head[1] = bit | (short ? payload.length : 126)
  if (!short) head.writeUInt16BE(payload.length, 2)
  return Buffer.concat(masked ? [head, MASK, unmask(payload, MASK)] : [head, payload])
}

/** The frame at the start of the bytes; undefined while there is not all of it. */
export function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined
  const [first = 0, second = 0] = bytes
  const masked = (second & 0x80) !== 0
  const extended = (second & 0x7f) === 126
  if ((second & 0x7f) === 127) throw new Error('a frame above 64 KiB')
  const start = 2 + (extended ? 2 : 0) + (masked ? 4 : 0)
  if (bytes.length < start) return undefined
  const length = start + (extended ? bytes.readUInt16BE(2) : second & 0x7f)
  if (bytes.length < length) return undefined
  const payload = bytes.subarray(start, length)
  const mask = bytes.subarray(start - 4, start)
  return { opcode: first & 0x0f, payload: masked ? unmask(payload, mask) : payload, length }
}

function unmask(payload: Buffer, mask: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)))
}
