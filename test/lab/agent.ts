/**
 * The lab's helper inside one namespace: serves and makes TCP and UDP conversations, told by lines of JSON on
 * stdin, answering with lines of JSON on stdout. One process for a namespace; it ends with its stdin.
 */
import { createSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Request, Talk } from './agent-protocol.ts'

const streams = new Map<number, Socket>()

/** Answers each connection with `name:port peer address`, then echoes what it gets. */
async function serveTcp(name: string, port: number, host: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.write(`${name}:${port} peer ${socket.remoteAddress}\n`)
    socket.pipe(socket)
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen({ port, host, ipv6Only: true }, () => resolve('listening'))
  })
}

async function serveUdp(name: string, port: number, host: string): Promise<string> {
  const socket = createSocket({ type: host === '::' ? 'udp6' : 'udp4', ipv6Only: host === '::' })
  socket.on('message', (_message, peer) => {
    socket.send(`${name}:${port} peer ${peer.address}\n`, peer.port, peer.address)
  })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.bind(port, host, () => resolve('listening'))
  })
}

/** The first line that the other side says, or `refused`, `timeout`, `unreachable`, `reset`. */
async function talkTcp(talk: Talk, keep?: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      host: talk.address,
      port: talk.port,
      ...(talk.source && { localAddress: talk.source }),
    })
    const finish = (outcome: string, alive: boolean): void => {
      clearTimeout(timer)
      socket.removeAllListeners('data')
      if (alive && keep !== undefined) streams.set(keep, socket)
      else socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(() => finish('timeout', false), talk.timeoutMs)
    let text = ''
    socket.setEncoding('utf8')
    socket.setNoDelay(true)
    socket.on('error', (error: NodeJS.ErrnoException) => finish(outcomeOf(error), false))
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) finish(text.slice(0, text.indexOf('\n')), true)
    })
  })
}

function outcomeOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'refused'
  if (error.code === 'ECONNRESET') return 'reset'
  if (error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH' || error.code === 'EACCES')
    return 'unreachable'
  return error.code === 'ETIMEDOUT' ? 'timeout' : `error ${error.code}`
}

/** The answer to one datagram; it is sent again, as any client would: the first one may meet an unresolved address. */
async function talkUdp(talk: Talk): Promise<string> {
  const socket = createSocket(talk.address.includes(':') ? 'udp6' : 'udp4')
  return new Promise<string>((resolve) => {
    const timers: NodeJS.Timeout[] = []
    const finish = (outcome: string): void => {
      for (const timer of timers) clearTimeout(timer)
      socket.removeAllListeners()
      socket.close()
      resolve(outcome)
    }
    // A connected socket hears of `refused`.
    const converse = (): void => {
      socket.send('?\n')
      timers.push(setInterval(() => socket.send('?\n'), Math.max(50, talk.timeoutMs / 3)))
    }
    timers.push(setTimeout(() => finish('timeout'), talk.timeoutMs))
    socket.on('error', (error: NodeJS.ErrnoException) => finish(outcomeOf(error)))
    socket.on('message', (message) => finish(message.toString().trim()))
    socket.bind(0, talk.source, () => socket.connect(talk.port, talk.address, converse))
  })
}

/** Whether the other side still answers on a kept connection within the time. */
async function probeStream(stream: number, timeoutMs: number): Promise<string> {
  const socket = streams.get(stream)
  if (socket === undefined || socket.destroyed) return 'dead'
  return new Promise((resolve) => {
    const finish = (outcome: string): void => {
      clearTimeout(timer)
      socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close')
      socket.on('error', () => socket.destroy())
      resolve(outcome)
    }
    const timer = setTimeout(() => finish('silent'), timeoutMs)
    socket.on('data', () => finish('alive'))
    socket.on('error', () => finish('dead'))
    socket.on('close', () => finish('dead'))
    socket.write('?\n')
  })
}

async function handle(request: Request): Promise<string> {
  switch (request.op) {
    case 'serve': {
      const serve = request.protocol === 'tcp' ? serveTcp : serveUdp
      await Promise.all(['0.0.0.0', '::'].map((host) => serve(request.name, request.port, host)))
      return 'listening'
    }
    case 'talk':
      return request.talk.protocol === 'tcp' ? talkTcp(request.talk) : talkUdp(request.talk)
    case 'open':
      return talkTcp(request.talk, request.stream)
    case 'probe':
      return probeStream(request.stream, request.timeoutMs)
  }
}

async function answer(line: string): Promise<void> {
  const request: Request & { readonly id: number } = JSON.parse(line)
  const reply = await handle(request).then(
    (result) => ({ id: request.id, result }),
    (error: unknown) => ({ id: request.id, error: String(error) }),
  )
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}

createInterface({ input: process.stdin })
  .on('line', (line) => void answer(line))
  .on('close', () => process.exit(0))
