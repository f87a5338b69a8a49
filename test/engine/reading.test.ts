import { describe, expect, it } from 'vitest'
import { unknowns } from '../../src/engine/observe.ts'
import { read } from '../../src/engine/reading.ts'
import { observeAndPlan } from '../../src/engine/look.ts'
import type { Observation } from '../../src/engine/look.ts'
import type { Since } from '../../src/engine/reading.ts'
import type { Kind, Probe, Replies, Topic } from '../../src/engine/types.ts'
import type { SystemErrorCode } from '../../src/system/errors.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Answers } from '../support/recording-system.ts'
import { resource, shown, toyCatalogue, toyKind } from './kinds.ts'
import type { Wish } from './kinds.ts'

const NFT: Probe = { id: 'nft', argv: ['nft'], topics: ['firewall'] }
const LINKS: Probe = { id: 'links', argv: ['links'], topics: ['link'] }
const ROUTES: Probe = { id: 'routes', argv: ['routes'], topics: ['link', 'route'] }
const INSIDE: Probe = { id: 'inside', argv: ['inside'], topics: ['link veth0'], contained: true }
const SILENT: Probe = { id: 'silent', argv: ['silent'] }
const ALL = [NFT, LINKS, ROUTES, INSIDE, SILENT]

function known(text: string, probes: readonly Probe[] = ALL): Replies {
  return new Map(probes.map(({ id }) => [id, { text }]))
}

function since(replies: Replies, ...topics: readonly Topic[]): Since {
  return { replies, topics: new Set(topics) }
}

describe('reading what may have changed', () => {
  it('is everything, without a reading of before', async () => {
    const system = recordingSystem({ query: (command) => command })
    const { replies, fresh } = await read(ALL, system)
    expect(system.queries.toSorted()).toEqual(['inside', 'links', 'nft', 'routes', 'silent'])
    expect([replies.size, fresh.size]).toEqual([5, 5])
  })

  it.each<[readonly Topic[], readonly string[]]>([
    [['firewall'], ['nft']],
    [['link'], ['links', 'routes']],
    [
      ['link', 'link veth0'],
      ['inside', 'links', 'routes'],
    ],
    [
      ['link', 'link veth1'],
      ['links', 'routes'],
    ],
    [['route'], ['routes']],
    [['setting'], []],
    [[], []],
  ])('%j', async (topics, asked) => {
    const system = recordingSystem({ query: () => 'new' })
    const { replies, fresh } = await read(ALL, system, since(known('old'), ...topics))
    expect(system.queries.toSorted()).toEqual(asked)
    expect([...fresh].toSorted()).toEqual(asked)
    for (const { id } of ALL) expect(replies.get(id)).toEqual({ text: asked.includes(id) ? 'new' : 'old' })
  })

  it.each<SystemErrorCode>(['crashed', 'garbled', 'timeout', 'denied', 'missing-tool', 'busy', 'other'])(
    'what failed (%s) is read again, whatever happened',
    async (code) => {
      const system = recordingSystem({ query: () => 'new' })
      const before = new Map([...known('old'), ['silent', { error: failure(code) }]])
      const { replies } = await read(ALL, system, since(before, 'firewall'))
      expect(system.queries.toSorted()).toEqual(['nft', 'silent'])
      expect(replies.get('silent')).toEqual({ text: 'new' })
    },
  )

  it('that something is absent is an answer, and stands', async () => {
    const system = recordingSystem()
    const before = new Map([...known('old'), ['links', { error: failure('not-found') }]])
    const { replies } = await read(ALL, system, since(before, 'firewall'))
    expect(system.queries).toEqual(['nft'])
    expect(replies.get('links')).toMatchObject({ error: { code: 'not-found' } })
  })

  it('a read that fails now takes the place of the answer of before', async () => {
    const query = () => {
      throw failure('crashed')
    }
    const { replies } = await read(ALL, recordingSystem({ query }), since(known('old'), 'firewall'))
    expect(replies.get('nft')).toMatchObject({ error: { code: 'crashed' } })
  })

  it('what was never read is read; what nobody asks about any more is dropped', async () => {
    const system = recordingSystem({ query: () => 'new' })
    const before = known('old', [NFT, LINKS])
    const { replies } = await read([NFT, SILENT], system, since(before, 'route'))
    expect(system.queries).toEqual(['silent'])
    expect([...replies.keys()]).toEqual(['nft', 'silent'])
  })

  it('reads again what it is told to', async () => {
    const system = recordingSystem()
    await read(ALL, system, since(known('old'), 'firewall'), new Set(['silent']))
    expect(system.queries.toSorted()).toEqual(['nft', 'silent'])
  })
})

/** A kind of which an event of this topic tells. */
function heard(name: string, topic: Topic): Kind<Wish, Wish> {
  return toyKind(name, { probes: () => [{ id: `state ${name}`, argv: ['state', name], topics: [topic] }] })
}

const KINDS = [heard('guard', 'firewall'), heard('bridge', 'link'), heard('route', 'route')]
const WISH: Wish = { guard: [resource('g')], bridge: [resource('b')], route: [resource('r')] }
const FOUND = (key: string): string => JSON.stringify({ owned: [resource(key)] })

