import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import { afterSteps } from './agent-clock.ts'
import type { Outcome, Visit } from './agent-protocol.ts'
import { outcomeOf } from './agent-talk.ts'

/** A connection over which bytes can be said, and the name in the certificate that was shown. */
export interface Connection {
  readonly socket: Duplex
  readonly certificate?: string
  readonly firstFlight?: number
}

/** One GET over a connection of its own. Never rejects: a failure is an outcome. */
export async function visit(order: Visit): Promise<Outcome> {
  const raw = connect({ host: order.address, port: order.port, noDelay: true })
  const callOff = afterSteps(order.timeoutMs ?? 20_000, () => void raw.destroy(new Error('timeout')))
  try {
    const { socket, ...seen } = await open(raw, order)
    socket.write(requestText(order, ['Connection: close']))
    const text = await readAll(socket)
    const status = /^HTTP\/1\.[01] (\d{3}) /.exec(text)?.[1]
    if (status === undefined) return { outcome: 'closed', ...seen }
    return { outcome: 'answered', ...seen, status: Number(status), body: bodyOf(text) }
  } catch (error) {
    return { outcome: failureOf(error) }
  } finally {
    callOff()
    raw.destroy()
  }
}

/** Head of a GET request. */
export function requestText({ host, path = '/who' }: Visit, fields: readonly string[]): string {
  const names = host === '' ? [] : [`Host: ${host}`]
  return [`GET ${path} HTTP/1.1`, ...names, ...fields, '', ''].join('\r\n')
}

/** Waits until the connection stands, over TLS until the certificate was shown; rejects if it does not come to that. */
export async function open(raw: Socket, order: Visit): Promise<Connection> {
  await once(raw, 'connect')
  const cutter = cutting(raw, order.cuts ?? [], order.pauseMs ?? 0)
  if (order.tls !== true) return { socket: cutter.stream }
  const servername = order.servername ?? order.host
  const socket = connectTls({
    socket: cutter.stream,
    rejectUnauthorized: false,
    ALPNProtocols: [...padding(order.padding ?? 0), 'http/1.1'],
    ...(servername !== '' && { servername }),
  })
  await once(socket, 'secureConnect')
  const { CN } = socket.getPeerCertificate().subject
  return { socket, certificate: String(CN), firstFlight: cutter.firstFlight() }
}

/** Names of protocols that nobody speaks: 64 bytes each, so that a ClientHello grows as it does by a larger key. */
function padding(bytes: number): readonly string[] {
  return Array.from({ length: Math.ceil(bytes / 64) }, (_, index) => `x${index}`.padEnd(63, '-'))
}

async function once(socket: Socket | TLSSocket, event: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(event, () => resolve())
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })
}

/** The connection, whose first write goes out in pieces. */
function cutting(
  raw: Socket,
  cuts: readonly number[],
  pauseMs: number,
): { stream: Duplex; firstFlight(): number } {
  let first = 0
  const send = async (chunk: Buffer): Promise<void> => {
    const edges = first === 0 ? cuts.filter((cut) => cut < chunk.length) : []
    first ||= chunk.length
    for (const [index, edge] of [...edges, chunk.length].entries()) {
      if (index > 0) await pause(pauseMs)
      raw.write(chunk.subarray(edges[index - 1] ?? 0, edge))
    }
  }
  const stream = new Duplex({
    read: () => void raw.resume(),
    write: (chunk: Buffer, _encoding, done) => void send(chunk).then(() => done(), done),
    final: (done) => void raw.end(done),
    destroy: (error, done) => {
      raw.destroy()
      done(error)
    },
  })
  raw.on('data', (chunk) => void (stream.push(chunk) || raw.pause()))
  raw.on('end', () => stream.push(null))
  raw.on('error', (error) => stream.destroy(error))
  raw.on('close', () => stream.destroy())
  return { stream, firstFlight: () => first }
}

/** All that the other side says until it closes. An end by reset is none of the answer's. */
async function readAll(socket: Duplex): Promise<string> {
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', resolve).on('close', resolve).on('error', reject)
  })
  return Buffer.concat(chunks).toString()
}

/** Chunked bodies of one or a few chunks, as small answers through a proxy are, without their sizes. */
function bodyOf(text: string): string {
  const end = text.indexOf('\r\n\r\n')
  const [head, body] = [text.slice(0, end), text.slice(end + 4)]
  const plain = /^transfer-encoding: chunked/im.test(head)
    ? body.replaceAll(/^[0-9a-f]+\r\n|\r\n$/gim, '')
    : body
  return plain.replace(/\n$/, '')
}

/** One word for it: a reset is a way of closing. */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message === 'timeout' || error.message === 'closed') return error.message
  const { code }: NodeJS.ErrnoException = error
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed'
  return code === undefined ? error.message : outcomeOf(error)
}
