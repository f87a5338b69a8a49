/**
 * The lab's helper inside one namespace: serves and makes conversations, told by lines of JSON on stdin, answering
 * with lines of JSON on stdout. One process for a namespace; it ends with its stdin.
 */
import { createInterface } from 'node:readline'
import { startLoad, stopLoad } from './agent-load.ts'
import type { Request } from './agent-protocol.ts'
import { keepEcho, openWeb, probeStream } from './agent-streams.ts'
import { serveTcp, serveUdp, talkTcp, talkUdp } from './agent-talk.ts'
import { visit } from './agent-visit.ts'
import { serveWeb } from './agent-web.ts'

const EVERYWHERE = ['0.0.0.0', '::']

async function handle(request: Request): Promise<string> {
  switch (request.op) {
    case 'serve': {
      const serve = request.protocol === 'tcp' ? serveTcp : serveUdp
      await Promise.all(EVERYWHERE.map((host) => serve(request.name, request.port, host)))
      return 'listening'
    }
    case 'talk':
      return request.talk.protocol === 'tcp' ? talkTcp(request.talk) : talkUdp(request.talk)
    case 'open':
      return talkTcp(request.talk, (socket) => keepEcho(request.stream, socket))
    case 'probe':
      return probeStream(request.stream, request.timeoutMs)
    case 'serve-web':
      await Promise.all(EVERYWHERE.map((host) => serveWeb(request.server, host)))
      return 'listening'
    case 'visit':
      return JSON.stringify(await visit(request.visit))
    case 'open-web':
      return openWeb(request.stream, request.sort, request.visit)
    case 'start-load':
      return startLoad(request.load, request.order)
    case 'stop-load':
      return JSON.stringify(await stopLoad(request.load, request.whole))
  }
}

async function answer(line: string): Promise<void> {
  const request: Request & { readonly id: number } = JSON.parse(line)
  const reply = await handle(request).then(
    (result) => ({ id: request.id, result }),
    (error: unknown) => ({ id: request.id, error: String(error) }),
  )
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}

createInterface({ input: process.stdin })
  .on('line', (line) => void answer(line))
  .on('close', () => process.exit(0))
