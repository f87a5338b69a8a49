import { describe, expect, it } from 'vitest'
import type { KindPlan } from '../../../src/engine/types.ts'
import { bridgePort } from '../../../src/kinds/bridge-port/index.ts'
import { nftChain } from '../../../src/kinds/nft-chain/index.ts'
import { nftSet } from '../../../src/kinds/nft-set/index.ts'
import { nftTableKind } from '../../../src/kinds/nft-table/index.ts'
import { portSender } from '../../../src/kinds/port-sender/index.ts'
import type { World } from '../../../src/model/world.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { capture } from '../../support/captures.ts'
import { capturedModel, PLACES, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture } from '../support.ts'

const PLAIN = 'nft add table inet slash64'
const PERSISTENT = 'nft add table inet slash64 { flags persist; }'
const OWNED = 'nft add table inet slash64 { flags owner, persist; }'

/** The same of the table that looks at frames. */
function ofFrames(command: string): string {
  return command.replace('inet', 'bridge')
}

/** A host whose nft and kernel know owners. */
const ABLE: World = world(capturedModel(), { firewall: { canPersist: true, canFilterFrames: true } })
/** The same, for a process that lives on. */
const HOLDING: World = { ...ABLE, places: { ...PLACES, holdsFirewall: true } }

function onNewer(name: string, of: World): KindPlan {
  return onCapture(nftTableKind, of, { nft: capture(`nftables-1.1.3/${name}.json`) })
}

describe('nft-table', () => {
  it('is added, never deleted first: that would fail open', () => {
    expect(commands(onBareHost(nftTableKind))).toEqual([PLAIN, ofFrames(PLAIN)])
  })

  it('is found again', () => {
    expect(onCapture(nftTableKind)).toMatchObject({ early: [], late: [], inSync: 2 })
  })

  it('goes last of all, when nothing is declared any more', () => {
    const plan = onCapture(nftTableKind, world(EMPTY_MODEL))
    expect(plan.early).toEqual([])
    expect(commands(plan)).toEqual(['nft delete table bridge slash64', 'nft delete table inet slash64'])
    expect(plan.late.map(({ needs }) => needs)).toEqual([['bridge br-ct'], ['bridge br-ct']])
    expect(plan.late.filter(({ withdrawn }) => withdrawn)).toEqual([])
  })

  it('is woken when somebody put it to sleep', () => {
    const plan = onCapture(nftTableKind, undefined, { nft: capture('nftables-1.0.6/table-dormant.json') })
    expect(plan.early.map(({ action }) => action)).toEqual(['update'])
    expect(plan.early.map(({ reason }) => reason)).toEqual(['flagged: true -> false'])
    expect(commands(plan)).toEqual([PLAIN])
  })
})

describe('the table that looks at frames', () => {
  const open = world({
    ...capturedModel(),
    firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: false },
  })
  const unable = world(capturedModel(), { firewall: { canPersist: false, canFilterFrames: false } })

  it.each([
    ['anti-spoofing is off', open],
    ['the kernel cannot', unable],
  ])('is not made where %s', (_, of) => {
    expect(commands(onBareHost(nftTableKind, of))).toEqual([PLAIN])
  })

  it('goes as a whole when anti-spoofing is switched off, and waits for no bridge and no guard on pruning', () => {
    const plan = onCapture(nftTableKind, open)
    expect(commands(plan)).toEqual(['nft delete table bridge slash64'])
    expect(plan.late).toMatchObject([{ needs: [], reason: 'withdrawn: firewall.antiSpoof is off' }])
    for (const kind of [nftSet, nftChain, bridgePort, portSender])
      expect(keys(onCapture(kind, open)).filter((key) => !/^. (guard|senders)/.test(key))).toEqual([])
  })

  it('is asked about where the file wants it, whether or not it stands: a heal has no time to ask', () => {
    const asked = (of: World) => nftTableKind.probes(of.model, new Map()).map(({ id }) => id)
    expect(asked(unable)).toContain('nft bridge')
    expect(asked(open)).not.toContain('nft bridge')
  })
})

describe('nft-table, where a table can have an owner', () => {
  it('asks whether it can, once something is declared', () => {
    const asked = (of: World) => nftTableKind.probes(of.model, new Map()).map(({ id }) => id)
    expect(asked(ABLE)).toEqual(['nft', 'nft frames', 'nft persist', 'nft bridge'])
    expect(asked(world(EMPTY_MODEL))).toEqual(['nft', 'nft frames'])
  })

  it.each([
    ['by one pass it is made so that a controller can own it', ABLE, PERSISTENT],
    ['by a controller it is made as its own', HOLDING, OWNED],
    [
      'where it cannot, a controller makes a plain one',
      { ...HOLDING, facts: { ...HOLDING.facts, firewall: { canPersist: false, canFilterFrames: true } } },
      PLAIN,
    ],
  ])('%s', (_, of, command) => {
    expect(commands(onBareHost(nftTableKind, of))).toEqual([command, ofFrames(command)])
  })

  it('the record of what was applied is the same for both', () => {
    expect(nftTableKind.digests(ABLE)).toEqual(nftTableKind.digests(world(capturedModel())))
    expect(nftTableKind.digests(HOLDING)).toEqual(nftTableKind.digests(ABLE))
  })

  it('a plain table is left as it is: the kernel does not let it become another', () => {
    expect(onNewer('table', HOLDING)).toMatchObject({ early: [], late: [], inSync: 2 })
  })

  it('one without owner is adopted by a controller, and is fine for everybody else', () => {
    const plan = onNewer('table-persist', HOLDING)
    expect(plan.early.map(({ action, reason }) => [action, reason])).toEqual([
      ['update', 'flags: persist -> owner, persist'],
    ])
    expect(commands(plan)).toEqual([OWNED])
    expect(onNewer('table-persist', ABLE)).toMatchObject({ early: [], late: [], inSync: 2 })
  })

  it('one that is held is fine for everybody', () => {
    for (const of of [ABLE, HOLDING])
      expect(onNewer('table-owned', of)).toMatchObject({ early: [], late: [], inSync: 2 })
  })

  it.each([
    ['a plain one', 'table-dormant', HOLDING, PLAIN, 'flagged: true -> false'],
    ['a persistent one', 'table-persist-dormant', ABLE, PERSISTENT, 'flagged: true -> false'],
    [
      'a persistent one, by its next owner',
      'table-persist-dormant',
      HOLDING,
      OWNED,
      'flagged: true -> false; flags: persist -> owner, persist',
    ],
    [
      'a persistent one, by who was not told whether it can',
      'table-persist-dormant',
      world(capturedModel()),
      PERSISTENT,
      'flagged: true -> false',
    ],
  ])('is woken as what it is: %s', (_, name, of, command, reason) => {
    const plan = onNewer(name, of)
    expect(commands(plan)).toEqual([command])
    expect(plan.early.map((change) => change.reason)).toEqual([reason])
  })

  it('goes as any other', () => {
    expect(commands(onNewer('table-owned', { ...HOLDING, model: EMPTY_MODEL }))).toEqual([
      'nft delete table bridge slash64',
      'nft delete table inet slash64',
    ])
  })
})
