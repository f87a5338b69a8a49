import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
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

/** Answers requests of one line at a UNIX socket; see `Feeds.serve`. */
export function serveSocket(
  path: string,
  answer: Answer,
  failed: (error: SystemError) => void,
): { close(): Promise<void> } {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    hear(socket, answer)
  })
  server.maxConnections = MOST_AT_ONCE
  server.unref()
  const opening = listen(server, path).then(
    () => true,
    ({ message }: Error) => {
      failed(new SystemError({ code: 'other', subject: path, detail: message }))
      return false
    },
  )
  return {
    close: async () => {
      // Where it cannot be taken away (a read-only file system), who asks there finds nobody all the same.
      if (await opening) await rm(path, { force: true }).catch(() => undefined)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      })
    },
  }
}

/** Made where nobody else can get at it, closed to others, and then put into its place: of an earlier one nothing is left. */
async function listen(server: Server, path: string): Promise<void> {
  await makeMissing(dirname(path), 0o700)
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
    await rm(hidden, { recursive: true, force: true })
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
