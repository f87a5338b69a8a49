import { describe, expect, it } from 'vitest'
import { bridge } from '../../../src/kinds/bridge/index.ts'
import { capture } from '../../support/captures.ts'
import { capturedModel, model, network, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const LINKS = capture('iproute2-6.1.0/links.json')

describe('bridge', () => {
  it('is made with MAC, MTU and mark in one message, and the alias after it', () => {
    expect(commands(onBareHost(bridge))).toEqual([
      'ip link add name br-ct address 02:11:22:33:44:55 mtu 1500 group 164 up type bridge no_linklocal_learn 1',
      'ip link set dev br-ct alias slash64:br-ct',
    ])
  })

  it('is found again by its mark; the foreign bridge is counted', () => {
    expect(onCapture(bridge)).toMatchObject({ early: [], late: [], inSync: 1, foreign: 1, conflicts: [] })
  })

  it('goes when it leaves the file, and foreign ones stay', () => {
    expect(commands(onCapture(bridge, world(model({ networks: [] }))))).toEqual(['ip link delete dev br-ct'])
  })

  it.each([
    [{ mac: '02:00:00:00:00:01' }, 'address 02:00:00:00:00:01'],
    [{ mtu: 1400 }, 'mtu 1400'],
    [{ mac: '02:00:00:00:00:01', mtu: 1400 }, 'address 02:00:00:00:00:01 mtu 1400'],
  ])('changes only what differs: %j', (more, words) => {
    const wanted = world({ ...capturedModel(), networks: [network(more)] })
    expect(commands(onCapture(bridge, wanted))).toEqual([`ip link set dev br-ct ${words}`])
  })

  it('without its alias is still ours by group and name', () => {
    const links = LINKS.replace('"ifalias":"slash64:br-ct"', '"ifalias":"x"')
    expect(links).not.toBe(LINKS)
    expect(commands(onCapture(bridge, undefined, { links }))).toEqual([
      'ip link set dev br-ct alias slash64:br-ct',
    ])
  })

  it('that learns from reserved groups is told not to, beside what else differs', () => {
    const links = LINKS.replaceAll('"no_linklocal_learn":1', '"no_linklocal_learn":0')
    expect(links).not.toBe(LINKS)
    expect(commands(onCapture(bridge, undefined, { links }))).toEqual([
      'ip link set dev br-ct type bridge no_linklocal_learn 1',
    ])
    const smaller = world({ ...capturedModel(), networks: [network({ mtu: 1400 })] })
    expect(commands(onCapture(bridge, smaller, { links }))).toEqual([
      'ip link set dev br-ct mtu 1400 type bridge no_linklocal_learn 1',
    ])
  })

  it('a foreign link of that name is a conflict with the ways out, never changed', () => {
    const plan = onCapture(bridge, world(model({ networks: [network({ name: 'br0' })] })))
    expect(keys(plan)).toEqual(['- br-ct'])
    expect(plan.blocked).toEqual(['bridge br0'])
    expect(plan.conflicts[0]).toMatchObject({ code: 'S64-F001', resource: 'bridge br0' })
    expect(plan.conflicts[0]?.message).toContain('br0')
    expect(plan.conflicts[0]?.hint).toMatch(/another name.*ip link delete dev br0.*alias slash64:br0/)
  })

  it('so is one that is no bridge at all', () => {
    const plan = onCapture(bridge, world(model({ networks: [network({ name: 'v0' })] })))
    expect(plan.conflicts[0]?.message).toContain('veth')
    expect(plan.inSync).toBe(0)
  })
})
