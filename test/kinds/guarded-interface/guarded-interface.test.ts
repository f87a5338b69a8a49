import { describe, expect, it } from 'vitest'
import { guardedInterface } from '../../../src/kinds/guarded-interface/index.ts'
import { model, network, world } from '../../support/model.ts'
import { commands, onBareHost, onCapture } from '../support.ts'

describe('guarded-interface', () => {
  it('is quoted: nft takes interface names in no other way', () => {
    expect(commands(onBareHost(guardedInterface))).toEqual([
      'nft add element inet slash64 bridges { "br-ct" }',
    ])
  })

  it('is withdrawn late, when its bridge is gone: before, the bridge would stand open', () => {
    const plan = onCapture(guardedInterface, world(model({ networks: [network({ name: 'br-new' })] })))
    expect(plan.early.map(({ key }) => key)).toEqual(['bridges br-new'])
    expect(plan.late.map(({ key }) => key)).toEqual(['bridges br-ct'])
  })
})
