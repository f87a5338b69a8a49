import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { container, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'

const BLOG = `${IPV6}1:2`
const SLICE = `${IPV6}1:0/112`
let lab: Lab

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  await reconcile(
    lab,
    networkYaml({ containers: { blog: container(lab, 'blog', 2), db: container(lab, 'db', 3) } }),
  )
})
afterAll(async () => lab?.destroy())

/** All of ours: routes of both families, addresses with their metrics, proxy neighbours. */
async function standing(place: string): Promise<string> {
  const reads = [
    ['ip', '-6', 'route', 'show', 'proto', '164'],
    ['ip', '-4', 'route', 'show', 'proto', '164'],
    ['ip', '-6', 'neigh', 'show', 'proxy'],
    ['ip', '-o', 'addr', 'show'],
  ]
  const texts: string[] = []
  for (const argv of reads) texts.push(await lab.must(place, argv))
  // What IPv4 keeps in an order of its own is the same in any.
  return texts.join('').split('\n').toSorted().join('\n')
}

/** What one pass deletes of what was laid beside ours; the pass leaves what was there before, and a second one finds nothing. */
async function healed(place: string, lines: readonly string[]): Promise<readonly string[]> {
  const before = await standing(place)
  await lab.ip(place, ...lines)
  expect(await standing(place)).not.toBe(before)
  const { changes, summary, errors } = await plan(lab)
  expect({ errors, create: summary.create, update: summary.update }).toEqual({
    errors: [],
    create: 0,
    update: 0,
  })
  await reconcile(lab)
  expect(await standing(place)).toBe(before)
  expect(await plan(lab)).toMatchObject({ hasChanges: false, errors: [] })
  return changes.map(({ kind, key }) => `${kind} ${key.replace(/^blog /, '')}`).toSorted()
}

