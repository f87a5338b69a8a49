/** One conversation to be had from inside a namespace. */
export interface Talk {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly timeoutMs: number
  readonly source?: string
}

/** A web server: plain, or TLS with a certificate (PEM). With `proxyProtocol` it takes nobody who does not speak it. */
export interface WebServer {
  readonly name: string
  readonly port: number
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly proxyProtocol?: 'v1' | 'v2'
}

/** One request over a connection of its own. */
export interface Visit {
  readonly address: string
  readonly port: number
  /** The Host header; over TLS the server name too, unless `servername` says another. Empty: none is said. */
  readonly host: string
  readonly tls?: boolean
  readonly servername?: string
  readonly path?: string
  readonly timeoutMs?: number
  /** Where the first flight of bytes is cut, and how long each piece waits for the next. */
  readonly cuts?: readonly number[]
  readonly pauseMs?: number
  /** The ClientHello is at least so many bytes longer, as one with a post-quantum key share is. */
  readonly padding?: number
}

/** What came of a visit. */
export interface Outcome {
  /** `answered`, `closed` (without an answer), `refused`, `timeout`, `unreachable`, or an error's code. */
  readonly outcome: string
  /** The common name in the certificate that the server showed. */
  readonly certificate?: string
  /** Bytes of the first flight, which over TLS is the ClientHello. */
  readonly firstFlight?: number
  readonly status?: number
  /** The body without its final newline. */
  readonly body?: string
}

/** Visits over and over, by so many workers, each with a pause between two of its own. */
export interface LoadOrder {
  readonly visits: readonly LoadVisit[]
  readonly workers: number
  readonly pauseMs: number
  readonly maxMs: number
  readonly maxRequests: number
}

export interface LoadVisit extends Visit {
  /** What the body must start with. */
  readonly expected: string
}

/** What a load came to; of what failed only the first ten are told. */
export interface LoadReport {
  readonly requests: number
  readonly failures: number
  readonly failed: readonly string[]
}

/** A connection that stays: a WebSocket that echoes, or an answer that never ends. */
export type StreamSort = 'websocket' | 'slow'

/** What the agent can be asked; its answer is one string. */
export type Request =
  | { readonly op: 'serve'; readonly protocol: 'tcp' | 'udp'; readonly name: string; readonly port: number }
  | { readonly op: 'talk'; readonly talk: Talk }
  | { readonly op: 'open'; readonly talk: Talk; readonly stream: number }
  | { readonly op: 'probe'; readonly stream: number; readonly timeoutMs: number }
  | { readonly op: 'serve-web'; readonly server: WebServer }
  | { readonly op: 'visit'; readonly visit: Visit }
  | { readonly op: 'open-web'; readonly visit: Visit; readonly sort: StreamSort; readonly stream: number }
  | { readonly op: 'start-load'; readonly load: number; readonly order: LoadOrder }
  | { readonly op: 'stop-load'; readonly load: number; readonly whole: boolean }
