import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { unit } from '../support/unit.ts'
import { CLOSED, HOST, IPV6, container, networkYaml, reconcile } from './fixtures.ts'

describe('an on-link prefix', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: ['blog', 'db', 'mail'] })
    await Promise.all([
      lab.serve('blog', '443/tcp', '80/tcp', '8080/tcp', '53/udp', '54/udp'),
      lab.serve('db', '5432/tcp'),
      lab.serve('mail', '25/tcp', '9/udp'),
      lab.serve('internet', '7/tcp', '7/udp'),
    ])
    const containers = {
      blog: container(lab, 'blog', 2, { expose: ['443/tcp', '80/tcp', '53/udp'] }),
      db: container(lab, 'db', 3),
      mail: container(lab, 'mail', 4, { expose: 'all' }),
    }
    await reconcile(lab, networkYaml({ containers }))
  })
  afterAll(async () => lab.destroy())

  it.each([2, 3, 4])('answers the first ping to ::1:%i at once', async (number) => {
    await lab.forgetNeighbours()
    const before = await unit()
    const ping = await lab.ping('internet', `${IPV6}1:${number}`, { count: 3 })
    expect(ping.received).toBe(3)
    // The kernel's own delay for proxied neighbours is a random part of 0.8 s.
    expect(ping.firstMs).toBeLessThan(2 * Math.max(before, await unit()))
  })

  it('answers for the gateway address too', async () => {
    expect(await lab.ping('internet', `${IPV6}1:1`)).toMatchObject({ received: 1 })
  })

  it('lets exposed ports through, with the client address that the client has', async () => {
    expect(await lab.tcp('internet', `${IPV6}1:2`, 443)).toBe('blog:443 peer 2001:db8:ffff::10')
    expect(await lab.tcp('internet', `${IPV6}1:2`, 80)).toBe('blog:80 peer 2001:db8:ffff::10')
    expect(await lab.udp('internet', `${IPV6}1:2`, 53)).toBe('blog:53 peer 2001:db8:ffff::10')
  })

  it('keeps every other port closed although somebody listens', async () => {
    expect(CLOSED).toContain(await lab.tcp('internet', `${IPV6}1:2`, 8080, { timeoutMs: 300 }))
    expect(CLOSED).toContain(await lab.udp('internet', `${IPV6}1:2`, 54, { timeoutMs: 300 }))
    expect(CLOSED).toContain(await lab.tcp('internet', `${IPV6}1:3`, 5432, { timeoutMs: 300 }))
  })

  it('opens everything with expose: all', async () => {
    expect(await lab.tcp('internet', `${IPV6}1:4`, 25)).toBe('mail:25 peer 2001:db8:ffff::10')
    expect(await lab.udp('internet', `${IPV6}1:4`, 9)).toBe('mail:9 peer 2001:db8:ffff::10')
    expect(await lab.tcp('internet', `${IPV6}1:4`, 26)).toBe('refused')
  })

  it('lets containers out: IPv6 by their own address, IPv4 by that of the host', async () => {
    expect(await lab.tcp('db', '2001:db8:ffff::10', 7)).toBe(`internet:7 peer ${IPV6}1:3`)
    expect(await lab.udp('db', '2001:db8:ffff::10', 7)).toBe(`internet:7 peer ${IPV6}1:3`)
    expect(await lab.tcp('db', '198.51.100.10', 7)).toBe(`internet:7 peer ${HOST}`)
    expect(await lab.udp('db', '198.51.100.10', 7)).toBe(`internet:7 peer ${HOST}`)
  })

  it('says that an unused address of the slice is unreachable, and sends nothing in circles', async () => {
    expect(await lab.ping('host', `${IPV6}1:99`)).toMatchObject({ received: 0, unreachable: true })
    expect(await lab.ping('internet', `${IPV6}1:99`)).toMatchObject({ received: 0, looped: false })
  })

  it.each([0, 1])(
    'lets containers of one bridge talk with bridge-nf-call-ip(6)tables = %i',
    async (value) => {
      await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-iptables', value)
      await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-ip6tables', value)
      expect(await lab.tcp('db', `${IPV6}1:2`, 8080)).toBe(`blog:8080 peer ${IPV6}1:3`)
      expect(await lab.tcp('db', '10.64.0.2', 8080)).toBe('blog:8080 peer 10.64.0.3')
      expect(await lab.ping('db', '10.64.0.4')).toMatchObject({ received: 1 })
      expect(await lab.ping('db', `${IPV6}1:4`)).toMatchObject({ received: 1 })
    },
  )

  it('lets the host reach its containers', async () => {
    expect(await lab.tcp('host', `${IPV6}1:2`, 443)).toMatch(/^blog:443 peer /)
    expect(await lab.tcp('host', '10.64.0.2', 443)).toBe('blog:443 peer 10.64.0.1')
  })

  it('hides the private IPv4 from a neighbour on the uplink that adds a route', async () => {
    await lab.ip('router', 'route add 10.64.0.0/24 via 203.0.113.2')
    expect(CLOSED).toContain(await lab.tcp('router', '10.64.0.2', 443, { timeoutMs: 300 }))
    expect(await lab.ping('router', '10.64.0.2')).toMatchObject({ received: 0 })
    await lab.ip('router', 'route del 10.64.0.0/24')
  })
})
