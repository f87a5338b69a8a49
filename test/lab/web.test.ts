import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Visit } from './agent-protocol.ts'
import { curl } from './curl.ts'
import { createLab, type Lab, type Stream } from './lab.ts'
import { eventually } from './process.ts'
import { ADDRESSES } from './topology.ts'
import { openWebStream, serveWeb, startLoad, visit } from './web.ts'

const { host: HOST, host6: HOST6, internet: CLIENT, internet6: CLIENT6 } = ADDRESSES
const PLAIN: Visit = { address: HOST, port: 80, host: 'a.example.org' }
const TLS: Visit = { ...PLAIN, port: 443, tls: true }
const PROXIED: Visit = { ...TLS, port: 444 }

let lab: Lab
beforeAll(async () => {
  lab = await createLab()
  await serveWeb(lab, 'host', 80)
  await serveWeb(lab, 'host', 81, { proxyProtocol: 'v1' })
  await serveWeb(lab, 'host', 443, { certificate: 'a.example.org' })
  await serveWeb(lab, 'host', 444, { certificate: 'b.example.org', proxyProtocol: 'v2' })
})
afterAll(async () => lab.destroy())

describe('the web servers', () => {
  it('tell what they saw, over HTTP and TLS, both families', async () => {
    const url = 'http://a.example.org/a%20b?c=1'
    const plain = await curl(lab, 'internet', HOST, url, '--header', 'X-Some: thing')
    expect(plain).toMatchObject({ exitCode: 0, status: 200, complaint: '' })
    expect(plain.headers).toMatchObject({ 'content-type': 'application/json' })
    const seen = { name: 'host', port: 80, method: 'GET', url: '/a%20b?c=1', host: 'a.example.org' }
    const peer = { address: CLIENT, port: expect.any(Number) }
    expect(JSON.parse(plain.body)).toMatchObject({ ...seen, peer, headers: { 'x-some': 'thing' } })
    const safe = await curl(lab, 'internet', HOST6, 'https://b.example.org/')
    expect(JSON.parse(safe.body)).toMatchObject({ peer: { address: CLIENT6 }, servername: 'b.example.org' })
  })

  it('tell who came by the PROXY protocol, and where to', async () => {
    const seen = await curl(lab, 'internet', HOST6, 'http://a.example.org:81/', '--haproxy-protocol')
    expect(JSON.parse(seen.body)).toMatchObject({
      client: { address: CLIENT6 },
      destination: { address: HOST6, port: 81 },
    })
    const { body } = await curl(lab, 'internet', HOST, 'http://a.example.org:81/who', '--haproxy-protocol')
    expect(body).toMatch(new RegExp(`^host:81 peer ${CLIENT}:\\d+\\n$`))
  })

  it('close on who does not speak it, or another version', async () => {
    expect(await curl(lab, 'internet', HOST, 'http://a.example.org:81/')).toMatchObject({ status: undefined })
    expect(await visit(lab, 'internet', PROXIED)).toEqual({ outcome: 'closed' })
    const other = await curl(lab, 'internet', HOST, 'https://a.example.org:444/', '--haproxy-protocol')
    expect(other.status).toBeUndefined()
  })
})

describe('a visit', () => {
  it('tells the certificate, the answer, and the size of the hello', async () => {
    const outcome = await visit(lab, 'internet', TLS)
    const body = expect.stringMatching(new RegExp(`^host:443 peer ${CLIENT}:\\d+$`))
    expect(outcome).toMatchObject({ outcome: 'answered', certificate: 'a.example.org', status: 200, body })
    // Bytes.
    expect(outcome.firstFlight).toBeLessThan(600)
    const big = await visit(lab, 'internet', { ...TLS, padding: 1_700 })
    expect(big).toMatchObject({ outcome: 'answered', certificate: 'a.example.org' })
    expect(big.firstFlight).toBeGreaterThan(2_000)
  })

  it('sends the hello in pieces', async () => {
    const started = Date.now()
    const outcome = await visit(lab, 'internet', { ...TLS, cuts: [5, 40, 100], pauseMs: 50 })
    expect(outcome).toMatchObject({ outcome: 'answered', certificate: 'a.example.org' })
    expect(Date.now() - started).toBeGreaterThan(140)
  })

  it('names another server, or none', async () => {
    const named = await visit(lab, 'internet', { ...TLS, servername: 'x.example.org', path: '/' })
    expect(JSON.parse(named.body ?? '')).toMatchObject({ servername: 'x.example.org', host: 'a.example.org' })
    const nameless = await visit(lab, 'internet', { ...TLS, servername: '', path: '/' })
    expect(JSON.parse(nameless.body ?? '')).toMatchObject({ servername: '' })
  })

  it('tells the ways of failing apart', async () => {
    expect(await visit(lab, 'internet', { ...PLAIN, port: 82 })).toEqual({ outcome: 'refused' })
    expect(await visit(lab, 'internet', { ...PLAIN, port: 443 })).toMatchObject({ outcome: 'closed' })
    expect((await visit(lab, 'internet', { ...TLS, port: 80 })).outcome).not.toBe('answered')
    const unused = { ...PLAIN, address: '2001:db8:1:1::77', timeoutMs: 200 }
    expect(await visit(lab, 'internet', unused)).toEqual({ outcome: 'timeout' })
  })
})

/** Packets that were on their way are still taken for life. */
async function dies(stream: Stream): Promise<boolean> {
  return eventually(async () => (await stream.probe(1_000)) === 'dead')
}

describe('streams and load', () => {
  it.each(['websocket', 'slow'] as const)('%s: alive, then silent, then dead', async (sort) => {
    for (const order of [PLAIN, TLS]) {
      const stream = await openWebStream(lab, 'internet', sort, order)
      for (let round = 0; round < 3; round += 1) expect(await stream.probe()).toBe('alive')
      const rule = `ip t c tcp dport ${order.port}`
      const chain = 'add table ip t; add chain ip t c { type filter hook input priority 0; }'
      await lab.must('host', ['nft', `${chain}; add rule ${rule} drop`])
      await lab.must('router', ['ip', 'route', 'add', 'blackhole', `${CLIENT}/32`])
      expect(await stream.probe(150)).toBe('silent')
      await lab.must('router', ['ip', 'route', 'del', 'blackhole', `${CLIENT}/32`])
      await lab.must('host', ['nft', `flush chain ip t c; add rule ${rule} reject with tcp reset`])
      expect(await dies(stream)).toBe(true)
      await lab.must('host', ['nft', 'delete table ip t'])
    }
  })

  it('a load tells how much it did, and what failed', async () => {
    const visits = [PLAIN, TLS].map((order) => ({ ...order, expected: `host:${order.port} peer ` }))
    const fine = await startLoad(lab, 'internet', visits, { workers: 2, pauseMs: 1, maxRequests: 20 })
    expect(await fine.finish()).toEqual({ requests: 20, failures: 0, failed: [] })
    const wrong = { ...PLAIN, expected: 'other:80 ' }
    const bad = await startLoad(lab, 'internet', [wrong], { workers: 1, pauseMs: 5 })
    const report = await bad.stop()
    expect(report).toMatchObject({ requests: 1, failures: 1 })
    expect(report.failed[0]).toMatch(/^a\.example\.org port 80: answered 200 host:80 peer .* at \d+ ms/)
  })
})
