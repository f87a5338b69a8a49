import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer, Request } from './pages.ts'

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
} as const

/** What matters of a request. */
export function requestOf({ method = '', url = '/', headersDistinct }: IncomingMessage): Request {
  return { method, url, hosts: headersDistinct['host'] ?? [] }
}

/** Sends the answer; to HEAD without its text. */
export function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, text, headers }: Answer,
): void {
  response.writeHead(status, {
    ...HEADERS,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    ...headers,
    // Nobody reads bodies here: what follows one on the connection would be guessed.
    ...(hasBody(request) && { Connection: 'close' }),
  })
  response.end(text)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
