import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Duplex } from 'node:stream'
import type { WebServer } from './agent-protocol.ts'
import { readProxyHeader, type ProxyHeader } from './proxy-header.ts'
import type { Place, WebAnswer } from './web-answer.ts'
import { acceptKey, CLOSE, readFrame, TEXT, textFrame } from './websocket.ts'

/** What was said in front of a connection, by the peer's address and port: over TLS the socket itself is hidden. */
const headers = new Map<string, ProxyHeader>()

/**
 * Answers `/who` with `name:port peer address:port`, `/slow` with a line each 100 ms for ever, a WebSocket's upgrade with
 * an echo, and everything else with a `WebAnswer` as JSON.
 */
export async function serveWeb(server: WebServer, host: string): Promise<void> {
  const respond = (request: IncomingMessage, response: ServerResponse): void =>
    answer(server, request, response)
  const web: Server = server.tls === undefined ? createHttp(respond) : createHttps(server.tls, respond)
  web.on('upgrade', upgrade)
  web.on('tlsClientError', (_error: Error, socket: Duplex) => socket.destroy())
  web.on('clientError', (_error: Error, socket: Duplex) => socket.destroy())
  const { proxyProtocol } = server
  const front =
    proxyProtocol === undefined
      ? web
      : createServer({ pauseOnConnect: true }, (socket) => takeHeader(socket, proxyProtocol, web))
  await new Promise<void>((resolve, reject) => {
    front.on('error', reject)
    front.listen({ port: server.port, host, ipv6Only: true }, () => resolve())
  })
}

/** Takes the header off the connection, or closes it; the rest is the web server's. */
function takeHeader(socket: Socket, version: 'v1' | 'v2', web: Server): void {
  let bytes = Buffer.alloc(0)
  const key = keyOf(socket)
  const take = (): void => {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) return
    bytes = Buffer.concat([bytes, chunk])
    const found = readProxyHeader(bytes, version)
    if (found === undefined) return
    socket.off('readable', read)
    headers.set(key, found.header)
    socket.unshift(bytes.subarray(found.length))
    web.emit('connection', socket)
  }
  const read = (): void => {
    try {
      take()
    } catch {
      socket.destroy()
    }
  }
  socket.on('error', () => socket.destroy())
  socket.on('close', () => headers.delete(key))
  socket.on('readable', read)
}

function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}

function answer(server: WebServer, request: IncomingMessage, response: ServerResponse): void {
  const seen = see(server, request)
  if (request.url === '/slow') return answerSlowly(response)
  const { address, port } = seen.client ?? seen.peer
  if (request.url === '/who') response.end(`${server.name}:${server.port} peer ${address}:${port}\n`)
  else
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(seen, null, 2)}\n`)
}

function answerSlowly(response: ServerResponse): void {
  let counter = 0
  const write = (): void => {
    response.write(`${counter}\n`)
    counter += 1
  }
  const timer = setInterval(write, 100)
  response.on('close', () => clearInterval(timer))
  write()
}

function see({ name, port }: WebServer, request: IncomingMessage): WebAnswer {
  const { socket, method = '', url = '', headers: fields } = request
  const header = headers.get(keyOf(socket))
  const peer: Place = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
  // False when the hello names none.
  const servername = socket instanceof TLSSocket ? socket.servername || '' : undefined
  return {
    name,
    port,
    method,
    url,
    host: fields.host,
    headers: fields,
    peer,
    ...(header?.local === false && { client: header.source, destination: header.destination }),
    ...(servername !== undefined && { servername }),
  }
}

/** Answers the handshake by hand and echoes text frames. */
function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const accept = acceptKey(String(request.headers['sec-websocket-key']))
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
  let bytes = head
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    for (let frame = readFrame(bytes); frame !== undefined; frame = readFrame(bytes)) {
      bytes = bytes.subarray(frame.length)
      if (frame.opcode === TEXT) socket.write(textFrame(frame.payload.toString(), false))
      if (frame.opcode === CLOSE) socket.end()
    }
  })
}
