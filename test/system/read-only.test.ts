import { describe, expect, it } from 'vitest'
import { memoryHost } from '../../src/system/memory/seed.ts'
import { readOnly } from '../../src/system/read-only.ts'
import type { Argv } from '../../src/engine/types.ts'
import { recordingSystem } from '../support/recording-system.ts'
import type { System } from '../../src/system/port.ts'

interface Query {
  readonly argv: Argv
  readonly stdin?: string
  readonly answers?: readonly number[]
}

const READS: readonly Query[] = [
  { argv: ['ip', '-N', '-j', '-d', 'addr', 'show'] },
  { argv: ['ip', '-N', '-j', '-4', 'route', 'show', 'table', 'main'] },
  { argv: ['ip', '-N', '-j', '-6', 'neigh', 'show', 'proxy'] },
  { argv: ['ip', '-n', 'blog', '-N', '-j', '-d', '-batch', '-'], stdin: 'addr show\nroute show table all\n' },
  { argv: ['ip', '-j', 'netns', 'list'] },
  { argv: ['nft', '-j', '-n', '-s', 'list', 'ruleset'] },
  { argv: ['conntrack', '-L', '-p', 'tcp', '-f', 'ipv4'] },
  { argv: ['haproxy', '-v'] },
  { argv: ['ss', '-H', '-ltnp', '( sport = :80 or sport = :443 )'] },
  { argv: ['ps', '-ww', '-o', 'pid=,netns=,args=', '-p', '1', '-C', 'haproxy'] },
  { argv: ['lxc-info', '-n', 'blog', '-H', '-s', '-p'], answers: [1, 125] },
  { argv: ['docker', '--context', 'default', 'container', 'inspect', 'blog', 'web_1.x'], answers: [1, 125] },
  { argv: ['podman', 'container', 'inspect', 'blog'], answers: [1, 125] },
  { argv: ['incus', 'list', 'local:', '--project', 'default', '--format', 'json'] },
  { argv: ['machinectl', 'show', 'web', '-p', 'Name', '-p', 'Leader', '-p', 'State'], answers: [1, 125] },
]

const WRITES: readonly Query[] = [
  { argv: ['ip', 'link', 'set', 'dev', 'eth0', 'down'] },
  { argv: ['ip', '-n', 'blog', 'link', 'set', 'dev', 'lo', 'up'] },
  { argv: ['ip', 'netns', 'add', 'show'] },
  { argv: ['ip', '-j', 'netns', 'exec', 'blog', 'reboot'] },
  { argv: ['ip', 'l', 'sh'] },
  { argv: ['ip', '-j', '-batch', '-'], stdin: 'addr show\nlink delete dev eth0\n' },
  { argv: ['ip', '-j', '-batch', '/tmp/script'], stdin: 'addr show\n' },
  { argv: ['ip', '-force', '-j', '-batch', '-'], stdin: 'addr show\n' },
  { argv: ['ip', '-j', '-batch', '-', 'more'], stdin: 'addr show\n' },
  { argv: ['ip'] },
  { argv: ['nft', '-j', 'add', 'table', 'inet', 'x'] },
  { argv: ['nft', '-j', 'list tables; add table inet x'] },
  { argv: ['nft', '-j', 'list tables\nadd table inet x'] },
  { argv: ['nft', '-j', '-f', '/tmp/list'] },
  { argv: ['nft', 'add table inet x-probe { flags owner, persist; }'] },
  { argv: ['nft', '-c', '-f', '/tmp/script'] },
  { argv: ['nft', '-c', 'add table inet x', '-i'] },
  { argv: ['nft', '-c', 'add table inet x { flags persist; }; flush ruleset'] },
  { argv: ['nft', 'list', 'ruleset'] },
  { argv: ['nft', '-j', 'listless'] },
  { argv: ['conntrack', '-D', '-p', 'tcp'] },
  { argv: ['conntrack', '-L', '-D'] },
  { argv: ['haproxy', '-W', '-D', '-f', 'x'] },
  { argv: ['haproxy', '-v', '-f', 'x'] },
  { argv: ['ss', '-K', 'dst', '10.0.0.1'] },
  { argv: ['ss', '-HK', 'dst', '10.0.0.1'] },
  { argv: ['ss', '--kill', 'dst', '10.0.0.1'] },
  { argv: ['kill', '-TERM', '1'] },
  { argv: ['systemctl', 'start', 'slash64-proxy.service'] },
  { argv: ['sysctl', '-w', 'net.ipv4.ip_forward=1'] },
  { argv: ['cat', '/etc/passwd'] },
  { argv: ['lxc-info', '-n', '--version', '-H', '-s', '-p'] },
  { argv: ['lxc-stop', '-n', 'blog'] },
  { argv: ['docker', 'container', 'inspect', 'blog'] },
  { argv: ['docker', '--context', 'default', 'container', 'inspect', '--size', 'blog'] },
  { argv: ['docker', '--context', 'default', 'container', 'rm', 'blog'] },
  { argv: ['docker', '--context', 'default', 'container', 'inspect'] },
  { argv: ['podman', 'container', 'inspect', '-l'] },
  { argv: ['incus', 'list', 'elsewhere:', '--project', 'default', '--format', 'json'] },
  { argv: ['incus', 'delete', 'blog'] },
  { argv: ['machinectl', 'show', '-H', '-p', 'Name', '-p', 'Leader', '-p', 'State'] },
  { argv: ['machinectl', 'terminate', 'web'] },
]

