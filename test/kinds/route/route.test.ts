import { describe, expect, it } from 'vitest'
import { route } from '../../../src/kinds/route/index.ts'
import { capture } from '../../support/captures.ts'
import { behindNatOnly, capturedModel, world } from '../../support/model.ts'
import { commands, everyContainer, keys, onBareHost, onCapture, without } from '../support.ts'

const ROUTES6 = capture('iproute2-6.1.0/routes6.json')
const BLOG = '2001:db8:1:1::1:2'

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
