import { describe, expect, it } from 'vitest'
import { memoryHost } from '../../src/system/memory/seed.ts'
import type { Argv } from '../../src/engine/types.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'

const SEED = {
  upstream: 'eth0',
  ipv4: '203.0.113.2/24',
  ipv6: '2001:db8:1:1::2/64',
  gateway4: '203.0.113.1',
  gateway6: 'fe80::1',
  namespaces: ['blog'],
}

async function list(host: MemoryHost, ...argv: Argv): Promise<readonly Record<string, unknown>[]> {
  const parsed: unknown = JSON.parse(await host.query(argv))
  return Array.isArray(parsed) ? parsed : []
}

async function batch(host: MemoryHost, lines: readonly string[], netns?: string): Promise<void> {
  await host.run(
    netns === undefined ? ['ip', '-batch'] : ['ip', '-n', netns, '-batch'],
    `${lines.join('\n')}\n`,
  )
}

const BRIDGE = [
  'link add name br-ct address 02:aa:bb:cc:dd:ee mtu 1400 group 164 up type bridge',
  'link set dev br-ct alias slash64:br-ct',
  'addr replace 10.64.0.1/24 dev br-ct metric 164',
]
const PAIR =
  'link add name w master br-ct group 164 up type veth peer name eth0 address 02:00:00:00:00:01 netns blog'

describe('a seeded host', () => {
  it('has the upstream interface with its addresses and default routes', async () => {
    const host = memoryHost(SEED)
    const links = await list(host, 'ip', '-N', '-j', '-d', 'addr', 'show')
    expect(links.map((link) => link['ifname'])).toEqual(['lo', 'eth0'])
    expect(links[1]?.['addr_info']).toMatchObject([
      { family: 'inet', local: '203.0.113.2', prefixlen: 24, scope: '0' },
      { family: 'inet6', local: '2001:db8:1:1::2', prefixlen: 64, scope: '0' },
      { family: 'inet6', scope: '253' },
    ])
    expect(await list(host, 'ip', '-N', '-j', '-4', 'route', 'show', 'table', 'main')).toEqual([
      { dst: 'default', gateway: '203.0.113.1', dev: 'eth0', protocol: '4', flags: [] },
      { dst: '203.0.113.0/24', dev: 'eth0', protocol: '2', scope: '253', prefsrc: '203.0.113.2', flags: [] },
    ])
    const six = await list(host, 'ip', '-N', '-j', '-6', 'route', 'show', 'table', 'main')
    expect(six.at(-1)).toMatchObject({ dst: 'default', gateway: 'fe80::1', dev: 'eth0', metric: 1024 })
  })

  it('loses a default route learned from router advertisements when forwarding comes without accept_ra=2', async () => {
    const learned = { ...SEED, gateway6Protocol: 9 }
    const careless = memoryHost(learned)
    await careless.writeSysctl('net/ipv6/conf/all/forwarding', '1')
    expect(careless.dump()).not.toContain('"gateway":"fe80::1"')
    const careful = memoryHost(learned)
    await careful.writeSysctl('net/ipv6/conf/eth0/accept_ra', '2')
    await careful.writeSysctl('net/ipv6/conf/all/forwarding', '1')
    expect(careful.dump()).toContain('"gateway":"fe80::1"')
  })
})

