import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { CLOSED, HOST, container, forward, networkYaml, plan, reconcile } from './fixtures.ts'

const METADATA = '169.254.169.254'
const METADATA6 = 'fd00:ec2::254'
const BLOG6 = '2001:db8:1:1::1:2'
const INTERNET = '198.51.100.10'
const INTERNET6 = '2001:db8:ffff::10'
const shut = { timeoutMs: 300 }

/** Sends one datagram from so many ports to so many. */
const FLOOD = `
const [count, host, family] = process.argv.slice(1)
const socket = require('node:dgram').createSocket(family)
socket.on('error', () => {})
let left = Number(count)
for (let n = 0; n < Number(count); n += 1) socket.send('x', 10000 + n, host, () => { left -= 1; if (left === 0) process.exit() })`

describe('what one container may take', () => {
  let lab: Lab
  const file = (firewall: NonNullable<Config['firewall']> = {}): string =>
    networkYaml({
      containers: { blog: container(lab, 'blog', 2, { expose: ['80/tcp'] }), db: container(lab, 'db', 3) },
      nat: { source: 'snat', forwards: [forward('8080/tcp -> blog:80')] },
      firewall,
    })
  const count = async (name: string): Promise<number> => {
    const text = await lab.must('host', ['nft', 'list', 'counter', 'inet', 'slash64', name])
    return Number(/packets (\d+)/.exec(text)?.[1])
  }
  const flood = async (host: string, family: 'udp4' | 'udp6', sent = 300): Promise<number> => {
    await lab.run('host', ['conntrack', '-F'])
    const before = await count('limited')
    await lab.must('blog', [process.execPath, '-e', FLOOD, `${sent}`, host, family])
    return (await count('limited')) - before
  }

  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db'] })
    await lab.ip('router', `address add ${METADATA}/32 dev lo`, `address add ${METADATA6}/128 dev lo`)
    await lab.ip('router', 'address add 168.63.129.16/32 dev lo')
    await Promise.all([
      lab.serve('router', '80/tcp', '53/tcp', '81/udp'),
      lab.serve('internet', '22/tcp'),
      lab.serve('host', '22/tcp', '53/udp', '53/tcp'),
      lab.serve('blog', '80/tcp'),
      lab.serve('db', '80/tcp'),
    ])
    await reconcile(lab, file())
  })
  afterAll(async () => lab.destroy())

  it('not the metadata, but the DNS that is served beside them', async () => {
    expect(await lab.tcp('host', METADATA, 80)).toMatch(/^router:80 /)
    expect(CLOSED).toContain(await lab.tcp('blog', METADATA, 80, shut))
    expect(CLOSED).toContain(await lab.tcp('blog', METADATA6, 80, shut))
    expect(CLOSED).toContain(await lab.tcp('blog', '168.63.129.16', 80, shut))
    expect(await lab.udp('blog', METADATA, 81, shut)).not.toMatch(/peer/)
    expect((await lab.ping('blog', METADATA)).received).toBe(0)
    expect(await count('metadata')).toBeGreaterThan(3)
    expect(await lab.tcp('blog', METADATA, 53)).toMatch(/^router:53 /)
    expect(await lab.tcp('blog', INTERNET, 22)).toMatch(/^internet:22 /)
  })

  it('the metadata where the file says so, in one transaction', async () => {
    const stream = await lab.stream('internet', BLOG6, 80)
    await reconcile(lab, file({ metadata: 'allow' }))
    expect(await lab.tcp('blog', METADATA, 80)).toMatch(/^router:80 /)
    expect(await lab.tcp('blog', METADATA6, 80)).toMatch(/^router:80 /)
    expect(await lab.tcp('blog', '168.63.129.16', 80)).toMatch(/^router:80 /)
    expect(await stream.probe()).toBe('alive')
  })

  it('all of the host, or what the file names, and what networks need', async () => {
    expect(await lab.tcp('blog', '10.64.0.1', 22)).toMatch(/^host:22 /)
    await reconcile(lab, file({ toHost: ['53/udp', '53/tcp'] }))
    for (const address of ['10.64.0.1', HOST, '2001:db8:1:1::1:1', '2001:db8:1:1::2']) {
      expect(CLOSED).toContain(await lab.tcp('blog', address, 22, shut))
      expect(await lab.tcp('blog', address, 53)).toMatch(/^host:53 /)
      expect((await lab.ping('blog', address)).received).toBe(1)
    }
    expect(await lab.udp('blog', '10.64.0.1', 53)).toMatch(/^host:53 /)
    await lab.must('blog', ['ip', 'neigh', 'flush', 'all'])
    expect(await lab.tcp('blog', INTERNET6, 22)).toMatch(/^internet:22 /)
    expect(await lab.tcp('host', '10.64.0.2', 80)).toMatch(/^blog:80 /)
    expect(await lab.tcp('host', BLOG6, 80)).toMatch(/^blog:80 /)
    expect(await lab.tcp('db', HOST, 8080)).toMatch(/^blog:80 /)
    expect(await lab.tcp('router', HOST, 22)).toMatch(/^host:22 /)
    await reconcile(lab, file({ toHost: 'none' }))
    expect(await lab.udp('blog', '10.64.0.1', 53, shut)).not.toMatch(/peer/)
    await reconcile(lab, file())
    expect(await lab.tcp('blog', HOST, 22)).toMatch(/^host:22 /)
  })

  it('a bounded number of connections, each way and by both families, and no other container’s', async () => {
    await reconcile(lab, file({ limits: { connections: 100 } }))
    expect(await flood(INTERNET, 'udp4')).toBe(200)
    expect(CLOSED).toContain(await lab.tcp('blog', INTERNET, 22, shut))
    expect(await lab.tcp('db', INTERNET, 22)).toMatch(/^internet:22 /)
    expect(await lab.tcp('internet', HOST, 8080)).toMatch(/^blog:80 /)
    expect(await flood(INTERNET6, 'udp6')).toBe(200)
    expect(await flood(HOST, 'udp4')).toBeGreaterThan(100)
    expect((await plan(lab)).hasChanges).toBe(false)
  })

  it('another number as soon as the file says it, and any', async () => {
    await flood(INTERNET, 'udp4')
    await reconcile(lab, file({ limits: { connections: 1000 } }))
    expect(await flood(INTERNET, 'udp4')).toBe(0)
    expect(await lab.tcp('blog', INTERNET, 22)).toMatch(/^internet:22 /)
    await reconcile(lab, file({ limits: { connections: 'off' } }))
    expect(await lab.must('host', ['nft', 'list', 'table', 'inet', 'slash64'])).not.toContain('ct count')
  })
})
