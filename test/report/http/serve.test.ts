import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serveHttp } from '../../../src/report/http/serve.ts'
import { ask, METRICS, pages, serve, talk } from './support.ts'

describe('the pages', () => {
  test('are there', async () => {
    const server = await serve()
    const replies = await Promise.all(
      ['/', '/metrics', '/healthz', '/readyz', '/api/v1/status', '/metrics?x=1'].map(async (path) => {
        const { status, headers, text } = await ask(server, path)
        return [path, status, headers['content-type'], text]
      }),
    )
    const plain = 'text/plain; charset=utf-8'
    expect(replies).toEqual([
      ['/', 200, plain, expect.stringContaining('/api/v1/status')],
      ['/metrics', 200, METRICS.type, METRICS.text],
      ['/healthz', 200, plain, 'ok\n'],
      ['/readyz', 200, plain, 'ready\n'],
      ['/api/v1/status', 200, 'application/json', '{"state":"converged"}\n'],
      ['/metrics?x=1', 200, METRICS.type, METRICS.text],
    ])
  })

  test.each(['/nothing', '/metrics/', '/__proto__', '/constructor', '//', '/../metrics', '/%6detrics'])(
    '%s is not',
    async (path) => {
      expect((await ask(await serve(), path)).status).toBe(404)
    },
  )

  test('are 503 when there is nothing good to tell', async () => {
    const bad = () => ({ ok: false, text: 'no pass for 5 minutes' })
    const server = await serve({ status: () => undefined, health: bad, ready: bad })
    const health = await ask(server, '/healthz')
    expect([health.status, health.text]).toEqual([503, 'no pass for 5 minutes\n'])
    expect((await ask(server, '/readyz')).status).toBe(503)
    const status = await ask(server, '/api/v1/status')
    expect([status.status, status.headers['content-type']]).toEqual([503, 'application/json'])
    expect(JSON.parse(status.text)).toHaveProperty('error')
  })

  test('are 500 when they cannot be made, and nothing else happens', async () => {
    const error = new Error('secret')
    const fail = (): never => {
      throw error
    }
    const defects: unknown[] = []
    const server = await serve({ metrics: async () => fail(), status: fail }, (one) => defects.push(one))
    for (const path of ['/metrics', '/api/v1/status']) {
      const { status, text } = await ask(server, path)
      expect(status).toBe(500)
      expect(text).not.toContain('secret')
    }
    expect((await ask(server, '/healthz')).status).toBe(200)
    expect(defects).toEqual([error, error])
  })

  test('carry what keeps a browser from using them', async () => {
    const server = await serve()
    for (const path of ['/metrics', '/', '/nothing', '/api/v1/status']) {
      const { headers } = await ask(server, path, { headers: { Origin: 'https://evil.example' } })
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      })
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('methods', () => {
  test('HEAD is GET without the text', async () => {
    const { status, headers, text } = await ask(await serve(), '/metrics', { method: 'HEAD' })
    expect([status, headers['content-length'], text]).toEqual([200, String(METRICS.text.length), ''])
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s is refused', async (method) => {
    const { status, headers } = await ask(await serve(), '/metrics', { method })
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD'])
  })

  test.each(['GET', 'POST'])('%s with a body is answered, and the connection closed', async (method) => {
    const headers = { Connection: 'keep-alive', 'Content-Length': '1000' }
    const reply = await ask(await serve(), '/metrics', { method, headers, body: 'x'.repeat(1000) })
    expect([reply.status, reply.headers['connection']]).toEqual([method === 'GET' ? 200 : 405, 'close'])
  })

  test('a body that waits to be asked for is not asked for', async () => {
    const head =
      'POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n'
    const answer = await talk(await serve(), head)
    expect(answer).toMatch(/^HTTP\/1.1 405 /)
  })
})

describe('the Host header', () => {
  test.each(['evil.example', '127.0.0.1.evil.example:9464'])('%j is a stranger', async (host) => {
    const { status, text } = await ask(await serve(), '/metrics', { headers: { Host: host } })
    expect(status).toBe(403)
    expect(text).toContain('--listen NAME:PORT')
  })

  test('is shown without what would repaint a terminal', async () => {
    const answer = await talk(
      await serve(),
      Buffer.from('GET / HTTP/1.1\r\nHost: \u009b31m\r\nConnection: close\r\n\r\n', 'latin1'),
    )
    expect(answer).toContain('"\\x9b31m" is not a name of this server')
  })

  test.each(['router.example.org', 'localhost:1', '[::1]:9464'])('%j is us', async (host) => {
    expect((await ask(await serve(), '/metrics', { headers: { Host: host } })).status).toBe(200)
  })

  test.each([
    ['GET /metrics HTTP/1.0\r\n\r\n', 200],
    ['GET /metrics HTTP/1.1\r\n\r\n', 400],
    ['GET /metrics HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 403],
    ['GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 400],
    ['GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 403],
    ['GET http://localhost/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 200],
    ['OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 405],
  ])('%j is answered %i', async (bytes, status) => {
    expect(await talk(await serve(), bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })
})

describe('listening', () => {
  test('is refused in the words of the system’s errors', async () => {
    const { port } = await serve()
    const taken = serveHttp({ address: '127.0.0.1', port, names: [], pages: pages() })
    await expect(taken).rejects.toMatchObject({ code: 'busy', subject: `listen on 127.0.0.1:${port}` })
    const elsewhere = serveHttp({ address: '203.0.113.200', port: 0, names: [], pages: pages() })
    await expect(elsewhere).rejects.toMatchObject({ code: 'not-found', name: 'SystemError' })
    const nowhere = serveHttp({ address: 'no.such.name.invalid', port: 0, names: [], pages: pages() })
    await expect(nowhere).rejects.toMatchObject({ code: 'not-found', name: 'SystemError' })
  })

  test('works on IPv6, and ends', async () => {
    const server = await serveHttp({ address: '::1', port: 0, names: [], pages: pages() })
    const url = `http://[${server.address}]:${server.port}/metrics`
    expect(await (await fetch(url)).text()).toBe(METRICS.text)
    await server.close()
    await server.close()
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  test('gives its port back at once', async () => {
    const { address, port, close } = await serve()
    await talk({ address, port, close }, 'GET / HTTP/1.0\r\n\r\n')
    await close()
    const next = createServer()
    onTestFinished(() => void next.close())
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject)
      next.listen(port, '127.0.0.1', resolve)
    })
    expect(next.listening).toBe(true)
  })
})
