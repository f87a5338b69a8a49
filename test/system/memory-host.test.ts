import { describe, expect, it } from 'vitest'
import { memoryHost } from '../../src/system/memory/seed.ts'
import { SystemError } from '../../src/system/errors.ts'

const TIMEOUT = new SystemError({ code: 'timeout', subject: 'ip', detail: 'injected' })

describe('writes', () => {
  it('are logged one by one: lines, statements, sysctls, files', async () => {
    const host = memoryHost({ namespaces: ['blog'] })
    await host.run(['ip', '-batch'], 'link set dev eth0 mtu 1400\n\nlink set dev eth0 group 5\n')
    await host.run(['ip', '-n', 'blog', '-batch'], 'link set dev lo up\n')
    await host.run(['nft', '-f'], 'add table inet a\nadd chain inet a b\n')
    await host.writeSysctl('net/ipv4/ip_forward', '1')
    await host.writeFile('/var/lib/x', 'y')
    await host.removeFile('/var/lib/x')
    expect(host.writes).toEqual([
      'ip link set dev eth0 mtu 1400',
      'ip link set dev eth0 group 5',
      'ip -n blog link set dev lo up',
      'nft add table inet a',
      'nft add chain inet a b',
      'sysctl net/ipv4/ip_forward=1',
      'write /var/lib/x',
      'remove /var/lib/x',
    ])
  })

  it('reads are no writes', async () => {
    const host = memoryHost()
    await host.query(['ip', '-N', '-j', '-6', 'neigh', 'show', 'proxy'])
    await host.query(['conntrack', '-L', '-p', 'tcp'])
    await host.readSysctl('net/ipv4/ip_forward')
    expect(host.writes).toEqual([])
    expect(host.reads).toHaveLength(3)
  })
})

describe('faults', () => {
  it('hit one line of a batch once; the lines before it are done', async () => {
    const host = memoryHost()
    host.failNext((command) => command.includes('group 5'), TIMEOUT)
    const script = 'link set dev eth0 mtu 1400\nlink set dev eth0 group 5\n'
    await expect(host.run(['ip', '-batch'], script)).rejects.toBe(TIMEOUT)
    expect(host.dump()).toContain('"mtu":1400,"group":0')
    await host.run(['ip', '-batch'], script)
    expect(host.dump()).toContain('"mtu":1400,"group":5')
  })

  it('hit one statement, and with it the whole transaction', async () => {
    const host = memoryHost()
    host.failNext((command) => command.startsWith('nft add chain'), TIMEOUT)
    await expect(host.run(['nft', '-f'], 'add table inet a\nadd chain inet a b\n')).rejects.toBe(TIMEOUT)
    expect(host.dump()).not.toContain('nft inet a')
  })

  it.each(['query', 'whole run', 'sysctl read', 'sysctl write', 'file write', 'file read'])(
    'hit a %s',
    async (what) => {
      const host = memoryHost({ files: { '/f': 'x' } })
      const before = host.dump()
      host.failNext(() => true, TIMEOUT)
      const effects: Readonly<Record<string, () => Promise<unknown>>> = {
        query: async () => host.query(['ip', '-j', 'addr', 'show']),
        'whole run': async () => host.run(['ip', '-batch'], 'link set dev eth0 mtu 1400\n'),
        'sysctl read': async () => host.readSysctl('net/ipv4/ip_forward'),
        'sysctl write': async () => host.writeSysctl('net/ipv4/ip_forward', '1'),
        'file write': async () => host.writeFile('/f', 'y'),
        'file read': async () => host.readFile('/f'),
      }
      await expect(effects[what]?.()).rejects.toBe(TIMEOUT)
      expect(host.dump()).toBe(before)
      await expect(effects[what]?.()).resolves.not.toThrow()
    },
  )
})

describe('files, sysctls, lock and clock', () => {
  it('keeps files', async () => {
    const host = memoryHost({ files: { '/a': '1' } })
    expect(await host.readFile('/a')).toBe('1')
    await host.writeFile('/a', '2')
    expect(await host.readFile('/a')).toBe('2')
    await host.removeFile('/a')
    await expect(host.readFile('/a')).rejects.toMatchObject({ code: 'not-found', subject: '/a' })
  })

  it('has the sysctls of its interfaces, and no others', async () => {
    const host = memoryHost()
    expect(await host.readSysctl('net/ipv6/neigh/eth0/proxy_delay')).toBe('80')
    await expect(host.writeSysctl('net/ipv6/conf/nosuch/proxy_ndp', '1')).rejects.toMatchObject({
      code: 'not-found',
      subject: '/proc/sys/net/ipv6/conf/nosuch/proxy_ndp',
    })
    await expect(host.writeSysctl('net/ipv4/ip_forward', 'yes')).rejects.toMatchObject({
      code: 'other',
      detail: 'Invalid argument',
    })
    expect(host.dump()).not.toContain('sysctl')
    await host.writeSysctl('net/ipv6/conf/eth0/proxy_ndp', '1')
    expect(host.dump()).toContain('host sysctl net/ipv6/conf/eth0/proxy_ndp=1\n')
  })

  it('has one holder of a lock at a time', async () => {
    const host = memoryHost()
    const lock = await host.lock()
    await expect(host.lock()).rejects.toMatchObject({ code: 'busy' })
    await lock.release()
    await expect(host.lock()).resolves.toBeDefined()
  })

  it('has a clock that only a test moves', () => {
    const host = memoryHost({ now: new Date('2026-05-01T00:00:00Z') })
    host.advance(1500)
    expect(host.now().toISOString()).toBe('2026-05-01T00:00:01.500Z')
  })

  it('answers a deletion of connections as conntrack does when there is none', async () => {
    const host = memoryHost()
    expect(await host.query(['conntrack', '-L', '-p', 'tcp', '-f', 'ipv4'])).toBe('')
    await expect(host.run(['conntrack', '-D', '-p', 'tcp', '--dport', '80'])).rejects.toMatchObject({
      code: 'not-found',
      exitCode: 1,
    })
  })
})

describe('dump', () => {
  it('is alike for worlds that were built in another order, and names no index or handle', async () => {
    const one = memoryHost()
    const other = memoryHost()
    const lines = [
      'link add name b1 address 02:00:00:00:00:01 type bridge',
      'link add name b2 address 02:00:00:00:00:02 type bridge',
    ]
    await one.run(['ip', '-batch'], lines.join('\n'))
    await other.run(['ip', '-batch'], lines.toReversed().join('\n'))
    expect(one.dump()).toBe(other.dump())
    expect(one.dump()).not.toMatch(/ifindex|handle/)
  })

  it('of what is foreign leaves out what bears our mark, and only that', async () => {
    const host = memoryHost({ ipv6: '2001:db8::2/64' })
    const before = host.snapshotForeign()
    const ours = [
      'link add name br address 02:00:00:00:00:01 group 164 up type bridge',
      'link set dev br alias slash64:br',
      'addr add 10.64.0.1/24 dev br',
      'route add unreachable 2001:db8:7::/112 proto 164 metric 4096',
      'neigh add proxy 2001:db8::9 dev eth0 protocol 164',
    ]
    await host.run(['ip', '-batch'], ours.join('\n'))
    await host.run(['nft', 'add table inet slash64'])
    await host.writeSysctl('net/ipv4/ip_forward', '1')
    expect(host.snapshotForeign()).toBe(before)
    await host.run(['ip', 'neigh', 'add', 'proxy', '2001:db8::8', 'dev', 'eth0'])
    expect(host.snapshotForeign()).not.toBe(before)
  })
})
