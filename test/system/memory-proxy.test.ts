import { describe, expect, it } from 'vitest'
import { memoryHost } from '../../src/system/memory/seed.ts'
import { SystemError } from '../../src/system/errors.ts'
import { FILES, proxyHost, RUN, START, startedProxy, STATE, toAdmin, toMaster } from './proxy-host.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'

// What haproxy itself does is compared with it in test/conformance/proxy-vs-haproxy.test.ts; here is the rest.

const PS = ['ps', '-ww', '-o', 'pid=,netns=,args=', '-p', '1', '-C', 'haproxy'] as const
const SS = ['ss', '-H', '-ltnp', '( sport = :80 or sport = :443 )'] as const
const HTTP = { address: '203.0.113.2', port: 80 }
const GENERATION = 'GET /.well-known/slash64/generation HTTP/1.0\r\n\r\n'

describe('the seed', () => {
  it('has a user for the proxy, and root’s own user namespace', async () => {
    const host = memoryHost()
    expect(await host.readFile('/etc/passwd')).toContain('\nhaproxy:x:105:112:')
    expect(await host.readFile('/proc/self/uid_map')).toBe('         0          0 4294967295\n')
    expect(await host.readFile('/proc/self/gid_map')).toBe(await host.readFile('/proc/self/uid_map'))
  })

  it('says where files are kept', () => {
    expect(memoryHost().places).toEqual({
      stateDir: '/var/lib/slash64',
      runDir: '/run/slash64',
      network: '4026531840',
    })
    const places = { stateDir: '/a', runDir: '/b', network: '1' }
    expect(memoryHost({ places }).places).toEqual(places)
  })

  it('installs a version of haproxy, or none', async () => {
    const text = await memoryHost().query(['haproxy', '-v'])
    expect(text.split('\n')[0]).toBe('HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/')
    expect(await memoryHost({ haproxy: '3.0.5' }).query(['haproxy', '-v'])).toMatch(
      /^HAProxy version 3\.0\.5 /,
    )
    const missing = { code: 'missing-tool', subject: 'haproxy' }
    await expect(memoryHost({ haproxy: null }).query(['haproxy', '-v'])).rejects.toMatchObject(missing)
    await expect(proxyHost({ haproxy: null }).run(START)).rejects.toMatchObject(missing)
  })

  it('lets other programs listen, also later', async () => {
    const apache = { address: '*', port: 80, program: 'apache2', pid: 42 }
    const host = memoryHost({ listeners: [apache, { ...apache, port: 8080 }] })
    expect(await host.query(SS)).toBe('LISTEN 0      4096   *:80 *:* users:(("apache2",pid=42,fd=7))\n')
    host.world.proxy.listeners = []
    expect(await host.query(SS)).toBe('')
    host.world.proxy.listeners.push({ address: '::', port: 443, program: 'x', pid: 1 })
    expect(await host.query(SS)).toContain(' [::]:443 [::]:* ')
  })
})

describe('what is a change', () => {
  it('is a start, a reload, a signal and what is said to change the process; the rest only looks', async () => {
    const host = proxyHost()
    await host.query(['haproxy', '-c', ...FILES])
    await host.run(['haproxy', '-c', ...FILES])
    await host.makeDirectory('/run/slash64', 0o700)
    await host.run(START)
    await host.query(PS)
    await toAdmin(host, 'show map http.map;add map http.map a b;del map http.map a')
    await toMaster(host, 'show proc;quit')
    await toMaster(host, 'reload')
    const pid = (await host.readFile(`${RUN}/haproxy.pid`)).trim()
    await host.run(['kill', '-USR1', pid])
    await host.removeTree('/run/slash64')
    expect(host.writes).toEqual([
      'mkdir /run/slash64',
      START.join(' '),
      'haproxy add map http.map a b',
      'haproxy del map http.map a',
      'haproxy reload',
      `kill -USR1 ${pid}`,
      'remove-tree /run/slash64',
    ])
  })

  it('cannot be asked for by a query', async () => {
    const host = proxyHost()
    await expect(host.query(START)).rejects.toMatchObject({ code: 'other' })
    await expect(host.query(['kill', '-TERM', '1'])).rejects.toMatchObject({ code: 'other' })
    expect(await host.query(SS)).toBe('')
  })

  it.each([
    [['haproxy', '-W', '-f', '/x']],
    [['haproxy', '-vv']],
    [['ss', '-ltnp']],
    [['ps', 'aux']],
    [['kill', '-HUP', '1']],
    [['kill', '-TERM', 'x']],
    [['kill', '-TERM']],
  ] as const)('is refused where it is not modelled: %j', async (argv) => {
    await expect(proxyHost().run(argv)).rejects.toMatchObject({ exitCode: 255 })
  })
})

