import { describe, expect, it } from 'vitest'
import { nftTableKind } from '../../../src/kinds/nft-table/index.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { capture } from '../../support/captures.ts'
import { world } from '../../support/model.ts'
import { commands, onBareHost, onCapture } from '../support.ts'

describe('nft-table', () => {
  it('is added, never deleted first: that would fail open', () => {
    expect(commands(onBareHost(nftTableKind))).toEqual(['nft add table inet slash64'])
  })

  it('is found again', () => {
    expect(onCapture(nftTableKind)).toMatchObject({ early: [], late: [], inSync: 1 })
  })

  it('goes last of all, when nothing is declared any more', () => {
    const plan = onCapture(nftTableKind, world(EMPTY_MODEL))
    expect(plan.early).toEqual([])
    expect(commands(plan)).toEqual(['nft delete table inet slash64'])
  })

  it('is woken when somebody put it to sleep', () => {
    const plan = onCapture(nftTableKind, undefined, { nft: capture('nftables-1.0.6/table-dormant.json') })
    expect(plan.early.map(({ action }) => action)).toEqual(['update'])
    expect(commands(plan)).toEqual(['nft add table inet slash64'])
  })
})