describe('links', () => {
  it('reads a container from inside, one JSON document a line', async () => {
    const host = memoryHost(SEED)
    await batch(host, [...BRIDGE, PAIR])
    await batch(host, ['link set dev eth0 up', 'addr add 10.64.0.2/24 dev eth0'], 'blog')
    const text = await host.query(['ip', '-n', 'blog', '-N', '-j', '-d', '-batch', '-'], {
      stdin: 'addr show\nroute show table all\n',
    })
    const [links, routes, rest] = text.split('\n')
    expect(JSON.parse(links ?? '')).toMatchObject([
      { ifname: 'lo' },
      {
        ifname: 'eth0',
        address: '02:00:00:00:00:01',
        link_index: expect.any(Number),
        linkinfo: { info_kind: 'veth' },
      },
    ])
    expect(JSON.parse(routes ?? '')).toContainEqual(
      expect.objectContaining({ dst: '10.64.0.0/24', table: '254', type: '1', protocol: '2' }),
    )
    expect(rest).toBe('')
  })

  it('takes the host end along when the namespace is deleted', async () => {
    const host = memoryHost(SEED)
    await batch(host, [...BRIDGE, PAIR])
    expect(host.dump()).toContain('host link w ')
    await host.run(['ip', 'netns', 'delete', 'blog'])
    expect(host.dump()).not.toContain('host link w ')
    expect(host.dump()).not.toContain('netns blog')
    await expect(
      host.query(['ip', '-n', 'blog', '-N', '-j', '-batch', '-'], { stdin: 'addr show\n' }),
    ).rejects.toMatchObject({
      code: 'not-found',
      detail: 'Cannot open network namespace "blog": No such file or directory',
    })
  })

  it('refuses settings of a bridge port for a link that is not yet one, even when the same line makes it one', async () => {
    const host = memoryHost({ ...SEED, namespaces: [] })
    await batch(host, [...BRIDGE, 'link add name w type veth peer name x'])
    const before = host.dump()
    await expect(
      host.run(['ip', 'link', 'set', 'dev', 'w', 'master', 'br-ct', 'type', 'bridge_slave', 'hairpin', 'on']),
    ).rejects.toMatchObject({
      code: 'other',
      detail: 'RTNETLINK answers: Operation not supported',
      exitCode: 2,
    })
    expect(host.dump()).toBe(before)
  })

  it('makes and deletes namespaces by name', async () => {
    const host = memoryHost()
    await host.run(['ip', 'netns', 'add', 'x'])
    await expect(host.run(['ip', 'netns', 'add', 'x'])).rejects.toMatchObject({ code: 'exists', exitCode: 1 })
    expect(await list(host, 'ip', '-j', 'netns', 'list')).toEqual([{ name: 'x' }])
    await host.run(['ip', 'netns', 'delete', 'x'])
    await expect(host.run(['ip', 'netns', 'delete', 'x'])).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('failing lines', () => {
  it.each([
    ['link add name eth0 type bridge', 'exists', 2],
    ['link delete dev nosuch', 'not-found', 1],
    ['addr add 203.0.113.2/24 dev eth0', 'exists', 2],
    ['addr add 300.0.0.1/24 dev eth0', 'other', 1],
    ['neigh delete proxy 2001:db8::9 dev eth0', 'not-found', 2],
    ['link set dev eth0 mtu many', 'other', 255],
    ['tunnel add x', 'other', 1],
  ] as const)('%s', async (line, code, exitCode) => {
    const host = memoryHost(SEED)
    const before = host.dump()
    await expect(host.run(['ip', ...line.split(' ')])).rejects.toMatchObject({
      code,
      exitCode,
      subject: `ip ${line}`,
    })
    expect(host.dump()).toBe(before)
  })

  it('end a batch, and leave what came before', async () => {
    const host = memoryHost(SEED)
    const lines = ['link set dev eth0 mtu 1400', 'link set dev nosuch up', 'link set dev eth0 mtu 1300']
    await expect(batch(host, lines)).rejects.toMatchObject({
      code: 'not-found',
      exitCode: 1,
      detail: 'Cannot find device "nosuch"\nCommand failed script:2',
    })
    expect((await list(host, 'ip', '-j', 'link', 'show', 'dev', 'eth0'))[0]).toMatchObject({ mtu: 1400 })
  })

  it('a query that would change something is refused and changes nothing', async () => {
    const host = memoryHost(SEED)
    const before = host.dump()
    await expect(host.query(['ip', 'link', 'set', 'dev', 'eth0', 'down'])).rejects.toMatchObject({
      code: 'other',
    })
    await expect(
      host.query(['ip', '-j', '-batch', '-'], { stdin: 'link delete dev eth0\n' }),
    ).rejects.toThrow('must not change')
    await expect(host.query(['nft', 'add table inet x'])).rejects.toThrow('must not change')
    expect(host.dump()).toBe(before)
    expect(host.writes).toEqual([])
  })

  it('what is not modelled is refused, never guessed', async () => {
    const host = memoryHost(SEED)
    await expect(host.query(['ip', 'addr', 'show'])).rejects.toThrow('not modelled')
    await expect(host.run(['ip', 'route', 'add', '10.0.0.0/8', 'dev', 'eth0', 'table', '7'])).rejects.toThrow(
      'not modelled',
    )
    await expect(host.run(['iptables', '-F'])).rejects.toMatchObject({
      code: 'missing-tool',
      subject: 'iptables',
    })
  })
})
