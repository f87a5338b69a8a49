import type { Conflict } from '../../engine/types.ts'
import { formatEndpoint } from '../../net/endpoint.ts'
import { holderOf, inTheWay } from '../../formats/sockets.ts'
import type { ListeningSocket } from '../../formats/sockets.ts'
import type { Listener } from '../../model/reverse-proxy.ts'

/** Who listens already where the reverse proxy is to: told with program and process, and nothing is written. */
export function takenListeners(
  listeners: readonly Listener[],
  sockets: readonly ListeningSocket[],
  ours: ReadonlySet<number>,
): readonly Omit<Conflict, 'key'>[] {
  const first = new Map<ListeningSocket, Listener>()
  for (const listener of listeners) {
    for (const socket of inTheWay(listener, sockets, ours)) {
      if (!first.has(socket)) first.set(socket, listener)
    }
  }
  return [...first].map(([socket, listener]) => ({
    code: 'S64-F005',
    message: messageOf(listener, socket),
    hint: hintOf(socket),
  }))
}

function messageOf(wanted: Listener, socket: ListeningSocket): string {
  const { address, port } = socket
  const where = address === undefined ? `port ${port} of every address` : `port ${port} of ${address}`
  return `${holderOf(socket)} listens on ${where}, where the reverse proxy of "routes" is to listen (${formatEndpoint(wanted)})`
}

function hintOf({ port, processes }: ListeningSocket): string {
  const setting = port === 80 ? '`http: off`' : '`https: off`'
  const look = processes.length === 0 ? `see who it is (as root: ss -ltnp 'sport = :${port}'), then ` : ''
  return `${look}stop it, or let it listen on another address or port; or write ${setting} into every route`
}
