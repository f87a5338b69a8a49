import { statSync } from 'node:fs'
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { SystemError } from './errors.ts'
import { makeMissing } from './files.ts'

/** Bytes of a request. */
const LIMIT = 4_096
/** Milliseconds within which a request must have been made whole. */
const PATIENCE = 5_000
/** Who comes beyond is turned away, and may come again. */
const MOST_AT_ONCE = 64

export type Answer = (request: string) => Promise<string>

/** Milliseconds between looks whether the socket is still there. */
const LOOK = 1_000

/** What becomes of a socket. */
export interface Serving {
  /** Why nobody can ask; told once for each reason. */
  readonly failed: (error: SystemError) => void
  /** It can be asked, after it could not. */
  readonly served: () => void
}

/** Answers requests of one line at a UNIX socket, which is made again when it is gone; see `Feeds.serve`. */
export function serveSocket(path: string, answer: Answer, serving: Serving): { close(): Promise<void> } {
  let [server, fault, over] = [undefined as Listener | undefined, undefined as string | undefined, false]
  const isFine = (): void => {
    if (fault !== undefined) serving.served()
    fault = undefined
  }
  const keep = async (): Promise<void> => {
    if (server !== undefined && (await isServed(path, server.identity))) return isFine()
    try {
      const next = await listen(path, answer)
      await server?.close()
      server = next
      isFine()
    } catch (error) {
      const { message, code = message } = asError(error)
      // The words of the same error name another temporary file each time.
      if (code !== fault) serving.failed(new SystemError({ code: 'other', subject: path, detail: message }))
      fault = code
    }
  }
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    await keep()
    if (!over) timer = setTimeout(() => (looking = look()), LOOK).unref()
  }
  let looking = look()
  return {
    close: async () => {
      over = true
      clearTimeout(timer)
      await looking
      // Where it cannot be taken away (a read-only file system), who asks there finds nobody all the same.
      if (fault === undefined) await rm(path, { force: true }).catch(() => undefined)
      await server?.close()
    },
  }
}

function asError(error: unknown): NodeJS.ErrnoException {
  return error instanceof Error ? error : new Error(String(error))
}

/** Whether somebody can ask there: us, or who has taken the place since. What nobody listens at is a rest of what was. */
async function isServed(path: string, identity: string): Promise<boolean> {
  if (identityOf(path) === identity) return true
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path)
    return `${dev} ${ino}`
  } catch {
    // It is not there, or nothing can be where it should be.
    return ''
  }
}

/** A server that listens, and those whom it hears. */
interface Listener {
  /** Of its socket, as a file. */
  readonly identity: string
  close(): Promise<void>
}

/** Made where nobody else can get at it, closed to others, and then put into its place: of an earlier one nothing is left. */
async function listen(path: string, answer: Answer): Promise<Listener> {
  await makeMissing(dirname(path), 0o700)
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    hear(socket, answer)
  })
  server.maxConnections = MOST_AT_ONCE
  server.unref()
  await listenAt(path, server)
  const close = async (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  return { identity: identityOf(path), close }
}

async function listenAt(path: string, server: Server): Promise<void> {
  const hidden = await mkdtemp(join(dirname(path), '.new-'))
  try {
    const fresh = join(hidden, 's')
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(fresh, () => resolve())
    })
    await chmod(fresh, 0o600)
    await rename(fresh, path)
  } finally {
    await rm(hidden, { recursive: true, force: true }).catch(() => undefined)
  }
}

function hear(socket: Socket, answer: Answer): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.setTimeout(PATIENCE, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  const told = (chunk: string): void => {
    text += chunk
    const end = text.indexOf('\n')
    if (text.length > LIMIT) socket.destroy()
    if (end < 0 || socket.destroyed) return
    socket.off('data', told)
    socket.resume()
    socket.setTimeout(0)
    void answer(text.slice(0, end)).then((reply) => socket.end(reply, () => socket.destroy()))
  }
  socket.on('data', told)
  // It went before it had asked.
  socket.on('end', () => {
    if (!text.includes('\n')) socket.destroy()
  })
}
