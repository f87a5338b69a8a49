import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { CLOSED, HOST, container, forward, networkYaml, reconcile } from './fixtures.ts'

const CLIENT = '198.51.100.10'
const STRANGER = '198.51.100.66'

describe('port forwards', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db'] })
    await Promise.all([
      lab.serve('blog', '22/tcp', '53/udp', '443/tcp'),
      lab.serve('db', '8000/tcp', '8005/tcp', '8010/tcp', '9100/tcp', '9103/tcp', '9200/udp', '9202/udp'),
    ])
    const forwards = [
      forward('2222/tcp -> blog:22'),
      forward('53/udp -> blog:53'),
      forward('8000-8010/tcp -> db:8000-8010'),
      forward('7000-7003/tcp -> db:9100-9103'),
      forward('7100-7102/udp -> db:9200-9202'),
      forward('2223/tcp -> blog:22', `${CLIENT}/32`),
    ]
    const containers = { blog: container(lab, 'blog', 2), db: container(lab, 'db', 3) }
    await reconcile(lab, networkYaml({ containers, nat: { source: 'snat', forwards } }))
  })
  afterAll(async () => lab.destroy())

  it('hands on TCP and UDP, and the client address with it', async () => {
    expect(await lab.tcp('internet', HOST, 2222)).toBe(`blog:22 peer ${CLIENT}`)
    expect(await lab.udp('internet', HOST, 53)).toBe(`blog:53 peer ${CLIENT}`)
  })

  it.each([8000, 8005, 8010])('hands on port %i of a range', async (port) => {
    expect(await lab.tcp('internet', HOST, port)).toBe(`db:${port} peer ${CLIENT}`)
  })

  it('hands on a shifted range port by port', async () => {
    expect(await lab.tcp('internet', HOST, 7000)).toBe(`db:9100 peer ${CLIENT}`)
    expect(await lab.tcp('internet', HOST, 7003)).toBe(`db:9103 peer ${CLIENT}`)
    expect(await lab.udp('internet', HOST, 7100)).toBe(`db:9200 peer ${CLIENT}`)
    expect(await lab.udp('internet', HOST, 7102)).toBe(`db:9202 peer ${CLIENT}`)
  })

  it('hands on nothing beside the ranges, nor the other protocol', async () => {
    for (const port of [7999, 8011, 6999, 7004, 443, 22]) {
      expect(await lab.tcp('internet', HOST, port, { timeoutMs: 200 }), `port ${port}`).not.toMatch(/peer/)
    }
    expect(await lab.udp('internet', HOST, 8000, { timeoutMs: 200 })).not.toMatch(/peer/)
  })

  it('asks for the source where the file names one', async () => {
    expect(await lab.tcp('internet', HOST, 2223, { source: CLIENT })).toBe(`blog:22 peer ${CLIENT}`)
    expect(await lab.tcp('internet', HOST, 2223, { source: STRANGER, timeoutMs: 200 })).not.toMatch(/peer/)
    expect(await lab.tcp('internet', HOST, 2222, { source: STRANGER })).toBe(`blog:22 peer ${STRANGER}`)
  })

  describe.each([0, 1])('hairpin with bridge-nf-call-ip(6)tables = %i', (value) => {
    beforeAll(async () => {
      await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-iptables', value)
      await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-ip6tables', value)
    })

    it('reaches a forward from another container', async () => {
      expect(await lab.tcp('db', HOST, 2222)).toMatch(/^blog:22 peer /)
      expect(await lab.udp('db', HOST, 53)).toMatch(/^blog:53 peer /)
    })

    it('reaches a forward from the container that it leads to', async () => {
      expect(await lab.tcp('blog', HOST, 2222)).toMatch(/^blog:22 peer /)
      expect(await lab.tcp('db', HOST, 7003)).toMatch(/^db:9103 peer /)
    })

    it('reaches a forward from the host itself', async () => {
      expect(await lab.tcp('host', HOST, 2222)).toMatch(/^blog:22 peer /)
      expect(await lab.tcp('host', HOST, 7000)).toMatch(/^db:9100 peer /)
    })
  })

  it('keeps the private addresses closed to the uplink although forwards lead to them', async () => {
    await lab.ip('router', 'route add 10.64.0.0/24 via 203.0.113.2')
    expect(CLOSED).toContain(await lab.tcp('router', '10.64.0.2', 22, { timeoutMs: 300 }))
    expect(await lab.tcp('router', HOST, 2222)).toMatch(/^blog:22 peer /)
    await lab.ip('router', 'route del 10.64.0.0/24')
  })
})
