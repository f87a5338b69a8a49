import { describe, expect, it } from 'vitest'
import { exposure } from '../../../src/kinds/exposure/index.ts'
import type { Container } from '../../../src/model/types.ts'
import type { World } from '../../../src/model/world.ts'
import { container, model, tcp, udp, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

function blog(expose: Container['expose']): World {
  return world(model({ containers: [container('blog', 2, { expose })] }))
}

describe('exposure', () => {
  it('opens ports and ranges by address and protocol number', () => {
    expect(commands(onBareHost(exposure, blog([tcp(443), udp(8000, 8010)])))).toEqual([
      'nft add element inet slash64 exposed6 { 2001:db8:1:1::1:2 . 6 . 443 }',
      'nft add element inet slash64 exposed6 { 2001:db8:1:1::1:2 . 17 . 8000-8010 }',
    ])
  })

  it('`all` opens the address', () => {
    expect(commands(onBareHost(exposure, blog('all')))).toEqual([
      'nft add element inet slash64 open6 { 2001:db8:1:1::1:2 }',
    ])
  })

  it('is found again: ranges as nft prints them', () => {
    expect(onCapture(exposure)).toMatchObject({ early: [], late: [], inSync: 3 })
  })

  it('closes early', () => {
    const plan = onCapture(exposure, blog([tcp(443)]))
    expect(plan.late).toEqual([])
    expect(keys(plan)).toEqual(['- exposed6 2001:db8:1:1::1:2 . 17 . 8000-8010', '- open6 2001:db8:1:1::1:3'])
  })

  it('a container without IPv6 exposes nothing', () => {
    const { ipv6: _, ...only4 } = container('blog', 2, { expose: 'all' })
    expect(onBareHost(exposure, world(model({ containers: [only4] }))).early).toEqual([])
  })
})