describe('faults', () => {
  const FAULT = new SystemError({ code: 'timeout', subject: 'x', detail: 'injected' })

  it.each([
    ['a start', 'haproxy -W', async (host: MemoryHost) => host.run(START)],
    ['a check', 'haproxy -c', async (host: MemoryHost) => host.run(['haproxy', '-c', ...FILES])],
    ['a command', 'haproxy add map', async (host: MemoryHost) => toAdmin(host, 'add map http.map a b')],
    ['a connection', 'exchange /run', async (host: MemoryHost) => toAdmin(host, 'show map http.map')],
    ['a reload', 'haproxy reload', async (host: MemoryHost) => toMaster(host, 'reload')],
    ['a directory', 'mkdir', async (host: MemoryHost) => host.makeDirectory('/x', 0o700)],
    ['a removal', 'remove-tree', async (host: MemoryHost) => host.removeTree(STATE)],
  ] as const)('hit %s, once, and nothing changes', async (_, start, effect) => {
    const host = await startedProxy()
    const before = host.dump()
    host.failNext((command) => command.startsWith(start), FAULT)
    await expect(effect(host)).rejects.toBe(FAULT)
    expect(host.dump()).toBe(before)
    await expect(effect(host)).resolves.not.toThrow()
  })
})

describe('the process', () => {
  it('lives on when nobody knows it any more, and can be killed', async () => {
    const host = await startedProxy()
    await host.removeTree(RUN)
    await expect(toAdmin(host, 'get var proc.slash64')).rejects.toMatchObject({ code: 'not-found' })
    expect(await host.exchange(HTTP, GENERATION)).toMatch(/\r\n\r\none\n$/)
    expect((await host.query(PS)).match(/slash64\/proxy\/haproxy\.cfg/g)).toHaveLength(2)
    host.killProxy()
    expect(await host.query(PS)).toBe('    1 4026531840 /sbin/init\n')
    await expect(host.exchange(HTTP, GENERATION)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('answers on addresses that a link has, and to requests that end', async () => {
    const host = await startedProxy()
    const late = { code: 'timeout' }
    await expect(host.exchange(HTTP, 'GET / HTTP/1.1\r\n\r\n')).rejects.toMatchObject(late)
    await expect(host.exchange(HTTP, 'GET / HTTP/1.0\r\n')).rejects.toMatchObject(late)
    await expect(host.exchange(`${RUN}/admin.sock`, 'show map http.map')).rejects.toMatchObject(late)
    await host.run(['ip', 'addr', 'del', '203.0.113.2/24', 'dev', 'eth0'])
    await expect(host.exchange(HTTP, GENERATION)).rejects.toMatchObject(late)
  })

  it('of another program answers something else', async () => {
    const host = memoryHost({ listeners: [{ address: '127.0.0.1', port: 80, program: 'nginx', pid: 3 }] })
    expect(await host.exchange({ address: '127.0.0.1', port: 80 }, GENERATION)).toMatch(/^HTTP\/1\.1 404 /)
    const elsewhere = { address: '127.0.0.1', port: 81 }
    await expect(host.exchange(elsewhere, GENERATION)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('shares a port with a program that shares it', async () => {
    const foreign = { address: '*', port: 80, program: 'haproxy', pid: 9 }
    await expect(startedProxy({ listeners: [foreign] })).rejects.toMatchObject({ exitCode: 1 })
    const host = await startedProxy({ listeners: [{ ...foreign, shares: true }] })
    expect((await host.query(SS)).trim().split('\n')).toHaveLength(2)
    expect(await host.query(PS)).toContain(
      '    9 4026531840 /usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg',
    )
  })

  it('counts the time on the clock of the host', async () => {
    const host = await startedProxy()
    await host.pause(3_600_000 * 25 + 61_000)
    expect(await toMaster(host, 'show proc;quit')).toContain(' 1d01h01m01s ')
    expect(await toAdmin(host, 'show servers state')).toContain(' 1 1 90061 ')
  })

  it('knows what its checks find, until the next reload', async () => {
    const host = await startedProxy()
    const column = async () => /10\.64\.0\.2 (\d)/.exec(await toAdmin(host, 'show servers state'))?.[1]
    host.setServerHealth('b-web', 'down')
    expect(await column()).toBe('0')
    await toMaster(host, 'reload')
    expect(await column()).toBe('2')
  })
})

describe('dump', () => {
  it('shows the proxy without process ids', async () => {
    const host = await startedProxy()
    await toAdmin(host, 'add map http.map live.example.org b-web')
    const dump = host.dump()
    expect(dump).toContain(`bind 203.0.113.2 80\n`)
    expect(dump).toContain('var proc.slash64 one\n')
    expect(dump).toContain('map http.map live.example.org b-web\n')
    expect(dump).toContain('server b-web/s 10.64.0.2 80 unknown\n')
    expect(dump).toContain(`socket ${RUN}/admin.sock\n`)
    expect(dump).toContain(`file ${RUN}/haproxy.pid (a process id)\n`)
    expect(dump.split('\n').slice(0, -1)).toEqual(dump.split('\n').slice(0, -1).toSorted())
  })

  it('is alike after a restart and after a reload', async () => {
    const host = await startedProxy()
    const before = host.dump()
    await toMaster(host, 'reload')
    expect(host.dump()).toBe(before)
    host.killProxy()
    expect(host.dump()).not.toBe(before)
    await host.run(START)
    expect(host.dump()).toBe(before)
  })

  it('of what is foreign leaves the proxy out, and shows who else listens', async () => {
    const host = proxyHost()
    const before = host.snapshotForeign()
    await host.run(START)
    expect(host.snapshotForeign()).toBe(before)
    host.world.proxy.listeners.push({ address: '0.0.0.0', port: 8080, program: 'nginx', pid: 5 })
    expect(host.snapshotForeign()).toContain('listener 0.0.0.0 8080 nginx\n')
  })
})
