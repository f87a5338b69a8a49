import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Lab } from '../lab/lab.ts'
import { inNamespace } from '../lab/process.ts'

/** A program of somebody else that listens in the host; it says `foreign` to everybody. */
export interface ForeignListener {
  readonly pid: number
  readonly stop: () => Promise<void>
}

/** The program's text: `node -e SCRIPT ADDRESS PORT [ipv6only]`. It ends with its stdin. */
export const LISTENER = `
  const [address, port, only] = process.argv.slice(1)
  const server = require('node:net').createServer((socket) => socket.on('error', () => 0).end('foreign\\n'))
  server.listen({ host: address, port: Number(port), ipv6Only: only !== undefined }, () => console.log('listening'))
  process.stdin.on('end', () => process.exit(0)).resume()`

/** Starts one, and resolves once it listens. `::` is every address of both families, unless only IPv6 is wanted. */
export async function listenForeign(
  lab: Lab,
  address: string,
  port: number,
  ipv6Only = false,
): Promise<ForeignListener> {
  const words = [address, String(port), ...(ipv6Only ? ['ipv6only'] : [])]
  const argv = inNamespace(lab.namespace('host'), [process.execPath, '-e', LISTENER, ...words])
  const [command = '', ...args] = argv
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error(`nobody can listen on ${address} port ${port}`))),
  ])
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}
