import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { NO_INTERVAL } from './controller-edits.ts'
import { converged, startController } from './controller-fixtures.ts'
import { container, networkYaml, plan, reconcile } from './fixtures.ts'

const ACCEPT_RA = 'net/ipv6/conf/eth0/accept_ra'
const FORWARDING = 'net/ipv6/conf/eth0/forwarding'
const SCRIPT = join(import.meta.dirname, '..', 'lab', 'advertise.pl')

let lab: Lab
afterEach(async () => lab?.destroy())

/** A host with these settings of its uplink. */
async function host(acceptRa: number, forwarding: number): Promise<string> {
  lab = await createLab({ containers: ['blog'] })
  await lab.writeSysctl('host', FORWARDING, forwarding)
  await lab.writeSysctl('host', ACCEPT_RA, acceptRa)
  return networkYaml({ containers: { blog: container(lab, 'blog', 2) } })
}

/** Somebody on the link advertises himself as router, and a prefix of his. */
async function advertise(): Promise<void> {
  const [link] = JSON.parse(await lab.must('router', ['ip', '-j', 'link', 'show', 'dev', 'up0']))
  await lab.must('router', ['perl', SCRIPT, `${link.ifindex}`, '2001:db8:bad::'])
}

async function learned(): Promise<boolean> {
  const [addresses, routes] = await Promise.all([
    lab.must('host', ['ip', '-6', '-o', 'addr', 'show', 'dev', 'eth0']),
    lab.must('host', ['ip', '-6', 'route', 'show', 'default', 'proto', 'ra']),
  ])
  return addresses.includes('2001:db8:bad:') || routes.includes('default')
}

describe('what the host accepts of router advertisements', () => {
  it.each([
    ['never did', 0, 0],
    ['never did, and forwards already', 0, 1],
    ['does not, because it forwards already', 1, 1],
  ])('a host that %s goes on so', async (_what, acceptRa, forwarding) => {
    const yaml = await host(acceptRa, forwarding)
    await reconcile(lab, yaml)
    expect(await lab.readSysctl('host', ACCEPT_RA)).toBe(`${acceptRa}`)
    for (let count = 0; count < 3; count += 1) {
      await advertise()
      await sleep(100)
    }
    expect(await learned()).toBe(false)
    expect((await plan(lab)).changes).toEqual([])
    await lab.slash64(['teardown', '--yes'])
    expect(await lab.readSysctl('host', ACCEPT_RA)).toBe(`${acceptRa}`)
  })

  it('a host that did and begins to forward goes on learning; who switches it off then is let do so', async () => {
    const yaml = await host(1, 0)
    await reconcile(lab, yaml)
    expect(await lab.readSysctl('host', ACCEPT_RA)).toBe('2')
    await advertise()
    expect(await eventually(learned)).toBe(true)
    // Set back, as networkd does with a new interface: raised again, also by a later pass.
    await lab.writeSysctl('host', ACCEPT_RA, 1)
    expect((await plan(lab)).changes.map(({ key }) => key)).toEqual(['net.ipv6.conf.eth0.accept_ra'])
    await reconcile(lab)
    expect(await lab.readSysctl('host', ACCEPT_RA)).toBe('2')
    await lab.writeSysctl('host', ACCEPT_RA, 0)
    await reconcile(lab)
    expect(await lab.readSysctl('host', ACCEPT_RA)).toBe('0')
    await lab.slash64(['teardown', '--yes'])
    expect([await lab.readSysctl('host', ACCEPT_RA), await lab.readSysctl('host', FORWARDING)]).toEqual([
      '1',
      '0',
    ])
  })

  it('the controller never puts 2 over an administrator’s 0', async () => {
    const yaml = await host(1, 0)
    const controller = startController(lab, yaml, { args: NO_INTERVAL })
    await converged(controller)
    await lab.writeSysctl('host', ACCEPT_RA, 0)
    const before = await controller.passes()
    controller.signal('SIGHUP')
    expect(await eventually(async () => (await controller.passes()) > before)).toBe(true)
    expect(await lab.readSysctl('host', ACCEPT_RA)).toBe('0')
    expect((await controller.status()).state).toBe('converged')
    await controller.stop()
  })
})
