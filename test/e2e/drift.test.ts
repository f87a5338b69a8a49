import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { IPV6, container, forward, networkYaml, plan, reconcile } from './fixtures.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  await lab.serve('blog', '443/tcp')
  const containers = { blog: container(lab, 'blog', 2, { expose: ['443/tcp'] }), db: container(lab, 'db', 3) }
  const forwards = [
    forward('2222/tcp -> blog:443'),
    forward('8000-8010/udp -> db:9000-9010', '198.51.100.0/24'),
  ]
  await reconcile(lab, networkYaml({ containers, nat: { forwards } }))
})
afterAll(async () => lab.destroy())

/** Everything that `ip` can show, without lifetimes and interface numbers. */
async function hostText(): Promise<string> {
  const dumps = await Promise.all([
    lab.must('host', ['ip', '-N', '-6', 'route', 'show', 'table', 'all']),
    lab.must('host', ['ip', '-N', '-4', 'route', 'show', 'table', 'all']),
    lab.must('host', ['ip', '-N', '-6', 'neigh', 'show', 'proxy']),
    lab.must('host', ['ip', '-br', 'address', 'show', 'dev', 'br-ct']),
    lab.must('blog', ['ip', '-br', 'address', 'show', 'dev', 'eth0']),
    lab.must('blog', ['ip', '-N', '-6', 'route']),
    lab.must('blog', ['ip', '-N', '-4', 'route']),
  ])
  return dumps
    .map((text) =>
      text
        .split('\n')
        .toSorted()
        .join('\n')
        .replaceAll(/@if\d+/g, ''),
    )
    .join('\n---\n')
}

interface Breakage {
  readonly what: string
  readonly place?: string
  readonly lines: readonly string[]
  /** The plan's changes as `action kind key`; each must match one, and there are no others. */
  readonly planned: readonly RegExp[]
}

const SINGLE: readonly Breakage[] = [
  {
    what: 'a proxy neighbour is gone',
    lines: [`neigh del proxy ${IPV6}1:2 dev eth0`],
    planned: [/^create proxy-neighbour 2001:db8:1:1::1:2 dev eth0/],
  },
  {
    what: 'a proxy neighbour with our mark is too many',
    lines: [`neigh add proxy ${IPV6}1:77 dev eth0 protocol 164`],
    planned: [/^delete proxy-neighbour 2001:db8:1:1::1:77/],
  },
  {
    what: "a container's route is gone",
    lines: [`route del ${IPV6}1:2/128 dev br-ct`],
    planned: [/^create route .*2001:db8:1:1::1:2/],
  },
  {
    what: "the slice's unreachable route is gone",
    lines: [`route del unreachable ${IPV6}1:0/112`],
    planned: [/^create route .*2001:db8:1:1::1:0\/112/],
  },
  {
    what: 'a route with our mark is too many',
    lines: [`route add ${IPV6}1:88/128 dev br-ct proto 164`],
    planned: [/^delete route .*2001:db8:1:1::1:88/],
  },
  {
    what: 'the gateway has lost its IPv4',
    lines: ['address del 10.64.0.1/24 dev br-ct'],
    planned: [/^create .*10\.64\.0\.1/],
  },
  {
    what: 'the gateway has lost its IPv6',
    lines: [`address del ${IPV6}1:1/128 dev br-ct`],
    planned: [/^create .*2001:db8:1:1::1:1/],
  },
  {
    what: 'a container has lost its IPv6',
    place: 'blog',
    lines: [`address del ${IPV6}1:2/112 dev eth0`],
    planned: [/^create .*2001:db8:1:1::1:2/],
  },
  {
    what: 'a container has lost its default route',
    place: 'blog',
    lines: ['route del default via 10.64.0.1'],
    planned: [/^create .*10\.64\.0\.1|^create .*default/],
  },
]

