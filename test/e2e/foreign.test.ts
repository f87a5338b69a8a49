import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addForeign, snapshotForeign } from '../lab/foreign.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import {
  container,
  expectClearMessage,
  expectExit,
  forward,
  networkYaml,
  plan,
  reconcile,
} from './fixtures.ts'

const SYSCTLS = [
  'net/ipv4/ip_forward',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/eth0/accept_ra',
  'net/ipv6/conf/all/proxy_ndp',
  'net/ipv6/conf/eth0/proxy_ndp',
  'net/ipv6/neigh/eth0/proxy_delay',
]

describe('what is not ours', () => {
  let lab: Lab
  let yaml: string
  beforeEach(async () => {
    lab = await createLab({ containers: ['blog', 'db'] })
    yaml = networkYaml({
      containers: { blog: container(lab, 'blog', 2, { expose: ['443/tcp'] }), db: container(lab, 'db', 3) },
      nat: { forwards: [forward('2222/tcp -> blog:22')] },
    })
  })
  afterEach(async () => lab.destroy())

  it('is counted, and stays byte for byte through reconcile, change, healing and teardown', async () => {
    await addForeign(lab)
    const before = await snapshotForeign(lab)
    await reconcile(lab, yaml)
    expect(await snapshotForeign(lab)).toBe(before)
    expect((await plan(lab)).summary.foreign).toBeGreaterThan(0)
    await lab.ip('host', 'link del br-ct')
    await reconcile(lab)
    await reconcile(lab, networkYaml({ containers: { db: container(lab, 'db', 3) } }))
    expect(await snapshotForeign(lab)).toBe(before)
    const teardown = await lab.slash64(['teardown', '--yes'])
    expectExit(teardown, 0)
    expect(await snapshotForeign(lab)).toBe(before)
  })

  it('is left as found by teardown: nothing of ours stays, sysctls are as they were', async () => {
    const values = async (): Promise<readonly string[]> =>
      Promise.all(SYSCTLS.map(async (name) => `${name}=${await lab.readSysctl('host', name)}`))
    const everything = async (): Promise<string> => {
      const dumps = [
        ['nft', 'list', 'ruleset'],
        ['ip', '-br', 'link'],
        ['ip', '-br', 'address'],
        ['ip', '-N', '-6', 'route'],
        ['ip', '-N', '-4', 'route'],
        ['ip', '-6', 'neigh', 'show', 'proxy'],
      ]
      return (await Promise.all(dumps.map(async (argv) => lab.must('host', argv)))).join('---\n')
    }
    const before = [await everything(), ...(await values())]
    await reconcile(lab, yaml)
    expect([await everything(), ...(await values())]).not.toEqual(before)
    const teardown = await lab.slash64(['teardown', '--yes'])
    expectExit(teardown, 0)
    expect([await everything(), ...(await values())]).toEqual(before)
    expect((await lab.must('blog', ['ip', '-br', 'link'])).trim().split('\n')).toHaveLength(1)
    expect(await lab.slash64(['teardown', '--yes'])).toMatchObject({ exitCode: 0 })
  })

  it('is not asked about without a terminal: teardown wants --yes', async () => {
    await reconcile(lab, yaml)
    const refused = await lab.slash64(['teardown'])
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toMatch(/--yes/)
    expect(await lab.must('host', ['nft', 'list', 'tables'])).toContain('inet slash64')
  })

  it('is a clear error where it stands in the way, and stays', async () => {
    await lab.ip('host', 'link add br-ct type bridge', 'link set br-ct alias mine')
    const result = await lab.slash64(['reconcile', '--once'], { yaml })
    expectClearMessage(result, 1, /br-ct/)
    expect(await lab.must('host', ['ip', 'link', 'show', 'br-ct'])).toContain('alias mine')
    expect(await lab.must('host', ['ip', '-br', 'address', 'show', 'br-ct'])).not.toContain('10.64.0.1')
  })

  it('includes the addresses of a renumbered prefix: one edit moves all of ours', async () => {
    await reconcile(lab, yaml)
    await lab.ip('router', 'address add 2001:db8:1:2::ffff/64 dev up0')
    await lab.ip('host', 'address add 2001:db8:1:2::2/64 dev eth0 nodad')
    await reconcile(lab, yaml.replaceAll('2001:db8:1:1::/64', '2001:db8:1:2::/64'))
    expect(await lab.ping('internet', '2001:db8:1:2::1:2')).toMatchObject({ received: 1 })
    expect(await lab.must('host', ['ip', '-6', 'neigh', 'show', 'proxy'])).not.toContain('2001:db8:1:1:')
    expect(await lab.must('host', ['ip', '-6', 'route'])).not.toMatch(/2001:db8:1:1::1:\d/)
    expect(readFileSync(`${lab.directory}/network.yaml`, 'utf8')).toContain('2001:db8:1:2::/64')
  })
})
