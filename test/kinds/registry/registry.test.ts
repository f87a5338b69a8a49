import { describe, expect, it } from 'vitest'
import { ask } from '../../../src/engine/observe.ts'
import { KINDS } from '../../../src/kinds/index.ts'
import { sysctl } from '../../../src/kinds/sysctl/index.ts'
import type { Model } from '../../../src/model/types.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { readOnly } from '../../../src/system/read-only.ts'
import { capturedReplies, replies } from '../../support/captures.ts'
import { capturedModel, world } from '../../support/model.ts'
import { recordingSystem } from '../../support/recording-system.ts'
import { BARE, changesOf } from '../support.ts'

const MODEL = capturedModel()

/** The host's settings are never created, only changed: on a host where all of them are wrong, every one is. */
const WRONG = replies(Object.fromEntries(sysctl.probes(MODEL, new Map()).map(({ id }) => [id, 'wrong'])))
const HOST_SETTINGS = changesOf(sysctl.compare(world(MODEL), WRONG, {})).flatMap(({ steps }) => steps)

describe('the order of the data path', () => {
  it('has the firewall first and what draws traffic last', () => {
    const names = KINDS.map(({ name }) => name)
    expect(names.slice(0, 3)).toEqual(['nft-table', 'nft-set', 'nft-chain'])
    expect(names.indexOf('proxy-neighbour')).toBeGreaterThan(names.indexOf('container-route'))
    expect(names.slice(-3)).toEqual(['reverse-proxy', 'proxy-backend', 'proxy-route'])
    expect(names.indexOf('sysctl')).toBeLessThan(names.indexOf('bridge'))
    expect(names.indexOf('guarded-interface')).toBeLessThan(names.indexOf('bridge'))
  })

  it('names every kind once', () => {
    const names = KINDS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !/^[a-z]+(-[a-z0-9]+)*$/.test(name))).toEqual([])
  })
})

describe.each(KINDS.map((kind) => ({ name: kind.name, kind })))('$name', ({ name, kind }) => {
  it('probes are plain data', () => {
    const probes = kind.probes(MODEL, new Map())
    expect(probes.length).toBeGreaterThan(0)
    expect(JSON.parse(JSON.stringify(probes))).toEqual(probes)
  })

  it('probes only read: a System that refuses writes lets every one through', async () => {
    const system = readOnly(recordingSystem({ exchange: () => '' }))
    const answers = await ask(kind.probes(MODEL, new Map()), system)
    const refused = [...answers].filter(([, reply]) => 'error' in reply && reply.error.code === 'read-only')
    expect(answers.size).toBeGreaterThan(0)
    expect(refused).toEqual([])
  })

  it('same input, same output; and the input is left alone', () => {
    const [one, other] = [world(MODEL), world(capturedModel())]
    for (const found of [BARE, capturedReplies()]) {
      expect(kind.compare(one, found, {})).toEqual(kind.compare(other, found, {}))
      expect(kind.compare(one, found, {})).toEqual(kind.compare(other, new Map(found), {}))
    }
    expect(one).toEqual(other)
    expect(kind.probes(MODEL, new Map())).toEqual(kind.probes(capturedModel(), new Map()))
  })

  it('wants nothing for an empty model', () => {
    const plan = kind.compare(world(EMPTY_MODEL), BARE, {})
    expect(plan).toMatchObject({ early: [], late: [], inSync: 0, conflicts: [], blocked: [] })
    expect(kind.digests(world(EMPTY_MODEL))).toEqual({})
  })

  it('finds nothing to do on the host that it made', () => {
    const settings = kind.probes(MODEL, new Map()).flatMap((probe) => ('sysctl' in probe ? [probe] : []))
    const wanted = changesOf(kind.compare(world(MODEL), BARE, {})).flatMap(({ steps }) => steps)
    const values = settings.map(({ id, sysctl: path }): [string, string] => {
      const step = [...wanted, ...HOST_SETTINGS].find((one) => one.tool === 'sysctl' && one.name === path)
      return [id, step?.tool === 'sysctl' ? step.value : '']
    })
    expect(changesOf(kind.compare(world(MODEL), capturedReplies(Object.fromEntries(values)), {}))).toEqual([])
  })

  it('gives steps for everything where there is nothing', () => {
    const changes = changesOf(kind.compare(world(MODEL), BARE, {}))
    expect(changes.filter((change) => change.kind !== name || change.action !== 'create')).toEqual([])
    expect(changes.filter(({ steps, before }) => steps.length === 0 || before !== null)).toEqual([])
  })

  it('needs only what a kind before it makes', () => {
    const before = KINDS.slice(0, KINDS.indexOf(kind)).map((earlier) => earlier.name)
    const needs = changesOf(kind.compare(world(MODEL), BARE, {})).flatMap((change) => change.needs)
    const made = KINDS.flatMap((other) =>
      changesOf(other.compare(world(MODEL), BARE, {})).map(({ kind: of, key }) => `${of} ${key}`),
    )
    for (const need of needs) {
      expect(before).toContain(need.split(' ')[0])
      expect(made).toContain(need)
    }
  })

  it('keys are canonical text, each once, and steps hold no line break', () => {
    const changes = changesOf(kind.compare(world(MODEL), BARE, {}))
    expect(new Set(changes.map(({ key }) => key)).size).toBe(changes.length)
    expect(
      changes.filter(({ key, steps }) => /[\n\r;]/.test(key) || JSON.stringify(steps).includes('\\n')),
    ).toEqual([])
  })
})

describe('a model with two networks and no containers', () => {
  it('is plain to every kind', () => {
    const two: Model = { ...MODEL, containers: [], nat: { source: 'none', forwards: [] } }
    for (const kind of KINDS) expect(() => kind.compare(world(two), capturedReplies(), {})).not.toThrow()
  })
})
