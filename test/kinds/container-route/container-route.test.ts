import { describe, expect, it } from 'vitest'
import { containerRoute } from '../../../src/kinds/container-route/index.ts'
import { capture, insideText } from '../../support/captures.ts'
import { capturedModel, ipv6Only, network, world } from '../../support/model.ts'
import { commands, everyContainer, keys, onBareHost, onCapture, without } from '../support.ts'

const INSIDE = insideText(capture('iproute2-6.1.0/inside-blog.json'))

describe('container-route', () => {
  it('leads out by the gateways, marked, and replaces a way out that is on its way away', () => {
    expect(commands(onBareHost(containerRoute, without('db')))).toEqual([
      'ip -n blog route replace default via 10.64.0.1 dev eth0 proto 164 metric 164',
      'ip -n blog route replace default via 2001:db8:1:1::1:1 dev eth0 proto 164 metric 164',
    ])
  })

  it('needs the pair and the address of its family', () => {
    expect(onBareHost(containerRoute, without('db')).early.map(({ needs }) => needs)).toEqual([
      ['veth s64-blog-e9fc4f', 'container-address blog 10.64.0.2/24 dev eth0'],
      ['veth s64-blog-e9fc4f', 'container-address blog 2001:db8:1:1::1:2/112 dev eth0'],
    ])
  })

  it('is found again', () => {
    expect(onCapture(containerRoute)).toMatchObject({ early: [], late: [], inSync: 4, conflicts: [] })
  })

  it('goes late when the gateway changes', () => {
    const ipv4 = { cidr: '10.64.0.0/24', gateway: '10.64.0.254', length: 24 }
    const plan = onCapture(containerRoute, world({ ...without('db').model, networks: [network({ ipv4 })] }))
    expect(plan.early.map(({ key }) => key)).toEqual(['blog default via 10.64.0.254 dev eth0'])
    expect(plan.late.map(({ key }) => key)).toEqual(['blog default via 10.64.0.1 dev eth0'])
  })

  it.each([
    [
      'by another metric',
      '"gateway":"10.64.0.1","dev":"eth0","protocol":"164","metric":5',
      'default via 10.64.0.1 dev eth0 proto 164 metric 5',
    ],
    ['by no gateway', '"dev":"eth0","protocol":"164"', '0.0.0.0/0 dev eth0 proto 164 metric 0'],
    [
      'as the end of packets',
      '"type":"7","dev":"lo","protocol":"164","metric":1024,"pref":"medium"',
      'unreachable ::/0 proto 164 metric 1024',
    ],
  ])('a second one of ours, %s, is one deletion and nothing else', (_, words, line) => {
    const inside = INSIDE.replace('{"type":"1","dst":"default",', `{"dst":"default",${words}},$&`)
    expect(inside).not.toBe(INSIDE)
    const plan = onCapture(containerRoute, undefined, { 'inside blog': inside })
    expect(commands(plan)).toEqual([`ip -n blog route delete ${line}`])
    expect(plan).toMatchObject({ early: [], inSync: 4, conflicts: [] })
  })

  it('one with another metric is replaced: the right one first', () => {
    const inside = INSIDE.replace(
      '"protocol":"164","scope":"0","metric":164',
      '"protocol":"164","scope":"0","metric":9',
    )
    expect(commands(onCapture(containerRoute, undefined, { 'inside blog': inside }))).toEqual([
      'ip -n blog route replace default via 10.64.0.1 dev eth0 proto 164 metric 164',
      'ip -n blog route delete default via 10.64.0.1 dev eth0 proto 164 metric 9',
    ])
  })

  /** Its default route of IPv4 is somebody else's, with these words in place of ours. */
  const foreign = (words: string): string => {
    const inside = INSIDE.replace('"protocol":"164","scope":"0","metric":164', words)
    expect(inside).not.toBe(INSIDE)
    return inside
  }

  it('a foreign default route that wins is a conflict with the ways out', () => {
    const inside = foreign('"protocol":"16","scope":"0","metric":100').replace(
      '"gateway":"10.64.0.1"',
      '"gateway":"10.64.0.9"',
    )
    const plan = onCapture(containerRoute, undefined, { 'inside blog': inside })
    expect(plan.conflicts.map(({ resource }) => resource)).toEqual([
      'container-route blog default via 10.64.0.1 dev eth0',
    ])
    expect(plan.conflicts[0]?.hint).toMatch(/ip -n blog route delete default.*runtime: none/)
    expect(keys(plan)).toEqual([])
  })

  it.each([
    '"protocol":"16","scope":"0","metric":100',
    '"protocol":"3"',
    '"protocol":"3","prefsrc":"10.64.0.2"',
  ])('the container’s own, which leads out as ours would (%s), is all that is needed', (words) => {
    const plan = onCapture(containerRoute, undefined, { 'inside blog': foreign(words) })
    expect(plan).toMatchObject({ early: [], late: [], inSync: 4, conflicts: [], foreign: 1 })
  })

  it('one that sends from another address is a conflict that names it', () => {
    const inside = foreign('"protocol":"3","prefsrc":"192.0.2.7"')
    const plan = onCapture(containerRoute, undefined, { 'inside blog': inside })
    expect(plan.conflicts.map(({ message }) => message)).toEqual([
      expect.stringContaining('default route via 10.64.0.1 src 192.0.2.7 that slash64 did not make'),
    ])
  })

  it('one that loses is only counted', () => {
    const inside = INSIDE.replace(
      '"protocol":"164","scope":"0","metric":164',
      '"protocol":"16","scope":"0","metric":900',
    ).replace('"gateway":"10.64.0.1"', '"gateway":"10.64.0.9"')
    const plan = onCapture(containerRoute, undefined, { 'inside blog': inside })
    expect(plan).toMatchObject({ conflicts: [], foreign: 1 })
    expect(keys(plan)).toEqual(['+ blog default via 10.64.0.1 dev eth0'])
  })

  it.each(['absent', 'unknown', 'managed'] as const)(
    'inside a container that is %s nothing is planned',
    (state) => {
      expect(keys(onCapture(containerRoute, everyContainer(state)))).toEqual([])
    },
  )

  it('a container without IPv4 gets no IPv4 route', () => {
    const containers = ipv6Only(capturedModel().containers)
    expect(keys(onBareHost(containerRoute, world({ ...capturedModel(), containers })))).toEqual([
      '+ blog default via 2001:db8:1:1::1:1 dev eth0',
      '+ db default via 2001:db8:1:1::1:1 dev eth0',
    ])
  })
})
