import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { createLab, type Lab, type Stream } from '../lab/lab.ts'
import type { Result } from '../lab/process.ts'
import { container, expectExit, forward, HOST, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'
import { startProgram, type HostProgram } from './lockout-programs.ts'

/** The administrator comes from the internet by IPv4, and from the provider's link by IPv6. */
const NEIGHBOUR = '2001:db8:1:1::77:5'

const NETWORKS = { 'br-ct': { ipv6: '::1:0/112', ipv4: '10.64.0.0/24' } }
const FORWARDS = [forward('2222/tcp -> blog:22')]

/** Files by what is wrong with them, and the code that says so; each is an edit of one that is in force. */
type Row = readonly [what: string, code: string, parts: Partial<Config>]

/** br-ct with another private subnet, its containers moved along. */
function moved(ipv4: string, ipv6 = '::1:0/112'): Partial<Config> {
  return { networks: { 'br-ct': { ipv6, ipv4 } } }
}

function second(ipv4: string): Partial<Config> {
  return { networks: { ...NETWORKS, 'br-two': { ipv4 } } }
}

function slice(ipv6: string): Partial<Config> {
  return { networks: { ...NETWORKS, 'br-two': { ipv6 } } }
}

function forwards(...texts: readonly string[]): Partial<Config> {
  return { nat: { forwards: [...FORWARDS, ...texts.map((text) => forward(text))] } }
}

function upstream(ipv4: string, more: Partial<Config> = {}): Partial<Config> {
  return { upstream: { interface: 'eth0', ipv4 }, ...more }
}

function prefix(cidr: string): Partial<Config> {
  return { prefix: { cidr, delivery: 'on-link' } }
}

const ROWS: readonly Row[] = [
  ['a network over the administrator', 'S64-G010', moved('198.51.100.0/24')],
  ['a small one', 'S64-G010', moved('198.51.100.8/29')],
  ['a /8 over the administrator', 'S64-G010', moved('198.0.0.0/8')],
  ['a new network over the administrator', 'S64-G010', second('198.51.100.0/25')],
  ['half of the uplink’s subnet', 'S64-G010', moved('203.0.113.128/25')],
  ['a few addresses of the uplink’s link', 'S64-G010', second('203.0.113.64/29')],
  ['the on-link next hop of another table', 'S64-G010', moved('172.31.1.0/24')],
  ['a /12 over that next hop', 'S64-G010', second('172.16.0.0/12')],
  ['a next hop of a route to elsewhere', 'S64-G010', second('172.31.9.0/28')],
  ['what the uplink reaches without a next hop', 'S64-G010', second('100.64.9.0/24')],
  ['the subnet of a second interface', 'S64-G010', moved('192.168.77.0/24')],
  ['a /16 over a second interface', 'S64-G010', second('192.168.0.0/16')],
  ['the address at the other end of a tunnel', 'S64-G010', second('172.30.5.0/24')],
  ['a slice with the IPv6 next hop', 'S64-G010', slice('::ff00/120')],
  ['a small slice with it', 'S64-G010', slice('::fff0/124')],
  ['a slice with an IPv6 next hop of another table', 'S64-G010', slice('::88:0/112')],
  ['a slice with who is connected by IPv6', 'S64-G010', slice('::77:0/112')],
  ['br-ct in a slice with who is connected', 'S64-G010', moved('10.64.0.0/24', '::77:0/112')],
  ['a forward over sshd', 'S64-G011', forwards('22/tcp -> blog:22')],
  ['a range over sshd', 'S64-G011', forwards('20-30/tcp -> blog:20-30')],
  ['a range that shifts', 'S64-G011', forwards('20-25/tcp -> blog:120-125')],
  ['all ports below 2222', 'S64-G011', forwards('1-2221/tcp -> blog:1-2221')],
  ['all ports', 'S64-G011', { nat: { forwards: [forward('1-65535/tcp -> blog:1-65535')] } }],
  ['sshd on every address of both families', 'S64-G011', forwards('2022/tcp -> blog:22')],
  [
    'a forward over sshd for one source',
    'S64-G011',
    { nat: { forwards: [forward('22/tcp -> blog:22', '198.51.100.66/32')] } },
  ],
  ['an upstream.ipv4 that nobody has', 'S64-G012', upstream('203.0.113.22')],
  ['the router’s address as upstream.ipv4', 'S64-G012', upstream('203.0.113.1')],
  [
    'a wrong upstream.ipv4 and a new forward',
    'S64-G012',
    upstream('198.51.100.2', forwards('2223/tcp -> db:22')),
  ],
  ['another prefix', 'S64-G013', prefix('2001:db8:1:2::/64')],
  ['a prefix with a digit too few', 'S64-G013', prefix('2001:db8:1:1::/56'.replace('1:1::/56', '2:1::/64'))],
  ['a prefix of elsewhere', 'S64-G013', prefix('2a01:4f8:1:1::/64')],
  ['an interface that leads nowhere', 'S64-G014', { upstream: { interface: 'lan0', ipv4: HOST } }],
]

describe('files that would cut off the host, or who works on it', () => {
  let lab: Lab
  let programs: readonly HostProgram[]
  let streams: readonly Stream[]

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db'] })
    await lab.ip(
      'host',
      'link add name lan0 up type veth peer name lan1',
      'link set dev lan1 up',
      'addr add 192.168.77.1/24 dev lan0',
      'link add name tun9 up type veth peer name tun8',
      'link set dev tun8 up',
      'addr add 10.99.0.1 peer 172.30.5.1/32 dev tun9',
      'route add default via 172.31.1.1 dev eth0 onlink table 100',
      'route add 10.200.0.0/16 via 172.31.9.1 dev eth0 onlink',
      'route add 100.64.9.1 dev eth0',
      `route add default via ${IPV6}88:1 dev eth0 onlink table 200`,
    )
    await lab.ip('router', `addr add ${NEIGHBOUR}/128 dev up0`)
    programs = [
      await startProgram(lab, 'sshd', '0.0.0.0', 22),
      await startProgram(lab, 'sshd', '::', 2022),
      await startProgram(lab, 'nginx', '0.0.0.0', 8080),
    ]
    await Promise.all([lab.serve('blog', '22/tcp', '443/tcp'), lab.serve('db', '22/tcp')])
    await reconcile(lab, file())
    await lab.must('router', ['ip', 'route', 'replace', `${IPV6}2/128`, 'dev', 'up0', 'src', NEIGHBOUR])
    streams = [await lab.stream('internet', HOST, 22), await lab.stream('router', `${IPV6}2`, 2022)]
  })
  afterAll(async () => {
    await Promise.all(programs.map(async (program) => program.stop()))
    await lab.destroy()
  })

  /** The containers get addresses of their network, whichever that is now. */
  function file(parts: Partial<Config> = {}): string {
    const networks = { ...NETWORKS, ...parts.networks }
    const [first = ''] = networks['br-ct'].ipv4.split('/')
    const [, six = ''] = /^(.*:)0\/112$/.exec(networks['br-ct'].ipv6) ?? []
    const at = (place: string, number: number) =>
      container(lab, place, number, {
        network: 'br-ct',
        ipv4: first.replace(/\d+$/, (last) => `${Number(last) + number}`),
        ipv6: `${six}${number}`,
        expose: ['443/tcp'],
      })
    return networkYaml({
      networks,
      containers: { blog: at('blog', 2), db: at('db', 3) },
      nat: { forwards: FORWARDS },
      ...parts,
    })
  }

  async function once(parts: Partial<Config>, ...options: readonly string[]): Promise<Result> {
    return lab.slash64(['reconcile', '--once', ...options], { yaml: file(parts) })
  }

  /** Old and new connections of the administrator, and all that the good file had brought. */
  async function expectAllAlive(): Promise<void> {
    await lab.run('host', ['ip', 'neigh', 'flush', 'all'])
    expect(await Promise.all(streams.map(async (stream) => stream.probe()))).toEqual(['alive', 'alive'])
    expect(await lab.tcp('internet', HOST, 22)).toBe('host:22 peer 198.51.100.10')
    expect(await lab.tcp('internet', HOST, 2222)).toBe('blog:22 peer 198.51.100.10')
    expect(await lab.tcp('internet', `${IPV6}1:2`, 443)).toMatch(/^blog:443/)
    expect(await lab.tcp('router', `${IPV6}2`, 2022)).toMatch(/^host:2022/)
  }

  it.each(ROWS)('%s: held back (%s)', async (_, code, parts) => {
    const result = await once(parts)
    expectExit(result, 4)
    expect(result.stderr).toContain(code)
    await expectAllAlive()
  })

  it('after all of them the good file finds nothing to do', async () => {
    expect((await plan(lab, file())).hasChanges).toBe(false)
  })

  it('what runs of a network that is held back is healed, and the rest of the file goes on', async () => {
    expectExit(await once({ ...moved('198.51.100.0/24'), ...forwards() }), 4)
    await lab.ip('host', 'addr del 10.64.0.1/24 dev br-ct', 'link add name br-foreign type bridge')
    const other = { networks: { ...moved('198.51.100.0/24').networks, 'br-three': { ipv4: '10.65.0.0/24' } } }
    expectExit(await once(other), 4)
    expect(await lab.must('host', ['ip', '-4', 'addr', 'show', 'dev', 'br-ct'])).toContain('10.64.0.1/24')
    expect(await lab.must('host', ['ip', '-4', 'addr', 'show', 'dev', 'br-three'])).toContain('10.65.0.1/24')
    await expectAllAlive()
    await reconcile(lab, file())
  })

  it('a forward over another program is made, and told with its name', async () => {
    const result = await once(forwards('8080/tcp -> blog:22'))
    expectExit(result, 0)
    expect(result.stderr).toMatch(/warning\[S64-F020\].*nginx \(process \d+\) on port 8080/)
    expect(await lab.tcp('internet', HOST, 8080)).toMatch(/^blog:22/)
    expectExit(await lab.slash64(['status']), 0)
    await reconcile(lab, file())
  })

  it('UDP is not TCP, and what listens for the host itself alone is in nobody’s way', async () => {
    const local = await startProgram(lab, 'sshd', '127.0.0.1', 2999)
    const result = await once(forwards('22/udp -> blog:22', '2999/tcp -> blog:22'))
    await local.stop()
    expectExit(result, 0)
    expect(result.stderr).not.toContain('warning')
    await reconcile(lab, file())
  })

  it('the session in which it runs is found by its socket', async () => {
    const yaml = join(lab.directory, 'session.yaml')
    writeFileSync(yaml, file(forwards('2023/tcp -> blog:22')))
    const words = [
      'reconcile',
      '--once',
      '-f',
      yaml,
      '--state-dir',
      lab.stateDirectory,
      '--run-dir',
      join(lab.directory, 'run'),
    ]
    const shell = await startProgram(
      lab,
      'login',
      '0.0.0.0',
      2023,
      process.execPath,
      'dist/slash64.cjs',
      ...words,
    )
    const session = await lab.stream('internet', HOST, 2023)
    const { code, text } = JSON.parse(await shell.said()) as { code: number; text: string }
    expect(text).toMatch(/S64-G011.*this very session comes by port 2023/)
    expect(code).toBe(4)
    expect(await session.probe()).toBe('alive')
    await shell.stop()
  })

  it('is applied where it is allowed, and asks nobody again', async () => {
    const two = second('192.168.77.128/25')
    expectExit(await once(two), 4)
    expect((await lab.slash64(['plan', '--allow-lockout'])).stdout).toContain('br-two')
    expectExit(await once(two, '--allow-lockout'), 0)
    expectExit(await once(two, '--detailed-exitcode'), 0)
    await reconcile(lab, file())
  })

  it('without what was accepted before, everything is held back', async () => {
    await lab.run('host', ['rm', join(lab.stateDirectory, 'accepted.json')])
    expectExit(await once(moved('198.51.100.0/24')), 4)
    await expectAllAlive()
    await reconcile(lab, file())
  })

  it('a public IPv4 that goes away later is told, and held back from nobody', async () => {
    await lab.ip('host', 'addr add 203.0.113.9/24 dev eth0')
    await reconcile(lab, file(upstream('203.0.113.9')))
    await lab.ip('host', 'addr del 203.0.113.9/24 dev eth0')
    const result = await lab.slash64(['reconcile', '--once'])
    expectExit(result, 1)
    expect(result.stderr).toContain('S64-H015')
  })
})
