import { describe, expect, it } from 'vitest'
import { beside, type Aside } from '../../src/engine/beside.ts'
import { observeAndPlan, type Observation } from '../../src/engine/look.ts'
import { ask } from '../../src/engine/observe.ts'
import type { Reading, Since } from '../../src/engine/reading.ts'
import type { Kind, PlannedChange, Probe, Replies, Topic } from '../../src/engine/types.ts'
import { recordingSystem } from '../support/recording-system.ts'
import { resource, shown, toyCatalogue, toyKind } from './kinds.ts'
import type { Wish } from './kinds.ts'

/** Something to do beside a look, so many times. */
function asides(times: number, news: Reading | undefined): Aside & { readonly done: () => number } {
  let done = 0
  return {
    due: async () => (done < times ? undefined : new Promise<undefined>(() => undefined)),
    serve: async () => {
      await turn()
      done += 1
      return news
    },
    done: () => done,
  }
}

async function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function later<T>(value: T, turns: number): Promise<T> {
  for (let count = 0; count < turns; count += 1) await turn()
  return value
}

const NEWS: Reading = { replies: new Map([['nft', { text: 'new' }]]), fresh: new Set(['nft']) }

describe('beside reads', () => {
  it('what is due is done, and what it read is told', async () => {
    const [aside, took]: [ReturnType<typeof asides>, Reading[]] = [asides(3, NEWS), []]
    expect(await beside(later('read', 20), { aside }, (news) => void took.push(news))).toBe('read')
    expect([aside.done(), took]).toEqual([3, [NEWS, NEWS, NEWS]])
  })

  it('what was begun is done to its end, though the reads end before', async () => {
    const aside = asides(1, undefined)
    await beside(later('read', 1), { aside }, () => undefined)
    expect(aside.done()).toBe(1)
  })

  it('who is told to give way does so when nothing is half done', async () => {
    const interrupt = new AbortController()
    const aside = asides(1, undefined)
    const waiting = beside(later('read', 50), { aside, interrupt: interrupt.signal }, () => undefined)
    interrupt.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' })
    const busy = asides(1, undefined)
    await expect(
      beside(later('read', 50), { aside: busy, interrupt: AbortSignal.abort() }, () => undefined),
    ).rejects.toMatchObject({ code: 'interrupted' })
    expect(busy.done()).toBe(0)
  })

  it('a read that fails is told, though something was done meanwhile', async () => {
    const failing = later(undefined, 3).then(() => Promise.reject(new Error('broken')))
    await expect(beside(failing, { aside: asides(1, NEWS) }, () => undefined)).rejects.toThrow('broken')
  })
})

describe('the order of reads', () => {
  it('is the firewall, the host, single containers, whatever they are listed by', async () => {
    const system = recordingSystem()
    const probes: readonly Probe[] = [
      { id: '1', argv: ['inside'], inside: true, topics: ['link veth0'] },
      { id: '2', argv: ['links'], topics: ['link'] },
      { id: '3', argv: ['nft'], topics: ['firewall'] },
      { id: '4', argv: ['routes'] },
    ]
    await ask(probes, system)
    expect(system.queries).toEqual(['nft', 'links', 'routes', 'inside'])
  })
})

/** A kind with one probe of the host, and one of the container. */
function within(name: string, topic: Topic): Kind<Wish, Wish> {
  return toyKind(name, {
    probes: () => [
      { id: `state ${name}`, argv: ['state', name], topics: [topic] },
      { id: `inside ${name}`, argv: ['inside', name], inside: true, topics: [`link ${name}`] },
    ],
  })
}

function heard(name: string, topic: Topic): Kind<Wish, Wish> {
  return toyKind(name, { probes: () => [{ id: `state ${name}`, argv: ['state', name], topics: [topic] }] })
}

function kindsOf(changes: Iterable<PlannedChange>): readonly string[] {
  return [...changes].map(({ kind }) => kind).toSorted()
}

describe('a look that is confined', () => {
  const KINDS = [heard('table', 'firewall'), heard('route', 'route'), within('veth', 'link')]
  const WISH: Wish = { table: [resource('t')], route: [resource('r')], veth: [resource('v')] }
  const IDS = ['facts', 'state table', 'state route', 'state veth', 'inside veth']
  const OLD: Replies = new Map(IDS.map((id) => [id, { text: '' }]))

  async function look(topics: readonly Topic[], more: Partial<Since> = {}) {
    const system = recordingSystem({ query: () => '' })
    const since = { replies: OLD, topics: new Set(topics), confined: true as const, ...more }
    const options = { record: {}, policy: { prune: 'own' as const }, since }
    const found: Observation<Wish> = await observeAndPlan(WISH, toyCatalogue(KINDS), options, system)
    return { ...found, queries: system.queries }
  }

  it('for the firewall reads it alone; what others lack is planned, and not made', async () => {
    const { queries, left, plan } = await look(['firewall'])
    expect(queries).toEqual(['state table'])
    expect(shown(plan.changes)).toHaveLength(3)
    expect(kindsOf(left)).toEqual(['route', 'veth'])
  })

  it('for the firewall takes over how the others compared', async () => {
    const { compared } = await look(['firewall'])
    const again = await look(['firewall'], { compared })
    expect(again.compared.get('route')).toBe(compared.get('route'))
    expect(again.compared.get('table')).not.toBe(compared.get('table'))
  })

  it('for links compares all anew, and enters no container', async () => {
    const { compared } = await look(['link'])
    const { compared: again, queries, left } = await look(['link', 'route'], { compared })
    expect(queries.toSorted()).toEqual(['state route', 'state veth'])
    expect(kindsOf(left)).toEqual(['table', 'veth'])
    expect(again.get('table')).not.toBe(compared.get('table'))
  })

  it('enters the container that the event tells of', async () => {
    const { queries, left } = await look(['link', 'link veth'])
    expect(queries.toSorted()).toEqual(['inside veth', 'state veth'])
    expect(kindsOf(left)).not.toContain('veth')
  })
})

describe('a look while events wait that tell of the host', () => {
  const FOLLOWS = toyKind('port', { followsHost: true, probes: heardProbes('port', 'firewall') })
  const OTHER = toyKind('table', { probes: heardProbes('table', 'firewall') })

  function heardProbes(name: string, topic: Topic): () => readonly Probe[] {
    return () => [{ id: `state ${name}`, argv: ['state', name], topics: [topic] }]
  }

  async function leftOf(more: Partial<Since>): Promise<readonly string[]> {
    const owned = { owned: [resource('old'), resource('other', 'y')] }
    const system = recordingSystem({ query: (command) => (command === 'facts' ? '' : JSON.stringify(owned)) })
    const since = {
      replies: new Map(),
      topics: new Set<Topic>(['firewall']),
      confined: true as const,
      ...more,
    }
    const wish = { port: [resource('new'), resource('other')], table: [resource('new')] }
    const options = { record: {}, policy: { prune: 'own' as const }, since }
    const { left } = await observeAndPlan(wish, toyCatalogue([FOLLOWS, OTHER]), options, system)
    return [...left].map(({ action, kind, key }) => `${action} ${kind} ${key}`).toSorted()
  }

  it('takes nothing away by what is known of it, and adds all that is missing', async () => {
    expect(await leftOf({ outdated: true })).toEqual(['delete port old', 'update port other'])
    expect(await leftOf({})).toEqual([])
  })
})
