import { describe, expect, it } from 'vitest'
import { chainsOf } from '../../../src/kinds/nft-chain/rules.ts'
import type { Model } from '../../../src/model/types.ts'
import { model } from '../../support/model.ts'

function rulesOf(name: string, of: Model): readonly string[] {
  return (
    chainsOf(of)
      .find((chain) => chain.name === name)
      ?.rules.map(({ text }) => text) ?? []
  )
}

describe('what one container may take', () => {
  const confined = (confine: Partial<Model['confine']>): Model => {
    const of = model()
    return { ...of, confine: { ...of.confine, ...confine } }
  }

  it('is nothing of the host’s metadata, where the file does not say so', () => {
    const rules = rulesOf('guard', confined({ metadata: 'deny' }))
    const denied = rules.filter((text) => text.includes('"metadata"'))
    expect(denied).toHaveLength(3)
    expect(denied[0]).toContain('169.254.0.0/16')
    expect(rulesOf('guard', confined({}))).not.toContain(denied[0])
    expect(rules.indexOf(denied[0] ?? '')).toBeLessThan(rules.indexOf('iifname @bridges accept'))
  })

  it('is a number of connections each way, counted once they are allowed to begin', () => {
    const of = confined({ connections: 100 })
    const limits = rulesOf('guard', of).filter((text) => text.includes('ct count over 100'))
    expect(limits.map((text) => text.slice(0, text.indexOf(' ct state')))).toEqual([
      'iifname @bridges',
      'iifname @bridges',
      'oifname @bridges',
      'oifname @bridges',
    ])
    expect(rulesOf('host', of)).toHaveLength(3)
  })

  it('is of the host what the file names, with what networks need', () => {
    expect(rulesOf('filter-input', confined({}))).toEqual([])
    const udp = { protocol: 'udp', first: 53, last: 53 } as const
    expect(rulesOf('host', confined({ toHost: [udp] }))).toEqual([
      'ct state established,related accept',
      'meta l4proto { 1, 2, 58 } accept',
      'meta l4proto 17 th dport 53 accept',
      'counter name "tohost" drop',
    ])
  })
})
