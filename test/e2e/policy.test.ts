import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { CLOSED, HOST, IPV6, container, networkYaml, reconcile } from './fixtures.ts'

describe('default-allow and closed east-west', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: ['one', 'two'] })
    await Promise.all([
      lab.serve('one', '80/tcp'),
      lab.serve('two', '80/tcp'),
      lab.serve('internet', '7/tcp'),
    ])
    await reconcile(
      lab,
      networkYaml({
        containers: { one: container(lab, 'one', 2), two: container(lab, 'two', 3) },
        firewall: { ipv6: 'allow', eastWest: 'deny' },
        nat: { source: 'masquerade' },
      }),
    )
  })
  afterAll(async () => lab.destroy())

  it('opens every port of every container with ipv6: allow', async () => {
    expect(await lab.tcp('internet', `${IPV6}1:2`, 80)).toBe('one:80 peer 2001:db8:ffff::10')
    expect(await lab.tcp('internet', `${IPV6}1:3`, 81)).toBe('refused')
  })

  it.each([0, 1])('keeps containers apart with bridge-nf-call-ip(6)tables = %i', async (value) => {
    await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-iptables', value)
    await lab.writeSysctl('host', 'net/bridge/bridge-nf-call-ip6tables', value)
    expect(CLOSED).toContain(await lab.tcp('one', `${IPV6}1:3`, 80, { timeoutMs: 300 }))
    expect(CLOSED).toContain(await lab.tcp('one', '10.64.0.3', 80, { timeoutMs: 300 }))
    expect(await lab.ping('one', '10.64.0.3')).toMatchObject({ received: 0 })
  })

  it('still lets them reach their gateway and the internet', async () => {
    expect(await lab.ping('one', '10.64.0.1')).toMatchObject({ received: 1 })
    expect(await lab.ping('one', `${IPV6}1:1`)).toMatchObject({ received: 1 })
    expect(await lab.tcp('one', '2001:db8:ffff::10', 7)).toBe(`internet:7 peer ${IPV6}1:2`)
  })

  it('masquerades IPv4 behind the address of the upstream interface', async () => {
    expect(await lab.tcp('one', '198.51.100.10', 7)).toBe(`internet:7 peer ${HOST}`)
  })

  it('follows the file: east-west opens again, the default closes again', async () => {
    const containers = { one: container(lab, 'one', 2), two: container(lab, 'two', 3) }
    await reconcile(lab, networkYaml({ containers }))
    expect(await lab.tcp('one', `${IPV6}1:3`, 80)).toBe(`two:80 peer ${IPV6}1:2`)
    expect(CLOSED).toContain(await lab.tcp('internet', `${IPV6}1:2`, 80, { timeoutMs: 300 }))
  })
})

describe('source addresses that a container has not been given', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: ['one', 'two'] })
    await lab.serve('internet', '7/tcp')
    const containers = { one: container(lab, 'one', 2), two: container(lab, 'two', 3) }
    await reconcile(lab, networkYaml({ containers }))
  })
  afterAll(async () => lab.destroy())

  it('does not forward what a container sends in the name of another', async () => {
    await lab.ip('one', `address add ${IPV6}1:9/128 dev eth0 nodad`, 'address add 10.64.0.9/32 dev eth0')
    expect(await lab.tcp('one', '2001:db8:ffff::10', 7, { source: `${IPV6}1:2` })).toMatch(/^internet:7 /)
    expect(CLOSED).toContain(
      await lab.tcp('one', '2001:db8:ffff::10', 7, { source: `${IPV6}1:9`, timeoutMs: 300 }),
    )
    expect(CLOSED).toContain(
      await lab.tcp('one', '198.51.100.10', 7, { source: '10.64.0.9', timeoutMs: 300 }),
    )
  })
})

describe('a routed prefix', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ delivery: 'routed', containers: ['one', 'two'] })
    await Promise.all([lab.serve('one', '80/tcp', '81/tcp'), lab.serve('internet', '7/tcp')])
    await reconcile(
      lab,
      networkYaml({
        prefix: { cidr: '2001:db8:1:1::/64', delivery: 'routed' },
        containers: { one: container(lab, 'one', 2, { expose: ['80/tcp'] }), two: container(lab, 'two', 3) },
      }),
    )
  })
  afterAll(async () => lab.destroy())

  it('reaches containers without any proxy neighbour', async () => {
    expect(await lab.ping('internet', `${IPV6}1:3`)).toMatchObject({ received: 1 })
    expect(await lab.tcp('internet', `${IPV6}1:2`, 80)).toBe('one:80 peer 2001:db8:ffff::10')
    expect(CLOSED).toContain(await lab.tcp('internet', `${IPV6}1:2`, 81, { timeoutMs: 300 }))
    expect(await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).toBe('')
  })

  it('lets containers out by their own address', async () => {
    expect(await lab.tcp('two', '2001:db8:ffff::10', 7)).toBe(`internet:7 peer ${IPV6}1:3`)
  })

  it('answers for unused addresses of slice and prefix instead of sending them back to the provider', async () => {
    for (const address of [`${IPV6}1:99`, `${IPV6}77:1`]) {
      const ping = await lab.ping('internet', address, { ttl: 32 })
      expect({ address, ...ping }).toMatchObject({ address, received: 0, unreachable: true, looped: false })
    }
  })
})
