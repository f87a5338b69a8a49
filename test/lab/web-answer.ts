import type { IncomingHttpHeaders } from 'node:http'

export interface Place {
  readonly address: string
  readonly port: number
}

/** What a web server of the lab answers: all that it saw of the request and of who asked. */
export interface WebAnswer {
  readonly name: string
  readonly port: number
  readonly method: string
  readonly url: string
  readonly host: string | undefined
  readonly headers: IncomingHttpHeaders
  /** The other side of the connection, which may be a proxy. */
  readonly peer: Place
  /** What the PROXY protocol says: who the client is, and where it connected to. */
  readonly client?: Place
  readonly destination?: Place
  /** The server name of the ClientHello; empty when it had none. */
  readonly servername?: string
}
