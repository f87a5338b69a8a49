import { createSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { afterSteps } from './agent-clock.ts'
import type { Talk } from './agent-protocol.ts'

/** Answers each connection with `name:port peer address`, then echoes what it gets. */
export async function serveTcp(name: string, port: number, host: string): Promise<string> {
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

/** The same, one answer for each datagram. */
export async function serveUdp(name: string, port: number, host: string): Promise<string> {
  const socket = createSocket({ type: host === '::' ? 'udp6' : 'udp4', ipv6Only: host === '::' })
  socket.on('message', (_message, peer) => {
    socket.send(`${name}:${port} peer ${peer.address}\n`, peer.port, peer.address)
  })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.bind(port, host, () => resolve('listening'))
  })
}

/** The first line that the other side says, or `refused`, `timeout`, `unreachable`, `reset`. `keep` gets the connection. */
export async function talkTcp(talk: Talk, keep?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      host: talk.address,
      port: talk.port,
      ...(talk.source && { localAddress: talk.source }),
    })
    const finish = (outcome: string, alive: boolean): void => {
      callOff()
      socket.removeAllListeners('data')
      if (alive && keep !== undefined) keep(socket)
      else socket.destroy()
      resolve(outcome)
    }
    const callOff = afterSteps(talk.timeoutMs, () => finish('timeout', false))
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

/** One word for why there is no connection. */
export function outcomeOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'refused'
  if (error.code === 'ECONNRESET') return 'reset'
  if (error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH' || error.code === 'EACCES')
    return 'unreachable'
  return error.code === 'ETIMEDOUT' ? 'timeout' : `error ${error.code}`
}

/** The answer to one datagram; it is sent again, as any client would: the first one may meet an unresolved address. */
export async function talkUdp(talk: Talk): Promise<string> {
  const socket = createSocket(talk.address.includes(':') ? 'udp6' : 'udp4')
  return new Promise<string>((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const finish = (outcome: string): void => {
      callOff()
      clearInterval(timer)
      socket.removeAllListeners()
      socket.close()
      resolve(outcome)
    }
    // A connected socket hears of `refused`.
    const converse = (): void => {
      socket.send('?\n')
      timer = setInterval(() => socket.send('?\n'), Math.max(50, talk.timeoutMs / 3))
    }
    const callOff = afterSteps(talk.timeoutMs, () => finish('timeout'))
    socket.on('error', (error: NodeJS.ErrnoException) => finish(outcomeOf(error)))
    socket.on('message', (message) => finish(message.toString().trim()))
    socket.bind(0, talk.source, () => socket.connect(talk.port, talk.address, converse))
  })
}
