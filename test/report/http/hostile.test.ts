import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { HttpServer } from '../../../src/report/http/serve.ts'
import { ask, METRICS, serve, talk } from './support.ts'

const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'
const LAST = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

async function expectAnswered(server: HttpServer): Promise<void> {
  expect((await ask(server, '/metrics')).text).toBe(METRICS.text)
}

/** A connection that is destroyed when the test ends. */
async function connected({ port }: HttpServer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return socket
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve: () => resolve() }
}

test('a header of 1 MB is refused', async () => {
  const server = await serve()
  const answer = await talk(
    server,
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`,
  )
  // The reset can overtake the answer.
  expect(answer).toMatch(/^(HTTP\/1.1 431 |$)/)
  const small = await talk(server, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(8_400)}\r\n\r\n`)
  expect(small).toMatch(/^HTTP\/1.1 431 /)
  await expectAnswered(server)
})

test.each([
  ['HTTP/0.9 garbage', 'GET /metrics of yours\r\n\r\n'],
  ['a TLS hello', Buffer.from('16030100f8010000f40303', 'hex')],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['zeros', Buffer.alloc(10_000)],
  [
    'a smuggled body',
    'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  ['a proxy request', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
])('%s is no request', async (_what, bytes) => {
  const server = await serve()
  expect(await talk(server, bytes)).toMatch(/^(HTTP\/1.1 400 |$)/)
  await expectAnswered(server)
})

test('requests that do not wait for answers get them in order', async () => {
  const server = await serve()
  const answer = await talk(server, `${REQUEST}${'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'}${LAST}`)
  const texts = answer.split('\r\n\r\n').map((part) => part.split('HTTP/1.1')[0])
  expect(texts).toEqual(['', METRICS.text, 'ok\n', METRICS.text])
})

test('too many requests at once end the connection, and cost one rendering', async () => {
  const gate = deferred()
  let rendered = 0
  const server = await serve({
    metrics: async () => {
      rendered += 1
      await gate.promise
      return METRICS
    },
  })
  expect(await talk(server, REQUEST.repeat(1_000))).toBe('')
  expect(rendered).toBe(1)
  gate.resolve()
  await expectAnswered(server)
})

test('scrapes at one time share one rendering; later ones are made anew', async () => {
  const gate = deferred()
  let rendered = 0
  const server = await serve({
    metrics: async () => {
      rendered += 1
      await gate.promise
      return { ...METRICS, text: `rendered ${rendered}\n` }
    },
  })
  const scrapes = Array.from({ length: 20 }, async () => ask(server, '/metrics'))
  // All of them are under way when another page, asked for after them, has been answered.
  await ask(server, '/healthz')
  gate.resolve()
  expect(new Set((await Promise.all(scrapes)).map(({ text }) => text))).toEqual(new Set(['rendered 1\n']))
  expect((await ask(server, '/metrics')).text).toBe('rendered 2\n')
})

test('a client that goes away in the middle is no error', async () => {
  const gate = deferred()
  const large = { ...METRICS, text: 'x'.repeat(10_000_000) }
  const server = await serve({ metrics: async () => gate.promise.then(() => large) })
  const waiting = await connected(server)
  waiting.write(REQUEST)
  await ask(server, '/healthz')
  waiting.resetAndDestroy()
  const reading = await connected(server)
  reading.write(REQUEST)
  reading.once('data', () => reading.resetAndDestroy())
  gate.resolve()
  await closed(reading)
  expect((await ask(server, '/metrics')).text).toHaveLength(10_000_000)
})

test('the oldest connection without a request gives way to a new one', async () => {
  const gate = deferred()
  const server = await serve({ metrics: async () => gate.promise.then(() => METRICS) })
  const busy = await connected(server)
  let answer = ''
  busy.on('data', (chunk) => (answer += chunk.toString()))
  busy.write(LAST)
  const oldest = await connected(server)
  const others = await Promise.all(Array.from({ length: 1_022 }, async () => connected(server)))
  expect((await ask(server, '/healthz')).status).toBe(200)
  await closed(oldest)
  expect(others.filter((socket) => socket.closed).length).toBeLessThan(2)
  gate.resolve()
  await closed(busy)
  expect(answer).toContain(METRICS.text)
})

test('closing answers what was asked, and waits for nobody else', async () => {
  const gate = deferred()
  const server = await serve({ metrics: async () => gate.promise.then(() => METRICS) })
  const [idle, half] = [await connected(server), await connected(server)]
  half.write('GET /metr')
  const scrape = ask(server, '/metrics', { headers: { Connection: 'keep-alive' } })
  await ask(server, '/healthz')
  const ended = server.close()
  await Promise.all([closed(idle), closed(half)])
  gate.resolve()
  expect((await scrape).text).toBe(METRICS.text)
  await expect(ended).resolves.toBeUndefined()
})
