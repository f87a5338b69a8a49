import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTraffic } from '../../src/app/traffic.ts'
import type { Traffic } from '../../src/app/traffic.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config, ContainerConfig } from '../../src/config/types.ts'
import { trafficCounter } from '../../src/model/traffic.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { withMonitors } from '../lab/monitor.ts'
import { ADDRESSES } from '../lab/topology.ts'
import { namespaceSystem } from '../support/namespace-system.ts'
import { HOST, IPV6, container, forward, networkYaml, plan, reconcile } from './fixtures.ts'
import { tableText } from './nft-objects.ts'

/** `ping` sends 56 bytes behind the headers of ICMP and IP. */
const PING4 = 84
const PING6 = 104
const NOTHING: Traffic = { receiveBytes: 0, receivePackets: 0, transmitBytes: 0, transmitPackets: 0 }

function answered(count: number, bytes: number): Traffic {
  return {
    receivePackets: count,
    receiveBytes: count * bytes,
    transmitPackets: count,
    transmitBytes: count * bytes,
  }
}

describe('traffic of each container', () => {
  let lab: Lab
  let containers: Record<string, ContainerConfig>
  let yaml = ''
  const nat = { source: 'snat', forwards: [forward('2222/tcp -> blog:22')] } as const

  function file(parts: Partial<Config> = {}): string {
    yaml = networkYaml({ containers, nat, metrics: { containers: true }, ...parts })
    return yaml
  }

  async function traffic(): Promise<ReadonlyMap<string, Traffic>> {
    const loaded = loadConfig(yaml, 'network.yaml')
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues))
    return readTraffic(loaded.model, namespaceSystem(lab.namespace('host'), lab.directory))
  }

  /** Once nothing is on its way any more: a connection's last packets come after its last word. */
  async function settled(): Promise<ReadonlyMap<string, Traffic>> {
    for (let last = await traffic(); ;) {
      await pause(50)
      const now = await traffic()
      if (JSON.stringify([...now]) === JSON.stringify([...last])) return now
      last = now
    }
  }

  /** By how much each container's counters grew meanwhile. */
  async function growth(effect: () => Promise<unknown>): Promise<Readonly<Record<string, Traffic>>> {
    const before = await settled()
    await effect()
    const after = await settled()
    return Object.fromEntries(
      [...after].map(([name, now]) => [name, minus(now, before.get(name) ?? NOTHING)]),
    )
  }

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db', 'mail'] })
    await lab.serve('blog', '22/tcp', '443/tcp')
    containers = {
      blog: container(lab, 'blog', 2, { expose: ['443/tcp'] }),
      db: container(lab, 'db', 3),
    }
    await reconcile(lab, file())
    await knowEachOther(lab, 'blog', 2)
    await knowEachOther(lab, 'db', 3)
  })
  afterAll(async () => lab.destroy())

  it('is all that a ping from outside sends, and nothing else', async () => {
    const grown = await growth(async () => lab.ping('internet', `${IPV6}1:2`, { count: 5 }))
    expect(grown).toEqual({ blog: answered(5, PING6), db: NOTHING })
  })

  it('is counted by the private address where NAT changes it', async () => {
    const grown = await growth(async () => lab.ping('db', ADDRESSES.internet, { count: 3 }))
    expect(grown).toEqual({ blog: NOTHING, db: answered(3, PING4) })
  })

  it('is both families’ together, and what the host itself talks with it', async () => {
    const grown = await growth(async () => {
      await lab.ping('host', '10.64.0.3', { count: 2 })
      await lab.ping('host', `${IPV6}1:3`, { count: 4 })
    })
    const both = {
      receivePackets: 6,
      receiveBytes: 2 * PING4 + 4 * PING6,
      transmitPackets: 6,
      transmitBytes: 2 * PING4 + 4 * PING6,
    }
    expect(grown).toEqual({ blog: NOTHING, db: both })
  })

  it.each([
    ['through a forward', HOST, 2222],
    ['to its own IPv6', `${IPV6}1:2`, 443],
  ])('is what TCP takes %s', async (_, address, port) => {
    const grown = await growth(async () =>
      expect(await lab.tcp('internet', address, port)).toMatch(/^blog:\d+ peer /),
    )
    expect(grown['db']).toEqual(NOTHING)
    // Opening, the line that the server says, closing: at least three packets each way.
    expect(grown['blog']?.receivePackets).toBeGreaterThanOrEqual(3)
    expect(grown['blog']?.transmitPackets).toBeGreaterThanOrEqual(3)
    expect(grown['blog']?.receivePackets).toBeLessThan(20)
    expect(grown['blog']?.transmitBytes).toBeGreaterThan(150)
  })

  it('is both ends’ where a container reaches another by the public address', async () => {
    const grown = await growth(async () => expect(await lab.tcp('db', HOST, 2222)).toMatch(/^blog:22 peer /))
    expect(grown['db']?.transmitPackets).toBe(grown['blog']?.receivePackets)
    expect(grown['blog']?.transmitBytes).toBe(grown['db']?.receiveBytes)
    expect(grown['db']?.receivePackets).toBeGreaterThanOrEqual(3)
  })

  it('is not what a firewall or nobody lets in', async () => {
    const grown = await growth(async () => {
      await lab.tcp('internet', `${IPV6}1:2`, 22, { timeoutMs: 200 })
      await lab.ping('internet', `${IPV6}1:9`)
    })
    expect(grown).toEqual({ blog: NOTHING, db: NOTHING })
  })

  it.each([
    [0, NOTHING],
    [1, answered(3, PING4)],
  ])('of one bridge with bridge-nf-call-iptables = %i; and no packet twice', async (value, expected) => {
    await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-iptables', value)
    await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-ip6tables', value)
    const between = await growth(async () => lab.ping('db', '10.64.0.2', { count: 3 }))
    expect(between).toEqual({ blog: expected, db: expected })
    const outside = await growth(async () => lab.ping('internet', `${IPV6}1:2`, { count: 2 }))
    expect(outside).toEqual({ blog: answered(2, PING6), db: NOTHING })
    const host = await growth(async () => lab.ping('db', '10.64.0.1', { count: 2 }))
    expect(host).toEqual({ blog: NOTHING, db: answered(2, PING4) })
  })

  it('counts on while a container comes, an address and the settings change', async () => {
    const before = await settled()
    expect(before.get('blog')?.receivePackets).toBeGreaterThan(10)
    containers = { ...containers, mail: container(lab, 'mail', 4), db: container(lab, 'db', 5) }
    await reconcile(lab, file({ firewall: { ipv6: 'allow' } }))
    const after = await traffic()
    expect(after.get('blog')).toEqual(before.get('blog'))
    expect(after.get('db')?.receivePackets).toBeGreaterThanOrEqual(before.get('db')?.receivePackets ?? 0)
    const { mail } = await growth(async () => lab.ping('mail', ADDRESSES.internet, { count: 3 }))
    expect(mail).toEqual(answered(3, PING4))
  })

  it('a second run writes nothing', async () => {
    const seen = await withMonitors(lab, async () => reconcile(lab))
    expect(seen.nft).toEqual([])
    expect((await plan(lab)).changes).toEqual([])
  })

  it.each([
    ['an element', () => 'delete element inet slash64 receive4 { 10.64.0.2 }', 1],
    ['every element of a map', () => 'flush map inet slash64 transmit6', 3],
    ['a counter, with what leads to it', () => withoutReceiver('blog', 2), 3],
    ['a counter of another name', () => 'add counter inet slash64 receive-theirs', 1],
    ['the rules that count', () => 'flush chain inet slash64 traffic-receive', 1],
  ])('drift is healed: %s', async (_, statement, changes) => {
    const before = await tableText(lab)
    await lab.must('host', ['nft', statement()])
    expect((await plan(lab)).changes).toHaveLength(changes)
    await reconcile(lab)
    expect(await tableText(lab)).toBe(before)
    expect((await plan(lab)).hasChanges).toBe(false)
  })

  it('values that others reset are no drift', async () => {
    await lab.must('host', ['nft', 'reset', 'counters', 'table', 'inet', 'slash64'])
    expect((await traffic()).get('blog')).toEqual(NOTHING)
    expect((await plan(lab)).hasChanges).toBe(false)
  })

  it('a container that left takes its counters along', async () => {
    const { mail: _, ...rest } = containers
    containers = rest
    await reconcile(lab, file())
    expect(await tableText(lab)).not.toMatch(/mail/)
    expect([...(await traffic()).keys()]).toEqual(['blog', 'db'])
  })

  it('goes whole when the file does not ask for it any more, and the rest stays', async () => {
    await reconcile(lab, file({ metrics: { containers: false } }))
    const text = await tableText(lab)
    expect(text).not.toMatch(/receive|transmit|traffic/)
    expect(text).toContain('chain guard')
    expect((await traffic()).size).toBe(0)
    expect((await plan(lab)).hasChanges).toBe(false)
    expect(await lab.tcp('internet', HOST, 2222)).toMatch(/^blog:22 peer /)
  })
})

