import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config, ContainerConfig } from '../../src/config/types.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { HOST, IPV6, container, expectExit, forward, networkYaml, reconcile } from './fixtures.ts'

// Cases in which everything of ours stands, and a container is unreachable all the same.
describe('what keeps a container from being reached', () => {
  let lab: Lab
  let containers: Readonly<Record<string, ContainerConfig>>
  const nat = { forwards: [forward('2222/tcp -> blog:22')] }

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db'] })
    await Promise.all([lab.serve('blog', '22/tcp', '443/tcp'), lab.serve('db', '22/tcp', '443/tcp')])
    containers = {
      blog: container(lab, 'blog', 2, { expose: ['443/tcp'] }),
      db: container(lab, 'db', 3, { expose: ['443/tcp'] }),
    }
    await lab.ip('host', 'link add name strange type veth peer name other')
    await lab.ip('host', 'link set dev strange up')
    await reconcile(lab, networkYaml({ containers, nat }))
  })
  afterAll(async () => lab.destroy())

  async function complaint(parts: Partial<Config> = {}): Promise<readonly string[]> {
    const yaml = networkYaml({ containers, nat, ...parts })
    const result = await lab.slash64(['status', '-o', 'json'], { yaml })
    const { errors, state } = JSON.parse(result.stdout) as { state: string; errors: { code: string }[] }
    expectExit(result, errors.length > 0 ? 1 : 0)
    return [state, ...errors.map(({ code }) => code)]
  }

  it.each([
    ['route add 10.64.0.2/32 dev strange', 'route del 10.64.0.2/32 dev strange', 'S64-F003'],
    ['route add 10.64.0.0/24 dev strange metric 5', 'route del 10.64.0.0/24 dev strange', 'S64-F003'],
    [`route add ${IPV6}1:2 dev strange metric 10`, `route del ${IPV6}1:2 dev strange`, 'S64-F003'],
    ['addr add 10.64.0.2/32 dev strange', 'addr del 10.64.0.2/32 dev strange', 'S64-F002'],
    ['addr add 10.64.0.2/24 dev br-ct', 'addr del 10.64.0.2/24 dev br-ct', 'S64-F002'],
    [`addr add ${IPV6}1:2/128 dev br-ct nodad`, `addr del ${IPV6}1:2/128 dev br-ct`, 'S64-F002'],
    [`addr add ${IPV6}1:2/128 dev strange nodad`, `addr del ${IPV6}1:2/128 dev strange`, 'S64-F001'],
  ])('ip %s is told, and stays', async (add, remove, code) => {
    await lab.ip('host', add)
    expect(await complaint()).toEqual(expect.arrayContaining(['degraded', code]))
    await lab.slash64(['reconcile', '--once'])
    await lab.ip('host', remove)
    await reconcile(lab)
    expect(await complaint()).toEqual(['converged'])
  })

  it('IPv6 switched off on the upstream interface is told', async () => {
    await lab.writeSysctl('host', 'net/ipv6/conf/eth0/disable_ipv6', '1')
    expect(await complaint()).toEqual(expect.arrayContaining(['degraded', 'S64-H014']))
    await lab.writeSysctl('host', 'net/ipv6/conf/eth0/disable_ipv6', '0')
  })

  it('a public IPv4 that is on no interface is told', async () => {
    const upstream = { interface: 'eth0', ipv4: '203.0.113.22' }
    expect(await complaint({ upstream })).toEqual(['degraded', 'S64-G012'])
  })

  it('a bridge of somebody else keeps its traffic when a network takes its name', async () => {
    await lab.ip('host', 'link add name docker9 up type bridge')
    await lab.ip('host', 'addr add 10.88.0.1/24 dev docker9')
    const yaml = networkYaml({
      containers,
      nat,
      networks: {
        'br-ct': { ipv6: '::1:0/112', ipv4: '10.64.0.0/24' },
        docker9: { ipv6: '::2:0/112', ipv4: '10.65.0.0/24' },
      },
    }).replaceAll('"runtime"', '"network": "br-ct", "runtime"')
    const result = await lab.slash64(['reconcile', '--once'], { yaml })
    expectExit(result, 1)
    expect(result.stderr + result.stdout).toContain('docker9')
    const { stdout } = await lab.run('host', ['nft', 'list', 'set', 'inet', 'slash64', 'bridges'])
    expect(stdout).toContain('br-ct')
    expect(stdout).not.toContain('docker9')
    await lab.ip('host', 'link delete dev docker9')
    await reconcile(lab, networkYaml({ containers, nat }))
  })
})

