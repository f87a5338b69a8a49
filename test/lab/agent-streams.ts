import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterSteps } from './agent-clock.ts'
import type { StreamSort, Visit } from './agent-protocol.ts'
import { failureOf, open, requestText } from './agent-visit.ts'
import { acceptKey, readFrame, textFrame } from './websocket.ts'

/** A connection that stays. `ask` makes the other side say something, `hear` is called with what it says. */
interface Kept {
  readonly socket: Duplex
  readonly ask: () => void
  /** The sign of life that is waited for; `undefined` until then. `broken`: bytes came that should not. */
  hear: ((sign: 'alive' | 'broken') => void) | undefined
}

const streams = new Map<number, Kept>()

/** Keeps a TCP connection to a server that echoes. */
export function keepEcho(stream: number, socket: Socket): void {
  const kept: Kept = { socket, ask: () => void socket.write('?\n'), hear: undefined }
  keep(stream, kept)
  socket.on('data', () => kept.hear?.('alive'))
}

function keep(stream: number, kept: Kept): void {
  kept.socket.on('error', () => kept.socket.destroy())
  streams.set(stream, kept)
}

/** Opens a WebSocket or an answer that never ends, and resolves to `open`, or why it is not. */
export async function openWeb(stream: number, sort: StreamSort, order: Visit): Promise<string> {
  const raw = connect({ host: order.address, port: order.port, noDelay: true })
  const callOff = afterSteps(order.timeoutMs ?? 20_000, () => void raw.destroy(new Error('timeout')))
  try {
    const { socket } = await open(raw, order)
    return await (sort === 'websocket' ? openWebSocket : openSlow)(stream, socket, order)
  } catch (error) {
    raw.destroy()
    return failureOf(error)
  } finally {
    callOff()
  }
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

async function openWebSocket(stream: number, socket: Duplex, order: Visit): Promise<string> {
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${KEY}`]
  socket.write(requestText(order, [...fields, 'Sec-WebSocket-Version: 13']))
  const { head, rest } = await readHead(socket)
  if (!head.startsWith('HTTP/1.1 101 ') || !head.includes(acceptKey(KEY))) return head.split('\r\n')[0] ?? ''
  let [bytes, said, counter] = [rest, '', 0]
  const ask = (): void => {
    counter += 1
    said = `${counter}`.padEnd(200, '.')
    socket.write(textFrame(said, true))
  }
  const kept: Kept = { socket, ask, hear: undefined }
  keep(stream, kept)
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    const frame = readFrame(bytes)
    if (frame === undefined) return
    bytes = bytes.subarray(frame.length)
    kept.hear?.(frame.payload.toString() === said ? 'alive' : 'broken')
  })
  return 'open'
}

/** The lines count up by one, so that a lost piece is seen. */
async function openSlow(stream: number, socket: Duplex, order: Visit): Promise<string> {
  socket.write(requestText({ ...order, path: '/slow' }, []))
  const { head, rest } = await readHead(socket)
  if (!head.startsWith('HTTP/1.1 200 ')) return head.split('\r\n')[0] ?? ''
  const kept: Kept = { socket, ask: () => undefined, hear: undefined }
  let [text, next, broken] = ['', 0, false]
  const take = (chunk: Buffer): void => {
    text += chunk.toString()
    // Chunked: a size, then the line.
    for (
      let found = /^[0-9a-f]+\r\n(\d+)\n\r\n/.exec(text);
      found;
      found = /^[0-9a-f]+\r\n(\d+)\n\r\n/.exec(text)
    ) {
      text = text.slice(found[0].length)
      broken ||= Number(found[1]) !== next
      next += 1
      kept.hear?.(broken ? 'broken' : 'alive')
    }
  }
  keep(stream, kept)
  take(rest)
  socket.on('data', take)
  return 'open'
}

/** Up to the empty line, and what came behind it. */
async function readHead(socket: Duplex): Promise<{ readonly head: string; readonly rest: Buffer }> {
  let bytes = Buffer.alloc(0)
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', read)
      resolve({ head: bytes.subarray(0, end).toString(), rest: bytes.subarray(end + 4) })
    }
    socket.on('data', read)
    socket.once('error', reject).once('close', () => reject(new Error('closed')))
  })
}

/** `alive`: the other side says something (more) within the time; `silent`: not; `dead`: closed; `broken`: bytes are lost. */
export async function probeStream(stream: number, timeoutMs: number): Promise<string> {
  const kept = streams.get(stream)
  if (kept === undefined || kept.socket.destroyed || kept.socket.readableEnded) return 'dead'
  return new Promise((resolve) => {
    const dead = (): void => finish('dead')
    const finish = (outcome: string): void => {
      callOff()
      kept.hear = undefined
      kept.socket.off('close', dead).off('end', dead)
      resolve(outcome)
    }
    const callOff = afterSteps(timeoutMs, () => finish('silent'))
    kept.hear = finish
    kept.socket.on('close', dead).on('end', dead)
    kept.ask()
  })
}
