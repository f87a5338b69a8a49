import { beforeEach, describe, expect, it } from 'vitest'
import type { MemoryHost } from '../../../src/system/memory/host.ts'
import { freshHost } from '../../support/memory.ts'
import { PLACES } from '../../support/model.ts'
import { BACKEND, entry, FIRST, PROXY, proxyOn, SECTION } from './support.ts'

let host: MemoryHost
let proxy: ReturnType<typeof proxyOn>
beforeEach(() => {
  host = freshHost()
  proxy = proxyOn(host)
})

describe('what the process can take as it runs', () => {
  beforeEach(async () => {
    await proxy.succeed(...FIRST)
    host.writes.length = 0
    host.reads.length = 0
  })

  it('entries: file first, then one line to the process; no check, no reload', async () => {
    await proxy.succeed(entry('www.example.org', BACKEND.name), entry('blog.example.org'))
    expect(proxy.file('http.map')).toBe(`www.example.org ${BACKEND.name}\n`)
    expect(host.writes.findIndex((write) => write === `write ${PROXY}/http.map`)).toBe(0)
    const said = host.reads.filter((read) => read.includes('admin.sock') && / map http.map /.test(`${read} `))
    expect(said.at(-1)).toMatch(/add map http.map www.example.org \S+;del map http.map blog.example.org$/)
    expect(host.world.proxy.instances[0]?.reloads).toBe(0)
  })

  it('an entry that the process has lost is added, one that it has is set, one that is gone already is left', async () => {
    await host.exchange(`${PLACES.runDir}/proxy/admin.sock`, 'del map http.map blog.example.org\n')
    await proxy.succeed(entry('blog.example.org', BACKEND.name), entry('never.example'))
    await proxy.succeed(entry('blog.example.org', 'redirect'))
    expect(await host.exchange(`${PLACES.runDir}/proxy/admin.sock`, 'show map http.map\n')).toMatch(
      /^0x\w+ blog.example.org redirect\n\n$/,
    )
  })

  it('an address: the server is moved, and taken back into service', async () => {
    const live = { address: '10.64.0.9', port: 8080 }
    const text = SECTION.replace('10.64.0.2', '10.64.0.9')
    await proxy.succeed({ tool: 'haproxy', op: 'backend', name: BACKEND.name, text, live })
    expect(proxy.file('backends.cfg')).toContain('10.64.0.9:8080')
    expect(host.world.proxy.instances[0]?.reloads).toBe(0)
    const address = await host.exchange(`${PLACES.runDir}/proxy/admin.sock`, 'show servers state\n')
    expect(address).toContain(' s 10.64.0.9 ')
  })

  it('a refusal is told with the command', async () => {
    const live = { address: '10.64.0.9', port: 8080 }
    const message = await proxy.fail({
      tool: 'haproxy',
      op: 'backend',
      name: 'http-none',
      text: SECTION,
      live,
    })
    expect(message).toMatch(/^set server http-none\/s addr 10.64.0.9 port 8080.*: .*[Nn]o such/)
  })

  it('a name that no command could hold is taken out by a reload', async () => {
    await proxy.succeed(entry('#'))
    expect(host.world.proxy.instances[0]?.reloads).toBe(1)
  })

  it('a thousand entries are few lines', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => entry(`site-${index}.example.org`, BACKEND.name))
    await proxy.succeed(...many)
    const said = host.reads.filter((read) => read.includes('add map'))
    expect(said.length).toBeLessThan(20)
    expect(Math.max(...said.map((read) => read.length))).toBeLessThan(9_000)
  })
})