function minus(now: Traffic, before: Traffic): Traffic {
  return {
    receiveBytes: now.receiveBytes - before.receiveBytes,
    receivePackets: now.receivePackets - before.receivePackets,
    transmitBytes: now.transmitBytes - before.transmitBytes,
    transmitPackets: now.transmitPackets - before.transmitPackets,
  }
}

function withoutReceiver(name: string, number: number): string {
  return [
    `delete element inet slash64 receive4 { 10.64.0.${number} }`,
    `delete element inet slash64 receive6 { ${IPV6}1:${number} }`,
    `delete counter inet slash64 ${trafficCounter(name, 'receive')}`,
  ].join('; ')
}

/** Neighbour discovery is traffic too, and comes when it likes: host and container know each other for good. */
async function knowEachOther(lab: Lab, place: string, number: number): Promise<void> {
  const [inside, bridge] = [await macOf(lab, place, 'eth0'), await macOf(lab, 'host', 'br-ct')]
  const known = (address: string, mac: string, link: string): string =>
    `neigh replace ${address} lladdr ${mac} dev ${link} nud permanent`
  await lab.ip(
    'host',
    known(`${IPV6}1:${number}`, inside, 'br-ct'),
    known(`10.64.0.${number}`, inside, 'br-ct'),
  )
  await lab.ip(place, known(`${IPV6}1:1`, bridge, 'eth0'), known('10.64.0.1', bridge, 'eth0'))
}

async function macOf(lab: Lab, place: string, link: string): Promise<string> {
  const [found]: readonly { readonly address?: string }[] = JSON.parse(
    await lab.must(place, ['ip', '-j', 'link', 'show', 'dev', link]),
  )
  return found?.address ?? ''
}
