import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../src/config/types.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { ADDRESSES } from '../lab/topology.ts'
import { container, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  // As on any host: the lab is quick without it, and would hide what waits for it.
  await lab.writeSysctl('host', 'net/ipv6/conf/default/accept_dad', 1)
})

afterAll(async () => lab?.destroy())

function yaml({ slice = 112, subnet = 24, blog = {} as ContainerConfig } = {}): string {
  return networkYaml({
    networks: { 'br-ct': { ipv6: `::1:0/${slice}`, ipv4: `10.64.0.0/${subnet}` } },
    containers: { blog: container(lab, 'blog', 2, blog), db: container(lab, 'db', 3) },
  })
}

async function addressesIn(place: string, device: string): Promise<readonly string[]> {
  const text = await lab.must(place, ['ip', '-o', 'addr', 'show', 'dev', device, 'scope', 'global'])
  return [...text.matchAll(/ inet6? (\S+)/g)].map(([, address = '']) => address)
}

describe('IPv6', () => {
  it('is there when the command ends, also where others are detected for two seconds', async () => {
    await reconcile(lab, yaml())
    const ping = ['ping', '-c', '1', '-W', '1', `${IPV6}1:2`]
    expect((await lab.run('internet', ping)).exitCode).toBe(0)
  })

  it('of the bridge is never what the host sends from', async () => {
    await lab.ip('host', `address change ${ADDRESSES.host6}/64 dev eth0 preferred_lft 0`)
    const route = await lab.must('host', ['ip', '-6', 'route', 'get', ADDRESSES.internet6])
    expect(route).toContain(`src ${ADDRESSES.host6}`)
    await lab.ip('host', `address change ${ADDRESSES.host6}/64 dev eth0 preferred_lft forever`)
  })
})

describe('an edit of the length', () => {
  /** Each 10 ms one, to and fro, while something is done; resolves to how many were not answered. */
  async function lostDuring(address: string, work: () => Promise<void>): Promise<number> {
    const pinging = lab.run('internet', ['ping', '-i', '0.01', '-c', '300', '-W', '1', address])
    await work()
    const { stdout } = await pinging
    const [, sent = '0', received = '0'] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? []
    expect(Number(sent)).toBe(300)
    return Number(sent) - Number(received)
  }

  it.each([120, 126, 112])('of the slice, to /%d, is one pass without a gap', async (slice) => {
    const lost = await lostDuring(`${IPV6}1:2`, async () => {
      await reconcile(lab, yaml({ slice }))
    })
    expect(lost).toBeLessThanOrEqual(1)
    expect(await addressesIn('blog', 'eth0')).toEqual(['10.64.0.2/24', `${IPV6}1:2/${slice}`])
    expect((await plan(lab)).changes).toEqual([])
  })

  it.each([25, 24])('of the subnet, to /%d, too', async (subnet) => {
    await reconcile(lab, yaml({ subnet }))
    expect(await addressesIn('blog', 'eth0')).toContain(`10.64.0.2/${subnet}`)
    expect((await addressesIn('blog', 'eth0')).length).toBe(2)
    expect((await plan(lab)).changes).toEqual([])
    expect((await lab.run('blog', ['ping', '-c', '1', '-W', '1', ADDRESSES.internet])).exitCode).toBe(0)
  })
})

describe('what a container has by itself', () => {
  it('its address with another length serves, and is not taken away with an edit', async () => {
    await lab.ip('blog', `address delete ${IPV6}1:2/112 dev eth0`, `address add ${IPV6}1:2/64 dev eth0 nodad`)
    expect((await plan(lab)).changes).toEqual([])
    for (const slice of [120, 112]) {
      await reconcile(lab, yaml({ slice }))
      expect(await addressesIn('blog', 'eth0')).toContain(`${IPV6}1:2/64`)
    }
    const ping = ['ping', '-c', '1', '-W', '1', `${IPV6}1:2`]
    expect((await lab.run('internet', ping)).exitCode).toBe(0)
    await lab.ip('blog', `address delete ${IPV6}1:2/64 dev eth0`)
    await reconcile(lab)
  })

  it('its default routes by our gateways are in sync', async () => {
    await lab.ip(
      'blog',
      'route delete default via 10.64.0.1 dev eth0',
      'route add default via 10.64.0.1 dev eth0',
      `route delete default via ${IPV6}1:1 dev eth0`,
      `route add default via ${IPV6}1:1 dev eth0 metric 100`,
    )
    expect((await plan(lab)).changes).toEqual([])
    expect((await lab.slash64(['plan'])).exitCode).toBe(0)
    await lab.ip('blog', 'route delete default via 10.64.0.1 dev eth0')
    expect((await plan(lab)).changes.map(({ kind }) => kind)).toEqual(['container-route'])
    await reconcile(lab)
  })
})

it('another IPv4 for a container is a change, and no fault of the old one', async () => {
  const edited = yaml({ blog: { ipv4: '10.64.0.5' } })
  const planned = await lab.slash64(['plan', '--detailed-exitcode'], { yaml: edited })
  expect([planned.exitCode, planned.stderr]).toEqual([2, ''])
  await reconcile(lab, edited)
  expect(await addressesIn('blog', 'eth0')).toContain('10.64.0.5/24')
  expect((await lab.run('blog', ['ping', '-c', '1', '-W', '1', ADDRESSES.internet])).exitCode).toBe(0)
})
