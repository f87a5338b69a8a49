import { describe, expect, it } from 'vitest'
import { inBatches } from '../../src/engine/batches.ts'
import type { PlannedChange, Step } from '../../src/engine/types.ts'
import { ipStep, nftStep, planned } from './kinds.ts'

const conntrack: Step = { tool: 'conntrack', protocol: 'tcp', first: 22, last: 22, backend: '10.64.0.2' }
const sysctl: Step = { tool: 'sysctl', name: 'net/ipv4/ip_forward', value: '1' }

/** Stages as text: `ip:3 | ip@blog:1 ip@db:1`. */
function stages(...changes: readonly PlannedChange[]): string {
  return inBatches(changes)
    .map((stage) =>
      stage
        .map(({ tool, netns, tasks }) => `${tool}${netns === undefined ? '' : `@${netns}`}:${tasks.length}`)
        .join(' '),
    )
    .join(' | ')
}

function change(text: string, ...steps: readonly Step[]): PlannedChange {
  return planned(text, { steps })
}

describe('inBatches', () => {
  it('joins neighbouring steps of one tool, whatever their kinds', () => {
    const bridge = change('create bridge b', ipStep('1'), ipStep('2'))
    expect(stages(bridge, change('create route r', ipStep('3')))).toBe('ip:3')
  })

  it('parts tools, in order', () => {
    const all = [
      change('create set s', nftStep('s')),
      change('update sysctl f', sysctl),
      change('create bridge b', ipStep('b')),
    ]
    expect(stages(...all)).toBe('nft:1 | sysctl:1 | ip:1')
  })

  it('puts the insides of all containers side by side, behind the host side of all of them', () => {
    const pair = (name: string) => change(`create veth ${name}`, ipStep('add'), ipStep('up', name))
    expect(stages(pair('blog'), pair('db'))).toBe('ip:2 | ip@blog:1 ip@db:1')
  })

  it('keeps the steps of the insides of several kinds in one stage, in their order', () => {
    const address = change('create container-address a', ipStep('addr', 'blog'))
    const route = change('create container-route r', ipStep('route', 'blog'))
    const [stage] = inBatches([address, route])
    expect(stage?.[0]?.tasks.map(({ step }) => 'line' in step && step.line)).toEqual(['addr', 'route'])
    expect(stages(address, route)).toBe('ip@blog:2')
  })

  it('keeps one firewall transaction whole: connection tracking follows it', () => {
    const retargeted = change('update port-forward f', nftStep('a'), conntrack)
    const other = change('create exposure e', nftStep('b'))
    expect(stages(retargeted, other)).toBe('nft:2 | conntrack:1')
    expect(stages(retargeted, other, change('create bridge b', ipStep('x')))).toBe(
      'nft:2 | conntrack:1 | ip:1',
    )
  })

  it('does not draw deletes together with creates of another direction', () => {
    const up = change('create veth v', ipStep('up', 'blog'))
    const down = change('delete veth w', ipStep('link delete w'))
    expect(stages(up, down)).toBe('ip@blog:1 | ip:1')
  })

  it('makes nothing of nothing', () => {
    expect(inBatches([])).toEqual([])
    expect(stages(change('update sysctl s'))).toBe('')
  })
})
