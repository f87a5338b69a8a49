import { describe, expect, it } from 'vitest'
import { DRIVERS } from '../../src/drivers/index.ts'
import { observeAndPlan } from '../../src/engine/look.ts'
import { reconcileOnce } from '../../src/engine/reconcile.ts'
import type { Catalogue, Observation } from '../../src/engine/look.ts'
import type { Pass } from '../../src/engine/reconcile.ts'
import type { Kind } from '../../src/engine/types.ts'
import type { SystemErrorCode } from '../../src/system/errors.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Answers, RecordingSystem } from '../support/recording-system.ts'
import { resource, shown, toyKind } from './kinds.ts'
import type { Wish } from './kinds.ts'

const OPTIONS = { record: {}, policy: { prune: 'own' as const } }
const WISH: Wish = { bridge: [resource('br')], pair: [resource('p', 'x', ['bridge br'])] }
const CONTAINED = toyKind('pair', {
  probes: () => [{ id: 'state pair', argv: ['state', 'pair'], contained: true }],
})

function catalogue(
  kinds: readonly Kind<Wish, Wish>[] = [toyKind('bridge'), toyKind('pair')],
): Catalogue<Wish, Wish> {
  return {
    kinds,
    factProbes: () => [{ id: 'facts', argv: ['facts'] }],
    world: (model) => ({ world: model, problems: [], plans: 'everything' as const }),
    unobserved: () => ({}),
  }
}

async function observe(
  query: NonNullable<Answers['query']>,
  kinds?: readonly Kind<Wish, Wish>[],
): Promise<Observation<Wish>> {
  return observeAndPlan(WISH, catalogue(kinds), OPTIONS, recordingSystem({ query }))
}

/** Fails the one command, answers everything else with nothing found. */
function failing(command: string, code: SystemErrorCode): NonNullable<Answers['query']> {
  return (asked) => {
    if (asked === command) throw failure(code, 'why', command)
    return ''
  }
}

describe('unknown is never empty', () => {
  const codes: readonly SystemErrorCode[] = [
    'crashed',
    'garbled',
    'timeout',
    'denied',
    'missing-tool',
    'busy',
    'other',
  ]
  const probes = ['facts', 'state bridge', 'state pair']
  const rows = codes.flatMap((code) => probes.map((probe) => ({ code, probe })))

  it.each(rows)('$probe fails by $code: nothing is planned', async ({ code, probe }) => {
    const { plan } = await observe(failing(probe, code))
    expect(plan).toMatchObject({ known: false, changes: [], heldBack: [], inSync: 0 })
    expect(plan.problems).toHaveLength(1)
    expect(plan.problems[0]?.message).toContain(probe.split(' ')[0])
  })

  it('absence is an answer only where the probe asks about it', async () => {
    const { plan } = await observe(failing('state bridge', 'not-found'))
    expect(plan.known).toBe(false)
    const asking = toyKind('bridge', {
      probes: () => [{ id: 'bridge', argv: ['state', 'bridge'], mayBeAbsent: true }],
      observe: () => ({ owned: [], foreign: [] }),
    })
    const absent = await observe(failing('state bridge', 'not-found'), [asking])
    expect(absent.plan.known).toBe(true)
    expect(shown(absent.plan.changes)).toContain('+ bridge br (config)')
  })

  it('a reading that turns out garbled only while it is compared plans nothing either', async () => {
    const garbled = toyKind('pair', {
      observe: () => {
        throw failure('garbled', 'expected a list', 'state pair')
      },
    })
    const { plan } = await observe(() => '', [toyKind('bridge'), garbled])
    expect(plan).toMatchObject({ known: false, changes: [] })
    expect(plan.problems[0]?.code).toBe('S64-H006')
  })

  it('a defect is not taken for a failed reading', async () => {
    const broken = toyKind('pair', {
      observe: () => {
        throw new TypeError('a defect')
      },
    })
    await expect(observe(() => '', [broken])).rejects.toThrow('a defect')
  })

  it('one condition is told once, however many probes it fails', async () => {
    const { plan } = await observe(() => {
      throw failure('missing-tool', '/usr/bin', 'ip')
    })
    expect(plan.problems.map(({ code }) => code)).toEqual(['S64-H001'])
  })
})