describe('an address that changes hands', () => {
  let lab: Lab
  const nat = { forwards: [forward('2222/tcp -> blog:22'), forward('2223/tcp -> db:22')] }
  const two = (blog: number, db: number) => ({
    blog: container(lab, 'blog', blog, { expose: ['22/tcp'] }),
    db: container(lab, 'db', db, { expose: ['22/tcp'] }),
  })

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db', 'next'] })
    await Promise.all(['blog', 'db', 'next'].map(async (place) => lab.serve(place, '22/tcp')))
    await reconcile(lab, networkYaml({ containers: two(2, 3), nat }))
    // So that everybody has learned the MAC that is wrong afterwards.
    await lab.tcp('internet', HOST, 2222)
  })
  afterAll(async () => lab.destroy())

  it('another IPv4 in the same subnet is there after one pass, with its way out', async () => {
    await reconcile(lab, networkYaml({ containers: two(20, 3), nat }))
    expect(await lab.tcp('internet', HOST, 2222)).toMatch(/^blog:22/)
    expect((await lab.run('blog', ['ip', 'route', 'show', 'default'])).stdout).toContain('via 10.64.0.1')
  })

  it('two containers that swap their addresses are reached at once', async () => {
    await reconcile(lab, networkYaml({ containers: two(3, 20), nat }))
    expect(await lab.tcp('internet', HOST, 2222)).toMatch(/^blog:22/)
    expect(await lab.tcp('internet', HOST, 2223)).toMatch(/^db:22/)
    expect(await lab.tcp('internet', `${IPV6}1:3`, 22)).toMatch(/^blog:22/)
  })

  it('a container that takes over another’s addresses is reached at once', async () => {
    const { db } = two(3, 20)
    const next = container(lab, 'next', 3, { expose: ['22/tcp'] })
    const forwards = [forward('2222/tcp -> next:22'), forward('2223/tcp -> db:22')]
    await reconcile(lab, networkYaml({ containers: { db, next }, nat: { forwards } }))
    expect(await lab.tcp('internet', HOST, 2222)).toMatch(/^next:22/)
    expect(await lab.tcp('internet', `${IPV6}1:3`, 22)).toMatch(/^next:22/)
  })

  it('a network that gets another name is reached at once', async () => {
    const { db } = two(3, 20)
    const forwards = [forward('2223/tcp -> db:22')]
    const networks = { 'br-new': { ipv6: '::1:0/112', ipv4: '10.64.0.0/24' } }
    await reconcile(lab, networkYaml({ containers: { db }, networks, nat: { forwards } }))
    expect(await lab.tcp('internet', HOST, 2223)).toMatch(/^db:22/)
    expect(await lab.tcp('internet', `${IPV6}1:20`, 22)).toMatch(/^db:22/)
  })
})

describe('guards and what is only withdrawn', () => {
  it('a stopped container’s proxy neighbour goes, whatever policy says about pruning', async () => {
    const lab = await createLab({ containers: ['blog'] })
    try {
      const policy = { prune: 'never', maxDeletes: 0 } as const
      const yaml = networkYaml({ containers: { blog: container(lab, 'blog', 2) }, policy })
      await reconcile(lab, yaml)
      await lab.run('host', ['ip', 'netns', 'delete', lab.namespace('blog')])
      await reconcile(lab)
      const { stdout } = await lab.run('host', ['ip', '-6', 'neigh', 'show', 'proxy'])
      expect(stdout).not.toContain(`${IPV6}1:2 `)
    } finally {
      await lab.destroy()
    }
  })
})
