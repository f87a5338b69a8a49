import { expect, it } from 'vitest'
import type { Aside } from '../../src/engine/beside.ts'
import { observeAndPlan } from '../../src/engine/look.ts'
import type { Reading } from '../../src/engine/reading.ts'
import { recordingSystem } from '../support/recording-system.ts'
import { resource, shown, toyCatalogue, toyKind, type Wish } from './kinds.ts'

const WISH: Wish = { table: [resource('t')], route: [resource('r')] }

/** A look in which something is due before the kind that is compared at this turn, counted from 1 over all comparisons. */
async function look(dueAt: (turn: number) => boolean) {
  let [turns, served] = [0, 0]
  const system = recordingSystem({ query: () => '' })
  let time = 0
  const pausing = {
    ...system,
    // Each kind takes its time.
    monotonic: () => (time += 20),
    pause: async () => {
      turns += 1
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
  const made: Reading = {
    replies: new Map([['state table', { text: JSON.stringify({ owned: WISH['table'] }) }]]),
    fresh: new Set(['state table']),
  }
  const aside: Aside = {
    due: async (over) => {
      const isDue = (): boolean => turns > 0 && dueAt(turns)
      while (!over.aborted && !isDue()) await new Promise((resolve) => setImmediate(resolve))
    },
    serve: async () => {
      served += 1
      await new Promise((resolve) => setImmediate(resolve))
      return made
    },
  }
  const kinds = [toyKind('table'), toyKind('route')]
  const options = { record: {}, policy: { prune: 'own' as const }, aside }
  const found = await observeAndPlan(WISH, toyCatalogue(kinds), options, pausing)
  return { plan: shown(found.plan.changes), served, turns }
}

it('what is due between two kinds is done there, and nothing is planned by what it has changed', async () => {
  const { plan, served } = await look((turn) => turn === 2)
  expect(served).toBe(1)
  expect(plan).toEqual(['+ route r (config)'])
})

it('where nothing is due, each kind is compared once', async () => {
  const { plan, served, turns } = await look(() => false)
  expect([served, turns]).toEqual([0, 2])
  expect(plan).toEqual(['+ table t (config)', '+ route r (config)'])
})

it('what is due again and again does not keep a look from its end', async () => {
  const { plan, served } = await look(() => true)
  expect(served).toBeGreaterThan(0)
  expect(plan).toEqual(['+ route r (config)'])
})
