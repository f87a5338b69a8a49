import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { HttpServer } from '../../../src/report/http/serve.ts'
import { METRICS, serve } from './support.ts'

const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'

interface Ending {
  readonly text: string
  readonly seconds: number
}

/** Seconds after which who stalls reads on: twice as long as it takes until a connection is taken away. */
const STALL = 12

/** Sends bytes and then nothing; resolves when the server has ended the connection. */
async function untilEnded(
  { port }: HttpServer,
  bytes: string,
  begin: (socket: Socket) => void,
): Promise<Ending> {
  const begun = performance.now()
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.on('error', () => undefined)
  begin(socket)
  return new Promise((resolve) => {
    socket.once('close', () => resolve({ text, seconds: (performance.now() - begun) / 1000 }))
  })
}

test('clients that keep a connection without using it lose it after some seconds', async () => {
  const large = { ...METRICS, text: 'x'.repeat(50_000_000) }
  const [server, slow] = [await serve(), await serve({ metrics: async () => large })]
  const none = (): void => undefined
  // Reads the rest only when the server has given up; that it does at the second look at a write that does not end.
  const stall = (socket: Socket): void => {
    socket.pause()
    setTimeout(() => socket.resume(), STALL * 1_000)
  }
  const [silent, half, idle, stalled] = await Promise.all([
    untilEnded(server, '', none),
    untilEnded(server, 'GET /metrics HTTP/1.1\r\nHost: loc', none),
    untilEnded(server, REQUEST, none),
    untilEnded(slow, REQUEST, stall),
  ])
  expect(silent.text).toMatch(/^(HTTP\/1.1 408 |$)/)
  expect(half.text).toMatch(/^(HTTP\/1.1 408 |$)/)
  expect(idle.text).toContain(METRICS.text)
  expect(stalled.text.length).toBeLessThan(large.text.length)
  for (const { seconds } of [silent, half, idle]) {
    expect(seconds).toBeGreaterThan(4)
    expect(seconds).toBeLessThan(STALL)
  }
})