/** Everything in sync, as read before; but for what is said. */
function earlierReading(more: Readonly<Record<string, string>> = {}): Replies {
  const texts = {
    facts: '',
    'state guard': FOUND('g'),
    'state bridge': FOUND('b'),
    'state route': FOUND('r'),
  }
  return new Map(Object.entries({ ...texts, ...more }).map(([id, text]) => [id, { text }]))
}

async function observe(
  earlier: Replies,
  topics: readonly Topic[],
  query: NonNullable<Answers['query']>,
): Promise<Observation<Wish> & { readonly asked: readonly string[] }> {
  const system = recordingSystem({ query })
  const options = { record: {}, policy: { prune: 'own' as const }, since: since(earlier, ...topics) }
  const found = await observeAndPlan(WISH, toyCatalogue(KINDS), options, system)
  return { ...found, asked: system.queries }
}

/** The host as it is now. */
function host(more: Readonly<Record<string, string>> = {}): (command: string) => string {
  return (command) =>
    more[command] ?? ('text' in (earlierReading().get(command) ?? {}) ? textOf(command) : '')
}

function textOf(id: string): string {
  const reply = earlierReading().get(id)
  return reply !== undefined && 'text' in reply ? reply.text : ''
}

describe('a change rests on what is read now', () => {
  it('drift that an event tells of is planned, and nothing else is read', async () => {
    const { plan, asked } = await observe(earlierReading(), ['firewall'], host({ 'state guard': '{}' }))
    expect(shown(plan.changes)).toEqual(['+ guard g (config)'])
    expect(asked).toEqual(['state guard'])
    expect(plan).toMatchObject({ known: true, inSync: 2 })
  })

  it('drift that only an old answer tells of is looked at again, and left alone when it is gone', async () => {
    const { plan, asked } = await observe(earlierReading({ 'state route': '{}' }), ['firewall'], host())
    expect(plan.changes).toEqual([])
    expect(asked.toSorted()).toEqual(['state guard', 'state route'])
  })

  it('and is planned, as it is now, when it is still there', async () => {
    const now = JSON.stringify({ owned: [resource('r'), resource('stranger')] })
    const { plan } = await observe(earlierReading({ 'state route': '{}' }), [], host({ 'state route': now }))
    expect(shown(plan.changes)).toEqual(['- route stranger (prune)'])
  })

  it('an answer of before that hides drift hides it until the next whole pass, and no longer', async () => {
    const drifted = host({ 'state route': '{}' })
    expect((await observe(earlierReading(), ['firewall'], drifted)).plan.changes).toEqual([])
    expect(shown((await observe(earlierReading(), ['route'], drifted)).plan.changes)).toEqual([
      '+ route r (config)',
    ])
  })

  it('a second look that fails plans nothing at all', async () => {
    const query = (command: string): string => {
      if (command === 'state route') throw failure('crashed', 'SIGSEGV', command)
      return host({ 'state guard': '{}' })(command)
    }
    const { plan } = await observe(earlierReading({ 'state route': '{}' }), ['firewall'], query)
    expect(plan).toMatchObject({ known: false, changes: [] })
  })

  it('a reading of before that cannot be understood is not planned on, and read again by the next', async () => {
    const { plan, replies } = await observe(earlierReading(), ['firewall'], () => {
      throw failure('garbled', 'expected a list', 'nft')
    })
    expect(plan.known).toBe(false)
    const again = await observe(replies, ['route'], host())
    expect(again.asked.toSorted()).toEqual(['state guard', 'state route'])
    expect(again.plan).toMatchObject({ known: true, changes: [] })
  })

  it('what a guard holds back is looked at again too', async () => {
    const stranger = JSON.stringify({ owned: [resource('r'), resource('stranger')] })
    const system = recordingSystem({ query: host() })
    const options = {
      record: {},
      policy: { prune: 'never' as const },
      since: since(earlierReading({ 'state route': stranger }), 'firewall'),
    }
    const { plan } = await observeAndPlan(WISH, toyCatalogue(KINDS), options, system)
    expect(plan.heldBack).toEqual([])
    expect(system.queries).toContain('state route')
  })
})

describe('a question that may be answered by failing', () => {
  const CAN: Probe = { id: 'can', argv: ['can'], contained: true, mayFail: true }

  it.each<SystemErrorCode>(['other', 'crashed', 'timeout', 'denied', 'missing-tool'])(
    '%s: it is told to nobody, and not asked again before everything is',
    async (code) => {
      const error = failure(code)
      const system = recordingSystem({
        query: () => {
          throw error
        },
      })
      const { replies } = await read([CAN], system)
      expect(replies.get('can')).toEqual({ error })
      expect(unknowns([CAN], replies)).toEqual({ problems: [], fatal: false })
      await read([CAN], system, since(replies, 'firewall'))
      expect(system.queries).toHaveLength(1)
      await read([CAN], system)
      expect(system.queries).toHaveLength(2)
    },
  )
})
