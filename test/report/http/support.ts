import { request } from 'node:http'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Pages } from '../../../src/report/http/pages.ts'
import { serveHttp, type HttpServer } from '../../../src/report/http/serve.ts'

export const METRICS = { type: 'text/plain; version=0.0.4; charset=utf-8', text: 'slash64_up 1\n' }

export function pages(parts: Partial<Pages> = {}): Pages {
  return {
    metrics: async () => METRICS,
    status: () => '{"state":"converged"}\n',
    health: () => ({ ok: true, text: 'ok' }),
    ready: () => ({ ok: true, text: 'ready' }),
    ...parts,
  }
}

/** A server on a free port of the loopback, closed when the test ends. */
export async function serve(
  parts: Partial<Pages> = {},
  defect?: (error: unknown) => void,
): Promise<HttpServer> {
  const server = await serveHttp({
    address: '127.0.0.1',
    port: 0,
    names: ['router.example.org'],
    pages: pages(parts),
    ...(defect !== undefined && { defect }),
  })
  onTestFinished(async () => server.close())
  return server
}

export interface Reply {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One request on a connection of its own. */
export async function ask({ port }: HttpServer, path: string, asked: Asked = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body } = asked
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, agent: false } as const
    const sent = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends bytes as they are; resolves to all that comes back until the connection ends, however it does. */
export async function talk({ port }: HttpServer, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}
