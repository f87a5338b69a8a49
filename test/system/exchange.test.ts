import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { exchange } from '../../src/system/exchange.ts'

const folder = mkdtempSync(join(tmpdir(), 'slash64-exchange-'))
afterAll(() => rmSync(folder, { recursive: true }))

let server: Server | undefined
afterEach(() => server?.close())

/** A server that does this with each connection; its port, or the path it was told. */
async function serve(talk: (socket: Socket) => void, path?: string): Promise<number> {
  const made = createServer(talk)
  server = made
  await new Promise<void>((resolve) => made.listen(path ?? { port: 0, host: '127.0.0.1' }, resolve))
  const address = made.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe('exchange', () => {
  it('says the request over a UNIX socket, and gives all that comes until the other side closes', async () => {
    const path = join(folder, 'a.sock')
    await serve((socket) => {
      socket.on('data', (asked) => {
        socket.write(`you said ${asked}`)
        setTimeout(() => socket.end('and that is all\n'), 20)
      })
    }, path)
    expect(await exchange(path, 'hello\n')).toBe('you said hello\nand that is all\n')
  })

  it('does the same over TCP, and joins characters that were torn apart', async () => {
    const port = await serve((socket) => {
      socket.write(Buffer.from('é').subarray(0, 1))
      setTimeout(() => socket.end(Buffer.from('é').subarray(1)), 20)
    })
    expect(await exchange({ address: '127.0.0.1', port }, 'x')).toBe('é')
  })

  it.each([
    ['no such socket', join(folder, 'none.sock')],
    ['a port where nobody listens', { address: '127.0.0.1', port: 1 }],
  ])('%s is not found', async (_, to) => {
    await expect(exchange(to, 'x')).rejects.toMatchObject({ name: 'SystemError', code: 'not-found' })
  })

  it('a socket whose process is gone is not found', async () => {
    const path = join(folder, 'dead.sock')
    await serve(() => undefined, path)
    const before = server
    await exchangeAndLeave(path)
    expect(before?.listening).toBe(false)
    await expect(exchange(path, 'x')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('a connection that is cut is an error, not an answer', async () => {
    const port = await serve((socket) => socket.resetAndDestroy())
    await expect(exchange({ address: '127.0.0.1', port }, 'x')).rejects.toMatchObject({ code: 'other' })
  })

  it('a path that no socket can have is told', async () => {
    const path = join(folder, 'x'.repeat(200))
    await expect(exchange(path, 'x')).rejects.toMatchObject({ subject: path })
  })

  it('somebody who never ends is left after five seconds, or up to six times that on a busy machine', async () => {
    const port = await serve((socket) => socket.write('...'))
    const begun = Date.now()
    await expect(exchange({ address: '127.0.0.1', port }, 'x')).rejects.toMatchObject({ code: 'timeout' })
    expect(Date.now() - begun).toBeGreaterThan(4_500)
  })

  it('or after the time that is told', async () => {
    const port = await serve((socket) => socket.write('...'))
    const detail = 'no whole answer within 0.1 s'
    await expect(exchange({ address: '127.0.0.1', port }, 'x', 100)).rejects.toMatchObject({ detail })
  })
})

/** Closes the server as a killed process would: Node itself would remove the socket's file. */
async function exchangeAndLeave(path: string): Promise<void> {
  const { linkSync } = await import('node:fs')
  linkSync(path, `${path}.kept`)
  await new Promise((resolve) => server?.close(resolve))
  const { renameSync } = await import('node:fs')
  renameSync(`${path}.kept`, path)
}