describe.each(SINGLE)('$what', ({ place = 'host', lines, planned }) => {
  it('is planned alone, healed by one pass, and leaves the host as it was', async () => {
    const before = await hostText()
    await lab.ip(place, ...lines)
    expect(await hostText()).not.toBe(before)
    const document = await plan(lab)
    const changes = document.changes.map(({ action, kind, key }) => `${action} ${kind} ${key}`)
    expect(changes).toEqual(planned.map((pattern) => expect.stringMatching(pattern)))
    for (const change of document.changes) expect(['drift', 'prune']).toContain(change.cause)
    await reconcile(lab)
    expect(await hostText()).toBe(before)
    expect(await plan(lab)).toMatchObject({ hasChanges: false })
  })
})

/** What one pass makes of a breakage: whether the plan saw it, and who answers afterwards. */
async function healed(): Promise<readonly unknown[]> {
  const { hasChanges } = await plan(lab)
  await reconcile(lab)
  const after = await plan(lab)
  return [
    hasChanges,
    after.hasChanges,
    (await lab.ping('internet', `${IPV6}1:2`)).received,
    await lab.tcp('internet', `${IPV6}1:2`, 443),
    await lab.tcp('internet', '203.0.113.2', 2222),
  ]
}
const HEALED = [true, false, 1, 'blog:443 peer 2001:db8:ffff::10', 'blog:443 peer 198.51.100.10']

describe('drift that takes much along is healed', () => {
  it('when the bridge is down', async () => {
    await lab.ip('host', 'link set br-ct down')
    expect(await healed()).toEqual(HEALED)
  })

  it('when the bridge was deleted', async () => {
    await lab.ip('host', 'link del br-ct')
    expect(await healed()).toEqual(HEALED)
  })

  it('when a container lost its interface', async () => {
    await lab.ip('blog', 'link del eth0')
    expect(await healed()).toEqual(HEALED)
  })

  it("when a container's port was taken off the bridge", async () => {
    const [port = ''] = (await lab.must('host', ['ip', '-br', 'link', 'show', 'master', 'br-ct'])).split(
      /[@ ]/,
    )
    await lab.ip('host', `link set ${port} nomaster`)
    expect(await healed()).toEqual(HEALED)
  })

  it('when the upstream interface went down and came up', async () => {
    await lab.ip('host', 'link set eth0 down', 'link set eth0 up')
    await lab.ip(
      'host',
      'address replace 2001:db8:1:1::2/64 dev eth0',
      'route replace default via 203.0.113.1',
    )
    await lab.ip('host', 'route replace default via 2001:db8:1:1::ffff')
    expect(await healed()).toEqual(HEALED)
  })
})

describe('sysctls', () => {
  it.each([
    ['net/ipv4/ip_forward', 0],
    ['net/ipv6/conf/all/forwarding', 0],
    ['net/ipv6/conf/all/proxy_ndp', 0],
    ['net/ipv6/conf/eth0/proxy_ndp', 0],
    ['net/ipv6/neigh/eth0/proxy_delay', 80],
  ])('sets %s again', async (name, value) => {
    const wanted = await lab.readSysctl('host', name)
    await lab.writeSysctl('host', name, value)
    const document = await plan(lab)
    expect(document.changes.map((change) => change.kind)).toContain('sysctl')
    await reconcile(lab)
    expect(await lab.readSysctl('host', name)).toBe(wanted)
    expect(await plan(lab)).toMatchObject({ hasChanges: false })
  })
})

it('switches IPv6 on where a container’s runtime or image switched it off for every interface', async () => {
  const six = 'net/ipv6/conf/all/disable_ipv6'
  await lab.writeSysctl('db', six, 1)
  await reconcile(lab)
  expect(await lab.ping('internet', `${IPV6}1:3`)).toMatchObject({ received: 1 })
  await lab.ip('db', 'link delete dev eth0')
  await lab.writeSysctl('db', six, 1)
  await reconcile(lab)
  expect(await lab.ping('internet', `${IPV6}1:3`)).toMatchObject({ received: 1 })
  expect((await plan(lab)).hasChanges).toBe(false)
})
