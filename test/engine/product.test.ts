import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../src/facts/catalogue.ts'
import { KINDS } from '../../src/kinds/index.ts'
import type { Probe } from '../../src/engine/types.ts'
import type { SystemErrorCode } from '../../src/system/errors.ts'
import { freshHost } from '../support/memory.ts'
import { capturedModel, container, model } from '../support/model.ts'
import { appOf, byHand, changeLines, complaints, converge, STATE } from '../support/passes.ts'
import { failure } from '../support/recording-system.ts'

const MODEL = capturedModel()
/** As iproute2 6.1 tells it of the first line of a batch. */
const NO_SPACE = failure(
  'other',
  'RTNETLINK answers: No buffer space available\nCommand failed script:1',
  'ip -n db -batch',
  1,
)
const CODES: readonly SystemErrorCode[] = ['crashed', 'garbled', 'timeout', 'denied', 'missing-tool']

/** Every read that a pass makes, as the host in memory names it; insides of containers are contained. */
const READS = [
  ...new Set(
    [...CATALOGUE.factProbes(MODEL, new Map()), ...KINDS.flatMap((kind) => kind.probes(MODEL, new Map()))]
      .filter(({ contained }) => contained !== true)
      .map((probe) => nameOf(probe)),
  ),
]

function nameOf(probe: Probe): string {
  if ('argv' in probe) return probe.argv.join(' ')
  if ('sysctl' in probe) return `sysctl ${probe.sysctl}`
  throw new Error(`${probe.id} must be contained: without it the network can still be planned`)
}

describe('the whole program: unknown is never empty', () => {
  it('makes a good dozen reads that can fail', () => {
    expect(READS.length).toBeGreaterThan(12)
  })

  it.each(READS)('%s fails: nothing is planned, nothing is written, and the host stands', async (read) => {
    const host = freshHost()
    await converge(host, MODEL)
    const before = host.dump()
    host.writes.length = 0
    for (const code of CODES) {
      host.failNext((command) => command === read, failure(code, 'why', read))
      const pass = await appOf(host).reconcile(MODEL)
      expect(pass.plan).toMatchObject({ known: false, changes: [], heldBack: [] })
      expect(pass.plan.problems).toHaveLength(1)
    }
    expect(host.writes).toEqual([])
    expect(host.dump()).toBe(before)
  })

  it('teardown on a host that cannot be read removes nothing', async () => {
    const host = freshHost()
    await converge(host, MODEL)
    const before = host.dump()
    host.failNext(
      (command) => command.startsWith('nft -j'),
      failure('crashed', 'ended by SIGSEGV', 'nft -j list'),
    )
    const pass = await appOf(host).teardown()
    expect(pass.plan).toMatchObject({ known: false, changes: [] })
    expect(pass.plan.problems[0]?.hint).toContain('1.1.2')
    expect(host.dump()).toBe(before)
  })

  it('one container that cannot be read keeps only what is about it from being planned', async () => {
    const host = freshHost()
    await converge(host, MODEL)
    await byHand(
      host,
      'ip -n blog addr delete 10.64.0.2/24 dev eth0',
      'ip -n db addr delete 10.64.0.3/24 dev eth0',
    )
    host.failNext(
      (command) => command.startsWith('ip -n blog -N'),
      failure('timeout', 'killed', 'ip -n blog'),
    )
    const { plan } = await appOf(host).plan(MODEL)
    expect(plan.known).toBe(true)
    expect(changeLines(plan)).toEqual([
      '+ container-address db 10.64.0.3/24 dev eth0 (drift)',
      '+ container-route db default via 10.64.0.1 dev eth0 (drift)',
    ])
    expect(plan.problems.map(({ code }) => code)).toEqual(['S64-H005'])
  })
})

