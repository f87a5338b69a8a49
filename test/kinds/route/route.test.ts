import { describe, expect, it } from 'vitest'
import { route } from '../../../src/kinds/route/index.ts'
import { capture } from '../../support/captures.ts'
import { behindNatOnly, capturedModel, world } from '../../support/model.ts'
import { commands, everyContainer, keys, onBareHost, onCapture, without } from '../support.ts'

const ROUTES6 = capture('iproute2-6.1.0/routes6.json')
const BLOG = '2001:db8:1:1::1:2'

/** Another route to the container's address, read before or after ours. */
function before(words: string): string {
  return ROUTES6.replace('[', `[{"dst":"${BLOG}",${words}},`)
}
function after(words: string): string {
  return ROUTES6.replace(/\]\s*$/, `,{"dst":"${BLOG}",${words}}]`)
}

describe('route', () => {
  it('has one for each container, and "unreachable" for the rest of the slice', () => {
    expect(commands(onBareHost(route))).toEqual([
      'ip route replace unreachable 2001:db8:1:1::1:0/112 proto 164 metric 4096',
      'ip route replace 2001:db8:1:1::1:2 dev br-ct proto 164 metric 164',
      'ip route replace 2001:db8:1:1::1:3 dev br-ct proto 164 metric 164',
    ])
  })

  it('a routed prefix is unreachable as a whole', () => {
    const routed = { ...capturedModel(), prefix: { cidr: '2001:db8:1:1::/64', delivery: 'routed' as const } }
    expect(keys(onBareHost(route, world(routed)))).toContain('+ unreachable 2001:db8:1:1::/64')
  })

  it('is found again by protocol 164; connected routes are nobody’s, others are foreign', () => {
    expect(onCapture(route)).toMatchObject({ early: [], late: [], inSync: 3, conflicts: [] })
    expect(onCapture(route).foreign).toBe(4)
  })

  it('stays when its container is not running', () => {
    expect(keys(onCapture(route, everyContainer('absent')))).toEqual([])
  })

  it('goes with its container, named whole, so that nobody else’s is hit', () => {
    expect(commands(onCapture(route, without('blog')))).toEqual([
      `ip route delete ${BLOG} dev br-ct proto 164 metric 164`,
    ])
  })

  it('with another metric is made anew', () => {
    const routes6 = ROUTES6.replace(
      `"dst":"${BLOG}","dev":"br-ct","protocol":"164","metric":164`,
      `"dst":"${BLOG}","dev":"br-ct","protocol":"164","metric":200`,
    )
    expect(commands(onCapture(route, undefined, { routes6 }))).toEqual([
      `ip route delete ${BLOG} dev br-ct proto 164 metric 200`,
      expect.stringContaining(`${BLOG} dev br-ct proto 164 metric 164`),
    ])
  })

  it.each([
    [
      'by the kernel’s own metric',
      '"dev":"br-ct","protocol":"164","metric":1024',
      `${BLOG} dev br-ct proto 164 metric 1024`,
    ],
    [
      'by another device',
      '"dev":"eth0","protocol":"164","metric":164',
      `${BLOG} dev eth0 proto 164 metric 164`,
    ],
    [
      'as the end of packets',
      '"type":"7","dev":"lo","protocol":"164","metric":5',
      `unreachable ${BLOG} proto 164 metric 5`,
    ],
    [
      'as a black hole',
      '"type":"6","dev":"lo","protocol":"164","metric":5',
      `blackhole ${BLOG} proto 164 metric 5`,
    ],
    [
      'by several ways',
      '"protocol":"164","metric":164,"nexthops":[{"gateway":"fe80::1","dev":"eth0"},{"dev":"br-ct"}]',
      `${BLOG} proto 164 metric 164 nexthop via fe80::1 dev eth0 nexthop dev br-ct`,
    ],
  ])('a second one, %s, is one deletion and nothing else', (_, words, line) => {
    for (const routes6 of [before(words), after(words)]) {
      const plan = onCapture(route, undefined, { routes6 })
      expect(commands(plan)).toEqual([`ip route delete ${line}`])
      expect(plan).toMatchObject({ early: [], inSync: 3, conflicts: [] })
    }
  })

  it('several at once are a deletion each, of a twin that is wrong in the same way, too', () => {
    const twin = (metric: number) => `{"dst":"${BLOG}","dev":"br-ct","protocol":"164","metric":${metric}}`
    const routes6 = ROUTES6.replace('[', `[${[1, 1024, 2, 2].map(twin).join(',')},`)
    const plan = onCapture(route, undefined, { routes6 })
    expect(keys(plan).toSorted()).toEqual([
      `- ${BLOG} dev br-ct metric 1`,
      `- ${BLOG} dev br-ct metric 1024`,
      `- ${BLOG} dev br-ct metric 2`,
      `- ${BLOG} dev br-ct metric 2 (2)`,
    ])
    expect(plan).toMatchObject({ early: [], inSync: 3 })
  })

  it('where all of several are wrong, they go, and the right one comes before', () => {
    const wrong = ROUTES6.replace(
      `"dst":"${BLOG}","dev":"br-ct","protocol":"164","metric":164`,
      `"dst":"${BLOG}","dev":"br-ct","protocol":"164","metric":200`,
    )
    const routes6 = wrong.replace('[', `[{"dst":"${BLOG}","dev":"br-ct","protocol":"164","metric":300},`)
    expect(commands(onCapture(route, undefined, { routes6 })).toSorted()).toEqual([
      `ip route delete ${BLOG} dev br-ct proto 164 metric 200`,
      `ip route delete ${BLOG} dev br-ct proto 164 metric 300`,
      `ip route replace ${BLOG} dev br-ct proto 164 metric 164`,
    ])
  })

  it('IPv4 ones, which nobody wants, are each named whole', () => {
    const ways = [
      '"dev":"br-ct"',
      '"dev":"br-ct","metric":7',
      '"dev":"br-ct","metric":7,"tos":"0x10"',
      '"type":"6"',
      '"nexthops":[{"gateway":"10.64.0.7","dev":"br-ct"},{"gateway":"10.64.0.8","dev":"br-ct"}]',
    ]
    const entries = [
      ...ways.map((way) => `{"dst":"10.9.0.0/24","protocol":"164",${way}}`),
      '{"type":"7","dst":"default","protocol":"164"}',
    ]
    const plan = onCapture(route, undefined, { routes4: `[${entries.join(',')}]` })
    expect(commands(plan).toSorted()).toEqual([
      'ip route delete 10.9.0.0/24 dev br-ct proto 164 metric 0',
      'ip route delete 10.9.0.0/24 dev br-ct proto 164 metric 7',
      'ip route delete 10.9.0.0/24 proto 164 metric 0 nexthop via 10.64.0.7 dev br-ct nexthop via 10.64.0.8 dev br-ct',
      'ip route delete 10.9.0.0/24 tos 0x10 dev br-ct proto 164 metric 7',
      'ip route delete blackhole 10.9.0.0/24 proto 164 metric 0',
      'ip route delete unreachable 0.0.0.0/0 proto 164 metric 0',
    ])
  })

  it('a foreign route with our destination and metric is a conflict with the ways out', () => {
    const routes6 = ROUTES6.replace(
      `"dst":"${BLOG}","dev":"br-ct","protocol":"164"`,
      `"dst":"${BLOG}","dev":"eth0","protocol":"4"`,
    )
    const plan = onCapture(route, undefined, { routes6 })
    expect(keys(plan)).toEqual([])
    expect(plan.conflicts[0]?.message).toContain(BLOG)
    expect(plan.conflicts[0]?.hint).toContain('ip route delete')
  })

  it('a container’s address on another interface of the host is a conflict', () => {
    const plan = onBareHost(route, world(capturedModel(), { foreignAddresses: new Map([[BLOG, 'eth0']]) }))
    expect(plan.blocked).toEqual([`route ${BLOG} dev br-ct`])
    expect(plan.conflicts[0]?.message).toMatch(/eth0/)
  })

  it('a container without IPv6 needs none', () => {
    const containers = behindNatOnly(capturedModel().containers)
    expect(keys(onBareHost(route, world({ ...capturedModel(), containers })))).toEqual([
      '+ unreachable 2001:db8:1:1::1:0/112',
    ])
  })
})