describe('readOnly', () => {
  it.each(READS)('passes $argv', async ({ argv, ...asked }) => {
    const host = memoryHost({ namespaces: ['blog'] })
    expect(await readOnly(host).query(argv, asked)).toBe(await host.query(argv, asked))
  })

  it('passes a question of containers below another path', async () => {
    const argv: Argv = ['lxc-info', '-P', '/srv/lxc', '-n', 'blog', '-H', '-s', '-p']
    expect(await readOnly(recordingSystem({ query: () => 'yes' })).query(argv)).toBe('yes')
  })

  it('passes a question to nft whether something could be done', async () => {
    const asked = recordingSystem({ query: () => 'yes' })
    const argv: Argv = ['nft', '-c', 'add table inet x-probe { flags owner, persist; }']
    expect(await readOnly(asked).query(argv)).toBe('yes')
  })

  it.each(WRITES)('refuses $argv, whether it comes as a query or as a run', async ({ argv, stdin }) => {
    const host = memoryHost({ namespaces: ['blog'] })
    const system = readOnly(host)
    const refusal = { code: 'read-only', subject: argv.join(' ') }
    await expect(system.query(argv, { ...(stdin !== undefined && { stdin }) })).rejects.toMatchObject(refusal)
    await expect(system.run(argv, stdin)).rejects.toMatchObject(refusal)
    expect([...host.reads, ...host.writes]).toEqual([])
  })

  it.each(['show map http.map\n', 'get var proc.x\n', 'show proc;show map a\n', 'show map #1\n'])(
    'asks a socket %j',
    async (request) => {
      const system = readOnly(recordingSystem({ exchange: () => 'answer' }))
      expect(await system.exchange('/run/x.sock', request)).toBe('answer')
    },
  )

  it.each([
    'reload\n',
    'add map a b c\n',
    'show map a;del map a b\n',
    'show map a\ndel map a b\n',
    'set server a/b state maint\n',
    'GET / HTTP/1.0\r\n\r\n',
    '',
  ])('does not say %j to a socket', async (request) => {
    const host = recordingSystem({ exchange: () => 'answer' })
    await expect(readOnly(host).exchange('/run/x.sock', request)).rejects.toMatchObject({ code: 'read-only' })
    expect(host.queries).toEqual([])
  })

  it('makes and removes no directory', async () => {
    const host = recordingSystem()
    const system = readOnly(host)
    await expect(system.makeDirectory('/x', 0o700)).rejects.toMatchObject({ code: 'read-only' })
    await expect(system.removeTree('/x')).rejects.toMatchObject({ code: 'read-only' })
    expect(host.calls).toEqual([])
  })

  it('refuses even a run that would only read', async () => {
    await expect(readOnly(memoryHost()).run(['ip', '-j', 'addr', 'show'])).rejects.toMatchObject({
      code: 'read-only',
    })
  })

  it('passes reads of files, sysctls and the clock', async () => {
    const host = memoryHost({ files: { '/f': 'x' } })
    const system = readOnly(host)
    expect(await system.readFile('/f')).toBe('x')
    expect(await system.readSysctl('net/ipv4/ip_forward')).toBe('0')
    expect(system.now()).toEqual(host.now())
    expect(system.monotonic()).toBe(host.monotonic())
    await expect(system.readFile('/g')).rejects.toMatchObject({ code: 'not-found' })
  })

  it.each<[string, (system: System) => Promise<unknown>, string]>([
    [
      'sysctls',
      async (system) => system.writeSysctl('net/ipv4/ip_forward', '1'),
      '/proc/sys/net/ipv4/ip_forward',
    ],
    ['files', async (system) => system.writeFile('/f', 'y'), '/f'],
    ['removals', async (system) => system.removeFile('/f'), '/f'],
    ['the lock', async (system) => system.lock(), 'the lock'],
  ])('refuses %s and names them', async (_, effect, subject) => {
    const host = memoryHost({ files: { '/f': 'x' } })
    await expect(effect(readOnly(host))).rejects.toMatchObject({ code: 'read-only', subject })
    expect(host.writes).toEqual([])
  })
})
