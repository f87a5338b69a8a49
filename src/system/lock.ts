import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { SystemError } from './errors.ts'

/** Whoever asks gets one line and is gone; the name of an abstract socket is open to every user of the host. */
const MOST_AT_ONCE = 16

/**
 * Takes the lock of this network namespace: an abstract UNIX socket, which the kernel frees at once when its process
 * dies, however it dies (unix(7)). Who holds it answers a connection with one line about itself, `self`.
 */
export async function acquireLock(name: string, self: string): Promise<{ release(): Promise<void> }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    // Not `end` alone: that would wait for the other side to end, too.
    socket.end(`${self}\n`, () => socket.destroy())
  })
  server.maxConnections = MOST_AT_ONCE
  server.unref()
  try {
    await listen(server, `\0${name}`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE')
      throw new SystemError({ code: 'other', subject: `lock ${name}`, detail: message })
    throw new SystemError({ code: 'busy', subject: `lock ${name}`, detail: await holder(`\0${name}`) })
  }
  return { release: async () => close(server, open) }
}

async function close(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of open) socket.destroy()
  })
}

async function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
}

async function holder(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let text = ''
    socket.setEncoding('utf8')
    socket.setTimeout(500, () => socket.destroy())
    socket.on('data', (chunk: string) => (text += chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(text.slice(0, 200).trim() || 'another process'))
  })
}
