import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addForeign, snapshotForeign } from './foreign.ts'
import { createLab, type Lab } from './lab.ts'
import { withMonitors } from './monitor.ts'
import { parsePing } from './ping.ts'

describe('the lab', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: ['one'] })
  })
  afterAll(async () => lab.destroy())

  it('joins internet, router and host, both families', async () => {
    expect(await lab.ping('internet', '203.0.113.2')).toMatchObject({ received: 1, looped: false })
    expect(await lab.ping('internet', '2001:db8:1:1::2', { count: 2 })).toMatchObject({ received: 2 })
  })

  it('leaves an unused address of the on-link prefix unanswered', async () => {
    const ping = await lab.ping('internet', '2001:db8:1:1::1:2')
    expect(ping).toMatchObject({ received: 0, firstMs: undefined })
  })

  it('leaves containers with the loopback only', async () => {
    const links = await lab.must('one', ['ip', '-br', 'link'])
    expect(links.trim().split('\n')).toHaveLength(1)
    expect(links).toMatch(/^lo /)
  })

  it('talks TCP and UDP and tells the outcomes apart', async () => {
    await lab.serve('host', '443/tcp', '53/udp')
    expect(await lab.tcp('internet', '203.0.113.2', 443)).toBe('host:443 peer 198.51.100.10')
    expect(await lab.tcp('internet', '2001:db8:1:1::2', 443)).toBe('host:443 peer 2001:db8:ffff::10')
    expect(await lab.tcp('internet', '203.0.113.2', 443, { source: '198.51.100.66' })).toBe(
      'host:443 peer 198.51.100.66',
    )
    expect(await lab.udp('internet', '203.0.113.2', 53)).toBe('host:53 peer 198.51.100.10')
    expect(await lab.udp('internet', '2001:db8:1:1::2', 53)).toBe('host:53 peer 2001:db8:ffff::10')
    expect(await lab.tcp('internet', '203.0.113.2', 444)).toBe('refused')
    expect(await lab.udp('internet', '203.0.113.2', 54)).toBe('refused')
  })

  it('tells silence from refusal, and a live stream from a dead one', async () => {
    await lab.serve('host', '80/tcp')
    const stream = await lab.stream('internet', '203.0.113.2', 80)
    expect(await stream.probe()).toBe('alive')
    await lab.must('host', ['nft', 'add table ip t; add chain ip t c { type filter hook input priority 0; }'])
    await lab.must('host', ['nft', 'add rule ip t c tcp dport 80 drop'])
    expect(await stream.probe(200)).toBe('silent')
    expect(await lab.tcp('internet', '203.0.113.2', 80, { timeoutMs: 200 })).toBe('timeout')
    await lab.must('host', ['nft', 'flush chain ip t c; add rule ip t c tcp dport 80 reject with tcp reset'])
    expect(await stream.probe(2_000)).toBe('dead')
    await lab.must('host', ['nft', 'delete table ip t'])
  })

  it('hears each change under the monitors, and nothing when nothing changes', async () => {
    const quiet = await withMonitors(lab, async () => lab.must('host', ['nft', 'list', 'ruleset']))
    expect(quiet).toMatchObject({ nft: [], ip: [] })
    const loud = await withMonitors(lab, async () => {
      await lab.must('host', ['nft', 'add table ip noise'])
      await lab.ip('host', 'route add blackhole 192.0.2.1')
      await lab.writeSysctl('host', 'net/ipv4/ip_forward', 1)
    })
    expect(loud.nft[0]).toBe('add table ip noise')
    expect(loud.ip.join('\n')).toMatch(/blackhole 192\.0\.2\.1/)
    expect(loud.ip.join('\n')).toMatch(/forwarding on/)
  })

  it('takes the same snapshot of foreign objects twice, and another one after a change', async () => {
    await addForeign(lab)
    const before = await snapshotForeign(lab)
    expect(await snapshotForeign(lab)).toBe(before)
    await lab.ip('host', 'neigh del proxy 2001:db8:1:1::beef dev eth0')
    expect(await snapshotForeign(lab)).not.toBe(before)
  })

  it('removes its namespaces and its directory', async () => {
    const other = await createLab({ delivery: 'routed', containers: ['two'] })
    expect(await other.ping('internet', '2001:db8:0:1::2')).toMatchObject({ received: 1 })
    expect(existsSync(`/run/netns/${other.namespace('two')}`)).toBe(true)
    await other.destroy()
    await other.destroy()
    expect(readdirSync('/run/netns').filter((name) => name.startsWith(other.id))).toEqual([])
    expect(existsSync(other.directory)).toBe(false)
  })
})

describe('parsePing', () => {
  it('knows an unreachable route of the pinging host itself', () => {
    const ping = parsePing({ stdout: '', stderr: 'ping: connect: Network is unreachable\n', exitCode: 2 })
    expect(ping).toMatchObject({ received: 0, unreachable: true })
  })

  it('is an error where ping said nothing that can be read', () => {
    expect(() => parsePing({ stdout: '', stderr: 'ping: unknown', exitCode: 2 })).toThrow('ping: unknown')
  })
})