describe('a contained probe', () => {
  it('leaves the rest to be planned, and is told', async () => {
    const { plan } = await observe(failing('state pair', 'timeout'), [toyKind('bridge'), CONTAINED])
    expect(plan.known).toBe(true)
    expect(shown(plan.changes)).toContain('+ bridge br (config)')
    expect(plan.problems.map(({ code }) => code)).toEqual(['S64-H005'])
  })
})

describe('probes', () => {
  it('of one id are run once', async () => {
    const system = recordingSystem()
    await observeAndPlan(WISH, catalogue([toyKind('bridge'), toyKind('bridge')]), OPTIONS, system)
    expect(system.queries.toSorted()).toEqual(['facts', 'state bridge'])
  })

  it('a missing precondition stops the plan and keeps the world that was seen', async () => {
    const problem = { code: 'S64-H010', message: 'no upstream' }
    const stopping = {
      ...catalogue(),
      world: (model: Wish) => ({ world: model, problems: [problem], plans: 'nothing' as const }),
    }
    const { plan, world } = await observeAndPlan(WISH, stopping, OPTIONS, recordingSystem())
    expect(plan).toMatchObject({ known: false, changes: [], problems: [problem] })
    expect(world).toBe(WISH)
  })
})

/** A host on which the lines of `ip -batch` take effect, but for those that match. */
async function pass(deaf = /^$/): Promise<{ pass: Pass<Wish>; system: RecordingSystem }> {
  const made = new Set<string>()
  const system = recordingSystem({
    query: (command) => {
      const [, kind] = command.split(' ')
      const keys = [...made]
        .filter((line) => line.startsWith(`${kind} `))
        .map((line) => line.split(' ')[1] ?? '')
      return JSON.stringify({ owned: keys.map((key) => resource(key)) })
    },
    run: ({ script = '' }) => {
      for (const line of script.split('\n'))
        if (line !== '' && !deaf.test(line)) made.add(line.replace('create ', ''))
    },
  })
  const options = { ...OPTIONS, drivers: DRIVERS, prepare: async () => [] }
  return { pass: await reconcileOnce(WISH, catalogue(), options, system), system }
}

describe('one pass', () => {
  it('observes again after apply: nothing is left', async () => {
    const { pass: done } = await pass()
    expect(shown(done.applied)).toEqual(['+ bridge br (config)', '+ pair p (config)'])
    expect(done.after.plan).toMatchObject({ changes: [], known: true, inSync: 2 })
  })

  it('reports what is left as observed, though every command succeeded', async () => {
    const { pass: done } = await pass(/pair/)
    expect(done.failed).toEqual([])
    expect(shown(done.after.plan.changes)).toEqual(['+ pair p (config)'])
  })

  it('does not observe twice when there is nothing to apply', async () => {
    const system = recordingSystem()
    const options = { ...OPTIONS, drivers: DRIVERS, prepare: async () => [] }
    const done = await reconcileOnce({}, catalogue(), options, system)
    expect(done.after).toBe(done.before)
    expect(system.queries).toHaveLength(3)
    expect(system.calls).toEqual([])
  })

  it('told to stop while it applies, it does not look a second time', async () => {
    const stop = new AbortController()
    const system = recordingSystem({ run: () => stop.abort() })
    const options = { ...OPTIONS, drivers: DRIVERS, prepare: async () => [], stop: stop.signal }
    const done = await reconcileOnce(WISH, catalogue(), options, system)
    expect(done.applied.length).toBeGreaterThan(0)
    expect(done.after).toBe(done.before)
    expect(Object.keys(done.phases)).toEqual(['observe', 'apply'])
    expect(system.queries).toHaveLength(3)
  })

  it('told to stop while it looks, it prepares and begins nothing', async () => {
    const stop = new AbortController()
    const query = (): string => {
      stop.abort()
      return ''
    }
    const prepare = async () => expect.unreachable()
    const system = recordingSystem({ query })
    const options = { ...OPTIONS, drivers: DRIVERS, prepare, stop: stop.signal }
    const done = await reconcileOnce(WISH, catalogue(), options, system)
    expect(done.before.plan.changes).toHaveLength(2)
    expect([done.applied, done.failed, system.calls]).toEqual([[], [], []])
  })
})
