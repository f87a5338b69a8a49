import type { IncomingMessage, Server, ServerResponse } from 'node:http'

type Socket = IncomingMessage['socket']

/** Requests that one client may send without waiting for the answers. */
const MOST_AT_ONCE = 16

export interface Connections {
  /** A request is under way on its connection until the response is closed; false: that were too many at once. */
  begin(request: IncomingMessage, response: ServerResponse): boolean
  /** Ends every connection: those with a request under way after their answer. */
  close(): void
}

/**
 * Keeps at most so many connections: a new one takes the place of the oldest that has no request under way. So clients
 * that hold connections, or send their requests byte by byte, keep nobody from being answered.
 */
export function keepConnections(server: Server, most: number): Connections {
  /** In order of arrival, with the number of requests under way. */
  const open = new Map<Socket, number>()
  let isClosing = false
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) evict(open)
    open.set(socket, 0)
    socket.on('close', () => open.delete(socket))
  })
  const end = (socket: Socket): void => {
    const busy = open.get(socket)
    if (busy === undefined) return
    open.set(socket, busy - 1)
    if (isClosing && busy === 1) socket.destroy()
  }
  return {
    begin: ({ socket }, response) => {
      const busy = open.get(socket)
      if (busy === undefined || busy >= MOST_AT_ONCE) {
        socket.destroy()
        return false
      }
      open.set(socket, busy + 1)
      response.on('close', () => end(socket))
      return true
    },
    close: () => {
      isClosing = true
      for (const [socket, busy] of open) if (busy === 0) socket.destroy()
    },
  }
}

function evict(open: Map<Socket, number>): void {
  const oldest = firstIdle(open) ?? open.keys().next().value
  if (oldest === undefined) return
  open.delete(oldest)
  oldest.destroy()
}

function firstIdle(open: ReadonlyMap<Socket, number>): Socket | undefined {
  for (const [socket, busy] of open) if (busy === 0) return socket
  return undefined
}