describe('the state directory', () => {
  it('keeps the values that were found first, through every later pass', async () => {
    const host = freshHost()
    await byHand(host, 'sysctl net/ipv6/neigh/eth0/proxy_delay=33')
    await converge(host, MODEL)
    await byHand(host, 'sysctl net/ipv6/neigh/eth0/proxy_delay=7')
    await converge(host, MODEL)
    await appOf(host).teardown()
    expect(await host.readSysctl('net/ipv6/neigh/eth0/proxy_delay')).toBe('33')
  })

  it.each(['', '{', '[]', '{"bridge":7}', 'null'])('a damaged record (%j) changes no plan', async (text) => {
    const host = freshHost()
    await converge(host, MODEL)
    await host.writeFile(`${STATE}/applied.json`, text)
    expect((await appOf(host).plan(MODEL)).plan).toMatchObject({ known: true, changes: [] })
  })

  it('a first pass and a restart that lost its record are the same: nothing to do', async () => {
    const host = freshHost()
    await converge(host, MODEL)
    await host.removeFile(`${STATE}/applied.json`)
    expect((await converge(host, MODEL)).plan.changes).toEqual([])
  })

  it('a record that cannot be kept is told, and the pass has worked', async () => {
    const host = freshHost()
    host.failNext(
      (command) => command === `write ${STATE}/applied.json`,
      failure('read-only', 'EROFS', STATE),
    )
    const pass = await appOf(host).reconcile(MODEL)
    expect(pass.failed.map(({ code }) => code)).toEqual(['S64-H008'])
    expect(pass.remaining?.changes).toEqual([])
  })

  it('what a conflict kept from being made is not told as lost when the conflict is gone', async () => {
    const host = freshHost()
    await byHand(host, 'ip link add name br-ct type bridge')
    await appOf(host).reconcile(MODEL)
    await byHand(host, 'ip link delete dev br-ct')
    const { plan } = await appOf(host).plan(MODEL)
    expect(changeLines(plan)).toContain('+ bridge br-ct (config)')
  })
})

describe('plan', () => {
  it('writes nothing, on whatever host', async () => {
    const host = freshHost()
    await appOf(host).plan(MODEL)
    await appOf(host).planTeardown()
    expect(host.writes).toEqual([])
  })

  it('names what reconcile then does', async () => {
    const host = freshHost()
    const planned = await appOf(host).plan(MODEL)
    const done = await converge(host, MODEL)
    expect(changeLines(done.plan)).toEqual(changeLines(planned.plan))
    expect(done.applied).toHaveLength(planned.plan.changes.length)
  })
})

describe('the lock', () => {
  it('refuses a second pass, and says who holds it', async () => {
    const host = freshHost()
    const lock = await host.lock()
    const pass = await appOf(host).reconcile(MODEL)
    expect(pass.lockedBy).toContain('another instance')
    expect(host.writes).toEqual([])
    await lock.release()
    expect(complaints(await appOf(host).reconcile(MODEL))).toEqual([])
  })

  it('is given back by a pass that failed', async () => {
    const host = freshHost()
    host.failNext((command) => command === 'nft -f', failure('other', 'busy', 'nft -f'))
    expect((await appOf(host).reconcile(MODEL)).failed.length).toBeGreaterThan(0)
    expect(complaints(await appOf(host).reconcile(MODEL))).toEqual([])
  })
})

describe('a failure on the way', () => {
  it('of the firewall leaves nothing reachable: no bridge, no route, no proxy neighbour', async () => {
    const host = freshHost()
    host.failNext((command) => command === 'nft -f', failure('other', 'Could not process rule', 'nft -f'))
    await appOf(host).reconcile(MODEL)
    expect(host.writes.filter((write) => /^(ip|sysctl)/.test(write))).toEqual([])
  })

  it('of one container leaves the others whole', async () => {
    const host = freshHost(['blog', 'db', 'web'])
    const three = model({ ...MODEL, containers: [...MODEL.containers, container('web', 4)] })
    host.failNext((command) => command === 'ip -n db link set dev eth0 up', NO_SPACE)
    const pass = await appOf(host).reconcile(three)
    const stuck = pass.failed.map(({ resource }) => resource ?? '')
    expect(stuck.length).toBeGreaterThan(0)
    expect(stuck.filter((name) => !/ (db|s64-db-\w+)\b/.test(name))).toEqual([])
    expect(complaints(await appOf(host).reconcile(three))).toEqual([])
  })
})
