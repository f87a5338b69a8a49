import type { Server } from 'node:http'
import { formatEndpoint } from '../../net/endpoint.ts'
import { SystemError, type SystemErrorCode } from '../../system/errors.ts'

export interface Place {
  /** An address of this host, or a name for one. */
  readonly address: string
  /** 0: any that is free. */
  readonly port: number
}

/** Connections that may wait while others are accepted; the kernel takes less if net.core.somaxconn is less. */
const BACKLOG = 4_096

const CODES: Readonly<Record<string, readonly [code: SystemErrorCode, detail: string]>> = {
  EADDRINUSE: ['busy', 'the port is taken: see by whom (ss -ltnp), or choose another (--listen)'],
  EACCES: ['denied', 'the port may not be used: choose one above 1023, or give CAP_NET_BIND_SERVICE'],
  EPERM: ['denied', 'the port may not be used: choose one above 1023, or give CAP_NET_BIND_SERVICE'],
  EADDRNOTAVAIL: ['not-found', 'the address is not of this host (ip address), or not yet'],
  ENOTFOUND: ['not-found', 'the name leads to no address'],
  EAI_AGAIN: ['not-found', 'the name could not be looked up'],
}

/** Resolves to where the server listens; rejects with `SystemError` when it cannot. */
export async function listen(server: Server, place: Place): Promise<Place> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, place))
    server.once('error', fail)
    server.listen({ host: place.address, port: place.port, backlog: BACKLOG }, () => {
      server.off('error', fail)
      const found = server.address()
      if (found === null || typeof found === 'string') resolve(place)
      else resolve({ address: found.address, port: found.port })
    })
  })
}

function listenError({ code = '', message }: NodeJS.ErrnoException, place: Place): SystemError {
  const [known, detail] = CODES[code] ?? ['other', message]
  return new SystemError({ code: known, subject: `listen on ${formatEndpoint(place)}`, detail })
}
