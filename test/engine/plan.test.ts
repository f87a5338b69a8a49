import { describe, expect, it } from 'vitest'
import { appliedRecord, compareKinds, makePlan } from '../../src/engine/plan.ts'
import type { Policy } from '../../src/engine/policy.ts'
import type { AppliedRecord, Plan } from '../../src/engine/types.ts'
import { replies } from '../support/captures.ts'
import { resource, shown, toyKind } from './kinds.ts'
import type { Wish } from './kinds.ts'

type State = Readonly<Record<string, object>>

const KINDS = [
  toyKind('firewall', { deletes: 'early' }),
  toyKind('setting', { deletes: 'never' }),
  toyKind('bridge'),
  toyKind('pair'),
]

function planFor(
  wish: Wish,
  state: State = {},
  record: AppliedRecord = {},
  policy: Partial<Policy> = {},
): Plan {
  const documents = Object.entries(state).map(([name, found]) => [`state ${name}`, JSON.stringify(found)])
  const found = replies(Object.fromEntries(documents))
  const compared = compareKinds(KINDS, { world: wish, replies: found, record })
  const options = { policy: { prune: 'own' as const, ...policy }, problems: [] }
  return makePlan(compared, options)
}

describe('the order of a plan', () => {
  const owned = { owned: [resource('old1'), resource('old2')] }
  const wish = {
    firewall: [resource('f')],
    setting: [resource('s')],
    bridge: [resource('b')],
    pair: [resource('p')],
  }

  it('creates upward, early deletes with the creates of their kind, late deletes downward', () => {
    const plan = planFor(wish, { firewall: owned, setting: owned, bridge: owned, pair: owned })
    expect(plan.changes.map(({ action, kind, key }) => `${action} ${kind} ${key}`)).toEqual([
      'create firewall f',
      'delete firewall old1',
      'delete firewall old2',
      'create setting s',
      'create bridge b',
      'create pair p',
      'delete pair old2',
      'delete pair old1',
      'delete bridge old2',
      'delete bridge old1',
    ])
  })

  it('never deletes what is only ever set', () => {
    expect(planFor({}, { setting: owned }).changes).toEqual([])
  })

  it('counts what is in sync and what is foreign', () => {
    const found = { owned: [resource('b')], foreign: ['docker0', 'lxcbr0'] }
    const plan = planFor(wish, { bridge: found, pair: { owned: [resource('p', 'other')] } })
    expect(plan).toMatchObject({ inSync: 1, foreign: 2, known: true })
  })
})

describe('a foreign object in the way', () => {
  const conflict = { key: 'br', message: 'an interface br exists', hint: 'rename it' }
  const wish = {
    bridge: [resource('br'), resource('br2')],
    pair: [
      resource('p', 'x', ['bridge br']),
      resource('q', 'x', ['bridge br2']),
      resource('r', 'x', ['pair p']),
    ],
  }

  it('blocks its resource and everything that needs it, however far', () => {
    const plan = planFor(wish, { bridge: { conflicts: [conflict] } })
    expect(shown(plan.changes)).toEqual(['+ bridge br2 (config)', '+ pair q (config)'])
  })

  it('is a problem that names the resource and the ways out', () => {
    const plan = planFor(wish, { bridge: { conflicts: [conflict] } })
    expect(plan.problems).toEqual([
      { code: 'S64-F001', message: 'an interface br exists', hint: 'rename it', resource: 'bridge br' },
    ])
    expect(plan.known).toBe(true)
  })

  it('does not keep from deleting what needs it no longer', () => {
    const plan = planFor(
      { bridge: [resource('br')] },
      { bridge: { conflicts: [conflict] }, pair: { owned: [resource('p')] } },
    )
    expect(shown(plan.changes)).toEqual(['- pair p (prune)'])
  })

  it('is not counted as in sync', () => {
    expect(planFor({ bridge: [resource('br')] }, { bridge: { conflicts: [conflict] } }).inSync).toBe(0)
  })
})

describe('causes come from the record', () => {
  it('the same pass tells drift, config and prune apart', () => {
    const wish = { bridge: [resource('lost'), resource('new'), resource('changed', 'v2')] }
    const applied = { bridge: [resource('lost'), resource('changed', 'v1'), resource('left')] }
    const record = appliedRecord(KINDS, applied, planFor({}))
    const state = { bridge: { owned: [resource('changed', 'v1'), resource('left'), resource('stranger')] } }
    expect(shown(planFor(wish, state, record).changes)).toEqual([
      '+ bridge lost (drift)',
      '+ bridge new (config)',
      '~ bridge changed (config)',
      '- bridge stranger (drift)',
      '- bridge left (prune)',
    ])
  })

  it('what the plan still wants to change is not recorded as applied', () => {
    const wish = { bridge: [resource('done'), resource('open')] }
    const plan = planFor(wish, { bridge: { owned: [resource('done')] } })
    expect(Object.keys(appliedRecord(KINDS, wish, plan)['bridge'] ?? {})).toEqual(['done'])
  })
})

describe('policy', () => {
  const wish = { bridge: [resource('b')] }
  const state = { bridge: { owned: [resource('x'), resource('y')] }, firewall: { owned: [resource('z')] } }

  it('prune never holds every delete back, early ones too', () => {
    const plan = planFor(wish, state, {}, { prune: 'never' })
    expect(shown(plan.changes)).toEqual(['+ bridge b (config)'])
    expect(shown(plan.heldBack)).toEqual(['- firewall z (prune)', '- bridge y (prune)', '- bridge x (prune)'])
  })

  it.each([
    [3, 3, 0],
    [2, 0, 3],
    [0, 0, 3],
  ])('maxDeletes %i of three: %i run, %i are held back', (maxDeletes, run, held) => {
    const plan = planFor(wish, state, {}, { maxDeletes })
    expect(plan.changes.filter(({ action }) => action === 'delete')).toHaveLength(run)
    expect(plan.heldBack).toHaveLength(held)
    expect(plan.changes.some(({ action }) => action === 'create')).toBe(true)
  })
})
