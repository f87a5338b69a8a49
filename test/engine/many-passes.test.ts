import { describe, expect, it } from 'vitest'
import { DRIVERS } from '../../src/drivers/index.ts'
import { applyChanges } from '../../src/engine/apply.ts'
import { reconcileOnce } from '../../src/engine/reconcile.ts'
import type { PassOptions } from '../../src/engine/reconcile.ts'
import type { PlannedChange } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Call } from '../support/recording-system.ts'
import { ipStep, nftStep, planned, resource, shown, toyCatalogue, toyKind } from './kinds.ts'
import type { Wish } from './kinds.ts'

const KINDS = ['bridge', 'pair', 'address', 'guard'].map((name) => toyKind(name))
const WISH: Wish = {
  bridge: [resource('one'), resource('two')],
  pair: [resource('p', 'x', ['bridge one'])],
  address: [resource('a', 'x', ['pair p']), resource('b', 'x', ['bridge two'])],
}

/** A pass that finds this, and leaves what is said for later. */
async function pass(
  postponed: (change: PlannedChange) => boolean,
  { wish = WISH, owned = {} }: { readonly wish?: Wish; readonly owned?: Wish } = {},
  more: Partial<PassOptions> = {},
) {
  const system = recordingSystem({
    query: (command) => JSON.stringify({ owned: owned[command.replace('state ', '')] ?? [] }),
  })
  const options: PassOptions = {
    record: {},
    policy: { prune: 'own' },
    drivers: DRIVERS,
    prepare: async () => [],
    postponed: ({ changes }) => new Set(changes.filter(postponed)),
    ...more,
  }
  return { ...(await reconcileOnce(wish, toyCatalogue(KINDS), options, system)), system }
}

function isAbout(...references: readonly string[]): (change: PlannedChange) => boolean {
  return ({ kind, key }) => references.includes(`${kind} ${key}`)
}

describe('what is left for later', () => {
  it('is planned and told, and not made; with it what needs it, however far', async () => {
    const { before, applied, failed } = await pass(isAbout('bridge one'))
    expect(before.plan.changes).toHaveLength(5)
    expect(shown(applied)).toEqual(['+ bridge two (config)', '+ address b (config)'])
    expect(failed).toEqual([])
  })

  it('leaves a pass that has nothing else to do without one effect, and without a second look', async () => {
    const prepared: unknown[] = []
    const { applied, after, before, system, phases } = await pass(
      () => true,
      {},
      {
        prepare: async (changes) => {
          prepared.push(changes)
          return []
        },
      },
    )
    expect([applied, system.calls, prepared]).toEqual([[], [], []])
    expect(after).toBe(before)
    expect(Object.keys(phases)).toEqual(['observe'])
  })

  it('keeps what guards it: that is taken away when it is gone, and not before', async () => {
    const owned = {
      bridge: [resource('one'), resource('two')],
      guard: [resource('one', 'x', ['bridge one']), resource('two', 'x', ['bridge two'])],
    }
    const { applied } = await pass(isAbout('bridge one'), { wish: {}, owned })
    expect(shown(applied).toSorted()).toEqual(['- bridge two (prune)', '- guard two (prune)'].toSorted())
  })

  it('is asked about once for each pass, with the whole plan', async () => {
    const asked: number[] = []
    await pass(
      () => false,
      {},
      {
        postponed: ({ changes }) => {
          asked.push(changes.length)
          return new Set()
        },
      },
    )
    expect(asked).toEqual([5])
  })
})

/** A kind whose removal opens something comes first in the order of building: its delete is the last. */
const CHANGES = [
  planned('create nft-set s', { steps: [nftStep('add set s')] }),
  planned('create bridge b'),
  planned('create veth v', { steps: [ipStep('link add v'), ipStep('link set eth0 up', 'blog')] }),
  planned('create sysctl x', { steps: [{ tool: 'sysctl', name: 'net/ipv4/ip_forward', value: '1' }] }),
]

async function applyUntil(abortAt: string, run?: (call: Call) => void) {
  const aborter = new AbortController()
  const system = recordingSystem({
    sysctls: { 'net/ipv4/ip_forward': '0' },
    run: (call) => {
      if (call.command === abortAt) aborter.abort()
      run?.(call)
    },
  })
  const done = await applyChanges(CHANGES, DRIVERS, system, aborter.signal)
  return { ...done, commands: system.calls.map(({ command }) => command) }
}

describe('told to end', () => {
  it('before the first effect: nothing is done, and nothing is told as done or failed', async () => {
    const aborter = new AbortController()
    aborter.abort()
    const system = recordingSystem()
    const done = await applyChanges(CHANGES, DRIVERS, system, aborter.signal)
    expect(done).toEqual({ applied: [], failed: [], failedChanges: [], failures: [] })
    expect(system.calls).toEqual([])
  })

  it('in the middle: what runs is finished, and a change of which a step is missing is not told as done', async () => {
    const { applied, failed, commands } = await applyUntil('ip -batch')
    expect(commands).toEqual(['nft -f', 'ip -batch'])
    expect(shown(applied)).toEqual(['+ nft-set s (config)', '+ bridge b (config)'])
    expect(failed).toEqual([])
  })

  it('in the last step: all is done', async () => {
    const { applied } = await applyUntil('sysctl net/ipv4/ip_forward=1')
    expect(applied).toEqual(CHANGES)
  })

  it('while a step fails: that is told', async () => {
    const { applied, failedChanges, failed } = await applyUntil('nft -f', () => {
      throw failure('other', 'Could not process rule', 'nft -f')
    })
    expect([applied, failed.length > 0]).toEqual([[], true])
    expect(failedChanges).toEqual(CHANGES)
  })
})

describe('the changes that failed', () => {
  it('are those that were tried in vain and those that were skipped because of it, in order', async () => {
    const changes = [
      planned('create bridge one'),
      planned('create bridge two'),
      planned('create pair p', { needs: ['bridge one'] }),
    ]
    const run = ({ script }: Call): void => {
      if (script?.startsWith('create bridge one')) {
        throw failure('other', 'RTNETLINK answers: x\nCommand failed f:1', 'ip -batch', 1)
      }
    }
    const { applied, failedChanges } = await applyChanges(changes, DRIVERS, recordingSystem({ run }))
    expect(shown(failedChanges)).toEqual(['+ bridge one (config)', '+ pair p (config)'])
    expect(shown(applied)).toEqual(['+ bridge two (config)'])
  })

  it('with those that worked and those that were not reached are all', async () => {
    const { applied, failedChanges } = await applyUntil('ip -batch')
    expect(applied.length + failedChanges.length).toBe(2)
    const whole = await applyUntil('never')
    expect(whole.applied.length + whole.failedChanges.length).toBe(CHANGES.length)
  })
})

describe('the look after apply', () => {
  it('of a pass that read a part reads that part again, and what it changed', async () => {
    const replies = new Map(
      ['facts', ...KINDS.map(({ name }) => `state ${name}`)].map((id) => [id, { text: '{}' }]),
    )
    const since = { replies, topics: new Set<never>() }
    const { system } = await pass(isAbout('address a', 'address b', 'pair p'), {}, { since })
    const times = (id: string): number => system.queries.filter((query) => query === id).length
    expect([times('state bridge'), times('facts'), times('state guard')]).toEqual([2, 0, 0])
  })
})