describe('beside what is ours, with our mark', () => {
  it.each([
    [
      'the kernel’s metric',
      [`route add ${BLOG} dev br-ct proto 164`],
      [`route ${BLOG} dev br-ct metric 1024`],
    ],
    [
      'a better metric',
      [`route add ${BLOG} dev br-ct proto 164 metric 7`],
      [`route ${BLOG} dev br-ct metric 7`],
    ],
    ['another device', [`route add ${BLOG} dev eth0 proto 164`], [`route ${BLOG} dev eth0`]],
    [
      'another device, the same metric',
      [`route append ${BLOG} dev eth0 proto 164 metric 164`],
      [`route ${BLOG} dev eth0`],
    ],
    [
      'an end of packets',
      [`route add unreachable ${BLOG} proto 164 metric 5`],
      [`route unreachable ${BLOG}`],
    ],
    ['a black hole', [`route add blackhole ${BLOG} proto 164 metric 5`], [`route blackhole ${BLOG}`]],
    [
      'a black hole for the slice',
      [`route add blackhole ${SLICE} proto 164 metric 4095`],
      [`route blackhole ${SLICE}`],
    ],
    [
      'a second end of the slice',
      [`route add unreachable ${SLICE} proto 164`],
      [`route unreachable ${SLICE} metric 1024`],
    ],
    [
      'several ways',
      [`route append ${BLOG} proto 164 metric 164 nexthop via fe80::5 dev eth0 nexthop via fe80::6 dev eth0`],
      [`route ${BLOG} nexthop via fe80::5 dev eth0 nexthop via fe80::6 dev eth0`],
    ],
    [
      'many at once',
      [
        `route add ${BLOG} dev br-ct proto 164`,
        `route add ${BLOG} dev br-ct proto 164 metric 1`,
        `route add ${BLOG} dev br-ct proto 164 metric 2`,
        `route add ${IPV6}1:3 dev br-ct proto 164`,
        `route add prohibit ${IPV6}1:3 proto 164 metric 3`,
      ],
      [
        `route ${BLOG} dev br-ct metric 1`,
        `route ${BLOG} dev br-ct metric 1024`,
        `route ${BLOG} dev br-ct metric 2`,
        `route ${IPV6}1:3 dev br-ct metric 1024`,
        `route prohibit ${IPV6}1:3`,
      ],
    ],
    [
      'IPv4 routes',
      [
        'route add 10.9.0.0/24 dev br-ct proto 164',
        'route add 10.9.0.0/24 dev br-ct proto 164 metric 7',
        'route add 10.9.0.0/24 tos 0x10 dev br-ct proto 164 metric 7',
        'route append 10.9.0.0/24 dev eth0 proto 164',
        'route add blackhole 10.9.0.0/24 proto 164 metric 9',
        'route add 10.9.1.0/24 proto 164 nexthop via 10.64.0.7 dev br-ct nexthop via 10.64.0.8 dev br-ct',
      ],
      [
        'route 10.9.0.0/24 dev br-ct',
        'route 10.9.0.0/24 dev br-ct metric 7',
        'route 10.9.0.0/24 dev eth0',
        'route 10.9.0.0/24 tos 0x10 dev br-ct',
        'route 10.9.1.0/24 nexthop via 10.64.0.7 dev br-ct nexthop via 10.64.0.8 dev br-ct',
        'route blackhole 10.9.0.0/24',
      ],
    ],
    [
      'addresses',
      [
        'addr add 10.64.0.1/25 dev br-ct metric 164',
        'addr add 10.64.0.1 peer 10.64.1.9/24 dev br-ct metric 164',
        `addr add ${IPV6}1:77/128 dev br-ct nodad metric 164`,
      ],
      [
        'address 10.64.0.1 peer 10.64.1.9/24 dev br-ct',
        'address 10.64.0.1/25 dev br-ct',
        `address ${IPV6}1:77/128 dev br-ct`,
      ],
    ],
    [
      'proxy neighbours',
      [`neigh add proxy ${BLOG} dev br-ct protocol 164`, `neigh add proxy ${IPV6}1:77 dev eth0 protocol 164`],
      [`proxy-neighbour ${BLOG} dev br-ct`, `proxy-neighbour ${IPV6}1:77 dev eth0`],
    ],
  ])('%s: a deletion each, and nothing else', async (_, lines, deletions) => {
    expect(await healed('host', lines)).toEqual(deletions.toSorted())
  })

  it.each([
    [
      'the kernel’s metric',
      ['route add default via 10.64.0.1 dev eth0 proto 164'],
      ['container-route default via 10.64.0.1 dev eth0 metric 0'],
    ],
    [
      'IPv6, other metrics',
      [
        `route add default via ${IPV6}1:1 dev eth0 proto 164`,
        `route add default via ${IPV6}1:1 dev eth0 proto 164 metric 5`,
      ],
      [
        `container-route default via ${IPV6}1:1 dev eth0 metric 1024`,
        `container-route default via ${IPV6}1:1 dev eth0 metric 5`,
      ],
    ],
    [
      'ends of packets',
      ['route add unreachable 0.0.0.0/0 proto 164 metric 5', 'route add blackhole ::/0 proto 164 metric 5'],
      ['container-route blackhole default', 'container-route unreachable default'],
    ],
    [
      'addresses',
      [
        'addr add 10.64.0.2 peer 10.64.1.9/24 dev eth0 metric 164',
        `addr add ${IPV6}1:77/112 dev eth0 nodad metric 164`,
      ],
      [
        'container-address 10.64.0.2 peer 10.64.1.9/24 dev eth0',
        `container-address ${IPV6}1:77/112 dev eth0`,
      ],
    ],
  ])('inside of a container, %s: a deletion each, and nothing else', async (_, lines, deletions) => {
    expect(await healed('blog', lines)).toEqual(deletions.toSorted())
  })

  it('alone with a wrong metric, inside too: ours stands again', async () => {
    const [host, inside] = [await standing('host'), await standing('blog')]
    await lab.ip(
      'host',
      `route delete ${BLOG} dev br-ct proto 164`,
      `route add ${BLOG} dev br-ct proto 164 metric 9`,
    )
    await lab.ip(
      'blog',
      'route delete default',
      'route add default via 10.64.0.1 dev eth0 proto 164 metric 9',
    )
    await reconcile(lab)
    expect([await standing('host'), await standing('blog')]).toEqual([host, inside])
    expect(await plan(lab)).toMatchObject({ hasChanges: false, errors: [] })
  })
})
