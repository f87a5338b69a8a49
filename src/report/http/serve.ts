import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { keepConnections } from './connections.ts'
import { listen, type Place } from './listen.ts'
import { answerTo, type AnswerOptions, type Pages } from './pages.ts'
import { requestOf, respond } from './respond.ts'

export interface HttpOptions extends Place, AnswerOptions {
  readonly pages: Pages
}

/** `port` is the one that was found, when any would do. */
export interface HttpServer extends Place {
  /** Resolves when nobody is connected any more; what is being answered is answered first. */
  close(): Promise<void>
}

/** Milliseconds and bytes that one client may take. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
} as const

/** Milliseconds after which a client is given up that does not take its answer. */
const STALLED = 5_000
const MOST_CONNECTIONS = 1_024

/**
 * Answers GET and HEAD over HTTP/1.1. Rejects with `SystemError` when it cannot listen: `busy` the port is taken,
 * `denied` it may not be used, `not-found` the address is not of this host.
 */
export async function serveHttp({ address, port, pages, ...options }: HttpOptions): Promise<HttpServer> {
  const shared: Pages = {
    metrics: oneAtATime(async () => pages.metrics()),
    status: () => pages.status(),
    health: () => pages.health(),
    ready: () => pages.ready(),
  }
  const server = createServer(LIMITS)
  const connections = keepConnections(server, MOST_CONNECTIONS)
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (!connections.begin(request, response)) return
    void answerTo(requestOf(request), shared, options).then((answer) => respond(request, response, answer))
  }
  server.on('request', handle)
  // A client that asks whether to send its body is not asked for it.
  server.on('checkContinue', handle)
  server.timeout = STALLED
  const place = await listen(server, { address, port })
  // A connection that could not be accepted (no file descriptor left) is lost, and nothing else.
  server.on('error', () => undefined)
  return {
    ...place,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        connections.close()
      }),
  }
}

/** Who asks while the answer is being made gets that one too. */
function oneAtATime<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined
  return async () => {
    running ??= make().finally(() => (running = undefined))
    return running
  }
}
