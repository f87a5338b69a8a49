import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endHaproxies, findHaproxies } from './haproxies.ts'
import { createLab, type Lab } from './lab.ts'
import { eventually, runCommand } from './process.ts'
import { curl } from './curl.ts'
import { ADDRESSES } from './topology.ts'
import { serveWeb, visit } from './web.ts'

/** Two sites told apart by Host and by SNI, as short as it can be. */
function configuration(folder: string): string {
  return `global
    stats socket '${folder}/admin.sock' mode 600 level admin expose-fd listeners
defaults
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend http
    mode http
    bind ${ADDRESSES.host}:80
    http-request return status 421 unless { req.hdr(host) one.example.org }
    default_backend one
frontend tls
    mode tcp
    bind ${ADDRESSES.host}:443
    tcp-request inspect-delay 5s
    tcp-request content reject unless { req.ssl_sni one.example.org }
    tcp-request content accept if { req.ssl_hello_type 1 }
    default_backend two
backend one
    mode http
    server s 127.0.0.1:8080 send-proxy check inter 100ms
backend two
    mode tcp
    server s 127.0.0.1:8443 send-proxy-v2 check inter 100ms
`
}

let lab: Lab
beforeEach(async () => {
  lab = await createLab()
})
afterEach(async () => lab.destroy())

async function start(of: Lab): Promise<void> {
  const folder = join(of.directory, 'hand')
  mkdirSync(folder)
  writeFileSync(join(folder, 'haproxy.cfg'), configuration(folder))
  const files = ['-f', join(folder, 'haproxy.cfg'), '-p', join(folder, 'pid')]
  await of.must('host', ['haproxy', '-W', '-D', ...files, '-S', `${join(folder, 'master.sock')},mode,600`])
  expect(await eventually(() => findHaproxies(of.directory).length === 2)).toBe(true)
}

describe("a lab's haproxy", () => {
  it('passes on what the web tools send, with the true client in front', async () => {
    await serveWeb(lab, 'host', 8080, { proxyProtocol: 'v1' })
    await serveWeb(lab, 'host', 8443, { proxyProtocol: 'v2', certificate: 'one.example.org' })
    await start(lab)
    const plain = await curl(lab, 'internet', ADDRESSES.host, 'http://one.example.org/')
    const client = { address: ADDRESSES.internet, port: expect.any(Number) }
    expect(JSON.parse(plain.body)).toMatchObject({ peer: { address: '127.0.0.1' }, client })
    expect(await curl(lab, 'internet', ADDRESSES.host, 'http://x.example.org/')).toMatchObject({
      status: 421,
    })
    const order = { address: ADDRESSES.host, port: 443, tls: true, host: 'one.example.org' }
    const body = expect.stringMatching(/^host:8443 peer 198\.51\.100\.10:\d+$/)
    for (const more of [{}, { padding: 1_700 }, { cuts: [5, 40, 60, 100], pauseMs: 100 }])
      expect(await visit(lab, 'internet', { ...order, ...more })).toMatchObject({ body })
    const other = { ...order, servername: 'x.example.org' }
    expect(await visit(lab, 'internet', other)).toEqual({ outcome: 'closed' })
  })

  it('is found by its files, master and worker, and nobody else’s is', async () => {
    const other = await createLab()
    try {
      await Promise.all([start(lab), start(other)])
      const [one, two] = [findHaproxies(lab.directory), findHaproxies(other.directory)]
      expect(one.map(({ pid }) => pid)).not.toEqual(two.map(({ pid }) => pid))
      const master = one.find(({ pid }) => one.some(({ parent }) => parent === pid))
      expect(one.filter(({ parent }) => parent === master?.pid)).toHaveLength(1)
      endHaproxies(lab.directory)
      expect(findHaproxies(lab.directory)).toEqual([])
      expect(findHaproxies(other.directory)).toEqual(two)
    } finally {
      await other.destroy()
    }
    expect(findHaproxies(other.directory)).toEqual([])
  })

  it('ends with the process that raised the lab, when a test has failed and nothing was cleared up', async () => {
    const script = `
      import { createLab } from './test/lab/lab.ts'
      import { writeFileSync } from 'node:fs'
      const lab = await createLab()
      const file = lab.directory + '/haproxy.cfg'
      writeFileSync(file, 'defaults\\n timeout client 1s\\nfrontend f\\n mode tcp\\n bind :80\\n')
      await lab.must('host', ['haproxy', '-W', '-D', '-f', file])
      console.log(lab.directory)
      throw new Error('a test has failed')`
    const bundled = ['npx', 'esbuild', '--format=esm', '--platform=node', '--bundle', '--log-level=error']
    const code = await runCommand([...bundled, '--sourcefile=a.ts', '--loader=ts'], { input: script })
    expect(code.stderr).not.toContain('ERROR')
    const { stdout, exitCode } = await runCommand([process.execPath, '--input-type=module'], {
      input: code.stdout,
    })
    expect(exitCode).toBe(1)
    const directory = stdout.trim()
    expect(directory).toMatch(/slash64-lab-/)
    expect(findHaproxies(directory)).toEqual([])
    expect(existsSync(directory)).toBe(false)
  })
})
