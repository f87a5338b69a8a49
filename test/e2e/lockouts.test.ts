import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { createLab, type Lab, type Stream } from '../lab/lab.ts'
import type { Result } from '../lab/process.ts'
import { container, expectExit, HOST, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'
import { FORWARDS, forwards, moved, NETWORKS, ROWS, second, upstream } from './lockout-files.ts'
import { startProgram, type HostProgram } from './lockout-programs.ts'

/** The administrator comes from the internet by IPv4, and from the provider's link by IPv6. */
const NEIGHBOUR = '2001:db8:1:1::77:5'

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
    const result = await once(moved('198.51.100.0/24'))
    expectExit(result, 4)
    expect(result.stderr).toContain('S64-G019')
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
