import { describe, expect, it } from 'vitest'
import { containerAddress } from '../../../src/kinds/container-address/index.ts'
import { capture, insideText } from '../../support/captures.ts'
import { capturedModel, world } from '../../support/model.ts'
import { commands, everyContainer, keys, onBareHost, onCapture, without } from '../support.ts'

const INSIDE = insideText(capture('iproute2-6.1.0/inside-blog.json'))

describe('container-address', () => {
  it('is given inside, with the length of the slice', () => {
    expect(commands(onBareHost(containerAddress, without('db')))).toEqual([
      'ip -n blog addr replace 10.64.0.2/24 dev eth0 metric 164',
      'ip -n blog addr replace 2001:db8:1:1::1:2/112 dev eth0 nodad metric 164',
    ])
  })

  it('is found again; needs the pair', () => {
    expect(onCapture(containerAddress)).toMatchObject({ early: [], late: [], inSync: 4, foreign: 0 })
    expect(onBareHost(containerAddress).early[0]?.needs).toEqual(['veth s64-blog-e9fc4f'])
  })

  it('an address of another family than the network’s is not given', () => {
    const { networks, ...rest } = capturedModel()
    const only6 = networks.map(({ name, mac, mtu, ipv6 }) => ({ name, mac, mtu, ...(ipv6 && { ipv6 }) }))
    expect(keys(onBareHost(containerAddress, world({ ...rest, networks: only6 })))).toEqual([
      '+ blog 2001:db8:1:1::1:2/112 dev eth0',
      '+ db 2001:db8:1:1::1:3/112 dev eth0',
    ])
  })

  it('an old one with our mark goes; a foreign one stays and is counted', () => {
    const marked = INSIDE.replace(
      '10.64.0.2","prefixlen":24,"metric":164',
      '10.64.0.9","prefixlen":24,"metric":164',
    )
    expect(keys(onCapture(containerAddress, undefined, { 'inside blog': marked }))).toEqual([
      '+ blog 10.64.0.2/24 dev eth0',
      '- blog 10.64.0.9/24 dev eth0',
    ])
    const foreign = INSIDE.replace('10.64.0.2","prefixlen":24,"metric":164', '10.64.0.9","prefixlen":24')
    const plan = onCapture(containerAddress, undefined, { 'inside blog': foreign })
    expect([keys(plan), plan.foreign]).toEqual([['+ blog 10.64.0.2/24 dev eth0'], 1])
  })

  const SIX = '2001:db8:1:1::1:2","prefixlen":112,"metric":164'

  it('one of ours of another length goes and comes at once; the kernel knows it by the address alone', () => {
    const inside = INSIDE.replace(SIX, SIX.replace('112', '120'))
    expect(inside).not.toBe(INSIDE)
    const plan = onCapture(containerAddress, undefined, { 'inside blog': inside })
    expect(keys(plan)).toEqual(['~ blog 2001:db8:1:1::1:2/112 dev eth0'])
    expect(plan.early[0]?.reason).toBe('/120 -> /112')
    expect(commands(plan).slice(0, 2)).toEqual([
      'ip -n blog addr delete 2001:db8:1:1::1:2/120 dev eth0',
      'ip -n blog addr replace 2001:db8:1:1::1:2/112 dev eth0 nodad metric 164',
    ])
  })

  it('one that the container has by itself serves, whatever its length, and never becomes ours', () => {
    const inside = INSIDE.replace(SIX, '2001:db8:1:1::1:2","prefixlen":64,"metric":256')
    const plan = onCapture(containerAddress, undefined, { 'inside blog': inside })
    expect(plan).toMatchObject({ early: [], late: [], inSync: 4, foreign: 1, conflicts: [] })
  })

  it.each(['absent', 'unknown', 'managed'] as const)(
    'inside a container that is %s nothing is planned',
    (state) => {
      expect(keys(onCapture(containerAddress, everyContainer(state)))).toEqual([])
    },
  )
})
