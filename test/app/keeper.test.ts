import { describe, expect, it } from 'vitest'
import { keeperOn } from '../../src/app/keeper.ts'
import type { CommandEvent } from '../../src/system/command-event.ts'
import { SystemError } from '../../src/system/errors.ts'
import { measured } from '../../src/system/measured.ts'
import { freshHost } from '../support/memory.ts'
import { capturedModel } from '../support/model.ts'
import { appOf, byHand, changeLines, converge, STATE } from '../support/passes.ts'
import { failure } from '../support/recording-system.ts'

const MODEL = capturedModel()
const EXPOSED = 'exposed6 { 2001:db8:1:1::1:2 . 6 . 443 }'

describe('the lock of a keeper', () => {
  it('keeps every other instance away, until it is given back', async () => {
    const host = freshHost()
    const lock = await keeperOn(host).lock()
    await expect(keeperOn(host).lock()).rejects.toMatchObject({ code: 'busy' })
    expect((await appOf(host).reconcile(MODEL)).lockedBy).toContain('another instance')
    await lock.release()
    await (await keeperOn(host).lock()).release()
    expect((await appOf(host).reconcile(MODEL)).lockedBy).toBeUndefined()
  })

  it('is held by the caller: a pass does not take it again', async () => {
    const host = freshHost()
    const keeper = keeperOn(host)
    const lock = await keeper.lock()
    const first = await keeper.pass(MODEL, {})
    const second = await keeper.pass(MODEL, {})
    expect([first.remaining?.changes, second.plan.changes]).toEqual([[], []])
    await lock.release()
  })
})

describe('a pass of many', () => {
  it('does what a single one does', async () => {
    const [one, many] = [freshHost(), freshHost()]
    await converge(one, MODEL)
    await keeperOn(many).pass(MODEL, {})
    expect(many.dump()).toBe(one.dump())
    expect(many.writes).toEqual(one.writes)
  })

  it('hands its replies on: the next reads only what is asked for', async () => {
    const host = freshHost()
    const keeper = keeperOn(host)
    const { replies } = await keeper.pass(MODEL, {})
    host.reads.length = 0
    const next = await keeper.pass(MODEL, { since: { replies, topics: new Set(['route']) } })
    const commands = host.reads.filter((read) => read.startsWith('ip') || read.startsWith('nft'))
    expect(commands).toHaveLength(2)
    expect(next.replies.size).toBe(replies.size)
    expect([next.plan.changes, next.remaining]).toEqual([[], undefined])
  })

  it('tells how long its parts took, of what ran', async () => {
    const host = freshHost()
    const keeper = keeperOn(host)
    const run = host.run.bind(host)
    host.run = async (...asked) => {
      host.advance(100)
      return run(...asked)
    }
    const first = await keeper.pass(MODEL, {})
    expect(first.phases.apply).toBeGreaterThanOrEqual(0.1)
    expect(first.phases.observe).toBe(0)
    expect(Object.keys(first.phases)).toEqual(['observe', 'apply', 'verify'])
    expect(Object.keys((await keeper.pass(MODEL, {})).phases)).toEqual(['observe'])
  })

  it('what it leaves for later is not noted as reached: the next plan tells it as it is', async () => {
    const host = freshHost()
    const keeper = keeperOn(host)
    const { plan, applied, remaining } = await keeper.pass(MODEL, {
      postponed: ({ changes }) => new Set(changes.filter(({ kind }) => kind === 'proxy-neighbour')),
    })
    expect(applied.length).toBeLessThan(plan.changes.length)
    const left = changeLines(remaining ?? plan)
    expect(left.length).toBeGreaterThan(0)
    expect(left.every((line) => line.startsWith('+ proxy-neighbour '))).toBe(true)
    expect(changeLines((await keeper.pass(MODEL, {})).plan)).toEqual(left)
  })

  it('keeps its record through passes that read a part', async () => {
    const host = freshHost()
    const keeper = keeperOn(host)
    const { replies } = await keeper.pass(MODEL, {})
    const record = host.world.files.get(`${STATE}/applied.json`)
    await byHand(host, `nft delete element inet slash64 ${EXPOSED}`)
    const healed = await keeper.pass(MODEL, { since: { replies, topics: new Set(['firewall']) } })
    expect(changeLines(healed.plan)).toEqual(['+ exposure exposed6 2001:db8:1:1::1:2 . 6 . 443 (drift)'])
    expect(host.world.files.get(`${STATE}/applied.json`)).toBe(record)
  })

  it('told to end before its first effect writes nothing but what teardown needs', async () => {
    const host = freshHost()
    const stop = new AbortController()
    stop.abort()
    const pass = await keeperOn(host).pass(MODEL, { stop: stop.signal })
    expect([pass.applied, pass.failed]).toEqual([[], []])
    expect(host.writes.filter((write) => !write.startsWith(`write ${STATE}/`))).toEqual([])
  })

  it('names what failed, as changes', async () => {
    const host = freshHost()
    host.failNext((command) => command === 'nft -f', failure('other', 'busy', 'nft -f'))
    const { plan, failedChanges = [], failed } = await keeperOn(host).pass(MODEL, {})
    expect(failedChanges).toEqual(plan.changes)
    expect(failed.length).toBeGreaterThan(0)
  })
})

describe('what else a controller reads', () => {
  it('the file, or why not', async () => {
    const host = freshHost()
    host.world.files.set('/etc/network.yaml', 'text')
    expect(await keeperOn(host).readFile('/etc/network.yaml')).toBe('text')
    await expect(keeperOn(host).readFile('/etc/none')).rejects.toBeInstanceOf(SystemError)
  })

  it('traffic, without being able to change anything', async () => {
    const host = freshHost()
    const counted = { ...MODEL, metrics: { containers: true } }
    const keeper = keeperOn(host)
    await keeper.pass(counted, {})
    host.writes.length = 0
    expect([...(await keeper.traffic(counted)).keys()].toSorted()).toEqual(['blog', 'db'])
    expect(host.writes).toEqual([])
  })

  it('traffic, told apart from the commands of passes', async () => {
    const host = freshHost()
    const counted = { ...MODEL, metrics: { containers: true } }
    const told: CommandEvent[] = []
    const tell = (event: CommandEvent): void => void told.push(event)
    const beside = measured(host, tell, { background: true })
    const keeper = keeperOn(measured(host, tell), async () => undefined, beside)
    await keeper.pass(counted, {})
    expect(told.filter(({ background }) => background)).toEqual([])
    told.length = 0
    await keeper.traffic(counted)
    expect(told).toMatchObject([{ tool: 'nft', background: true }])
  })
})
