import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { SystemError } from './errors.ts'

/**
 * Takes the lock of this network namespace: an abstract UNIX socket, which the kernel frees at once when its process
 * dies, however it dies (unix(7)). Who holds it answers a connection with one line about itself, `self`.
 */
export async function acquireLock(name: string, self: string): Promise<{ release(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(`${self}\n`)
  })
  server.unref()
  try {
    await listen(server, `\0${name}`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE')
      throw new SystemError({ code: 'other', subject: `lock ${name}`, detail: message })
    throw new SystemError({ code: 'busy', subject: `lock ${name}`, detail: await holder(`\0${name}`) })
  }
  return { release: async () => new Promise((resolve) => server.close(() => resolve())) }
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
