import { describe, expect, test } from 'vitest'
import { change, model, pass, plan, PLACED, route } from '../report/samples.ts'
import { slash64 } from './support.ts'

describe('routes', () => {
  const wanted = model({ routes: [route()] })
  const entry = change({ kind: 'proxy-route', key: 'http blog.example.org' })
  const found = pass({ plan: plan({ changes: [entry] }) })
  const stage = { model: wanted, plan: found, reconcile: found }

  test.each([['plan'], ['reconcile', '--once']])('%s says what DNS they need', async (...argv) => {
    const { out } = await slash64(argv, stage)
    expect(out).toContain('\n  blog.example.org  A 203.0.113.2  AAAA 2001:db8:1:1::1:2 (direct)\n')
    const dns = [
      { host: 'blog.example.org', a: ['203.0.113.2'], aaaa: ['2001:db8:1:1::1:2'], ipv6: 'direct' },
    ]
    expect(JSON.parse((await slash64([...argv, '-o', 'json'], stage)).out)).toMatchObject({ dns })
    expect((await slash64([...argv, '-o', 'markdown'], stage)).out).toContain('| blog.example.org |')
  })

  test('reconcile says it last, because it is what is left to do', async () => {
    const done = pass({ plan: plan({ changes: [entry] }), applied: [entry], remaining: plan() })
    const { out } = await slash64(['reconcile', '--once'], { ...stage, reconcile: done })
    expect(out).toMatch(/\nApplied 1 of 1 change: .*\n\nDNS that the routes above need:\n {2}blog\.[^\n]*\n$/)
    const refused = pass({ plan: plan({ known: false }), lockedBy: 'process 7' })
    expect((await slash64(['reconcile', '--once'], { ...stage, reconcile: refused })).out).toBe('')
  })

  test('status has a line for each', async () => {
    const { out } = await slash64(['status'], stage)
    expect(out).toMatch(/\nblog\.example\.org +blog +10\.64\.0\.2:80 unknown .* drifted\n/)
  })

  test('render shows the files of the proxy, which it has from the engine and not from the host', async () => {
    const rendered = { listeners: ['203.0.113.2:80'], files: { 'haproxy.cfg': 'global\n  daemon\n' } }
    const { out, calls } = await slash64(['render'], { ...stage, rendered })
    expect(out).toContain('    haproxy.cfg: |\n      global\n        daemon\n')
    expect(calls.slice(1)).toEqual(['readFile network.yaml', 'render eth0'])
    const json = await slash64(['render', '-o', 'json'], { ...stage, rendered })
    expect(JSON.parse(json.out)).toHaveProperty('reverseProxy', rendered)
    expect((await slash64(['render'], stage)).out).not.toContain('reverseProxy')
  })
})

describe('a problem that has a place in the file', () => {
  const found = pass({ plan: plan({ problems: [PLACED] }) })
  const stage = { plan: found, reconcile: found }
  const line = 'network.yaml:42:5: error[S64-H017]: port 80 is taken\n'

  test.each([['plan'], ['reconcile', '--once'], ['status', '-q']])('%s says where', async (...argv) => {
    expect((await slash64(argv, stage)).err).toBe(line)
  })

  test.each([['plan'], ['reconcile', '--once'], ['status']])('%s -o json says where', async (...argv) => {
    const { out } = await slash64([...argv, '-o', 'json'], stage)
    const errors = [{ code: 'S64-H017', file: 'network.yaml', line: 42, column: 5 }]
    expect(JSON.parse(out)).toMatchObject({ errors })
  })

  test('status has it in its text', async () => {
    expect((await slash64(['status'], stage)).out).toContain(`\n${line}`)
  })

  test.each([['plan'], ['reconcile', '--once'], ['status']])('%s -o markdown says where', async (...argv) => {
    expect((await slash64([...argv, '-o', 'markdown'], stage)).out).toContain('network.yaml:42:5')
  })
})
