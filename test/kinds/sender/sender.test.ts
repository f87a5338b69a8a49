import { describe, expect, it } from 'vitest'
import { sender } from '../../../src/kinds/sender/index.ts'
import { capturedModel, container, model, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

describe('sender', () => {
  it('lets each container send from its own addresses through its own bridge', () => {
    const one = world(model({ containers: [container('blog', 2)] }))
    expect(commands(onBareHost(sender, one))).toEqual([
      'nft add element inet slash64 senders4 { "br-ct" . 10.64.0.2 }',
      'nft add element inet slash64 senders6 { "br-ct" . 2001:db8:1:1::1:2 }',
    ])
  })

  it('is found again, and goes early: its absence only closes', () => {
    expect(onCapture(sender)).toMatchObject({ early: [], late: [], inSync: 4 })
    const plan = onCapture(sender, world(model({ containers: [container('blog', 2)] })))
    expect(keys(plan)).toEqual(['- senders4 br-ct . 10.64.0.3', '- senders6 br-ct . 2001:db8:1:1::1:3'])
    expect(plan.late).toEqual([])
  })

  it('is not wanted without anti-spoofing', () => {
    const of = {
      ...capturedModel(),
      firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: false } as const,
    }
    expect(onBareHost(sender, world(of)).early).toEqual([])
  })

  it('of a container with one family has one element', () => {
    const { ipv4: _, ...only6 } = container('blog', 2)
    expect(keys(onBareHost(sender, world(model({ containers: [only6] }))))).toEqual([
      '+ senders6 br-ct . 2001:db8:1:1::1:2',
    ])
  })
})
