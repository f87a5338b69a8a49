import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DRIVERS } from '../../src/drivers/index.ts'
import { ipDriver } from '../../src/drivers/ip-batch.ts'
import { nftDriver } from '../../src/drivers/nft.ts'
import { applyChanges } from '../../src/engine/apply.ts'
import type { Step } from '../../src/engine/types.ts'
import { holding } from '../../src/system/holding.ts'
import { scripts } from '../../src/system/scripts.ts'
import { nftHolder } from '../../src/system/nft-holder.ts'
import { nodeSystem } from '../../src/system/node.ts'
import type { System } from '../../src/system/port.ts'
import { ipStep, nftStep, planned } from '../engine/kinds.ts'
import { NEWER_NFT, notShown } from '../support/newer-nft.ts'
import { eventually } from '../system/eventually.ts'
import { netRoom } from '../system/net-room.ts'
import type { NetRoom } from '../system/net-room.ts'

const folder = mkdtempSync(join(tmpdir(), 'slash64-tools-'))
const bin = join(folder, 'bin')
const runDir = join(folder, 'run')
const path = `${bin}:${process.env['PATH'] ?? ''}`
let room: NetRoom
beforeAll(async () => {
  mkdirSync(bin)
  room = await netRoom()
})
afterAll(() => {
  room.close()
  rmSync(folder, { recursive: true })
})

/** The real programs, in a network of their own; they are called by their own names. */
function system(deadline = 10_000): System {
  const places = { stateDir: join(folder, 'state'), runDir }
  const real = nodeSystem({ ...places, self: 'test', path, deadline })
  return { ...real, run: async (argv, ...asked) => real.run(room.inside(...argv), ...asked) }
}

/** Before the real one: does the lines of shell, then what it should. */
function before(tool: string, lines: string): void {
  writeFileSync(join(bin, tool), `#!/bin/sh\n${lines}\nPATH='${process.env['PATH']}' exec ${tool} "$@"\n`)
  chmodSync(join(bin, tool), 0o755)
}

const REFUSED: readonly Step[] = [nftStep('add table inet x'), nftStep('add rule inet x nope accept')]

async function wordsOf(host: System): Promise<readonly string[]> {
  const messages: string[] = []
  for (let round = 0; round < 3; round += 1)
    messages.push((await nftDriver(REFUSED, host)).error?.message ?? '')
  return messages
}

describe('a transaction that nft refuses', () => {
  it('is told in the same words each time, with line and column, and nft’s own mark below', async () => {
    const messages = await wordsOf(system())
    expect(new Set(messages).size).toBe(1)
    expect(messages[0]).toMatch(/nft -f: line 2:\d+-\d+: Error: .*\nadd rule inet x nope accept\n +\^+/s)
    expect(messages[0]).not.toContain(folder)
  })

  it.each(notShown('the words of a held nft'))('NOT SHOWN HERE: %s', (why) => expect(why).toContain('nft'))

  it.each(NEWER_NFT)('says the same through a program that is held', async ({ nft }) => {
    const [argv, lost] = [room.inside(nft, '-i'), () => undefined]
    const holder = nftHolder({ path, scripts: scripts({ runDir, elsewhere: [] }), argv, lost })
    try {
      const messages = await wordsOf(holding(system(), holder, () => true))
      expect(new Set(messages).size).toBe(1)
      expect(messages[0]).toMatch(/^nft -f: line 2:\d+-\d+: Error: .*\nadd rule inet x nope accept\n +\^+/s)
      expect(messages[0]).not.toContain(folder)
    } finally {
      await holder.close()
    }
  })
})

describe('ip that does not end', () => {
  const links = Array.from({ length: 5 }, (_, index) => planned(`create bridge b${index}`))
  const changes = links.map((change) => ({
    ...change,
    steps: [ipStep(`link add ${change.key} type bridge`)],
  }))

  const log = join(folder, 'runs.log')
  /** How often it was begun, of which it never ends. */
  const runs = (): number => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0)
  beforeEach(() => {
    rmSync(log, { force: true })
    before('ip', `echo run >>'${log}'; sleep 120`)
  })

  it('is waited for once, not once for each line', async () => {
    const { applied, failed, failedChanges } = await applyChanges(changes, DRIVERS, system(1_000))
    expect(runs()).toBe(1)
    expect([applied.length, failedChanges.length]).toEqual([0, 5])
    expect(failed).toEqual([
      expect.objectContaining({ code: 'S64-H005', message: expect.stringMatching(/ip -batch: did not end/) }),
    ])
  })

  it('and told to stop meanwhile: nothing more is begun', async () => {
    const stop = new AbortController()
    const begun = eventually(() => runs() === 1, 'its beginning').then(() => stop.abort())
    const inside = planned('create pair p', { steps: [ipStep('link set eth0 up', 'blog')] })
    const all = [...changes, inside, planned('create sysctl s', { steps: [ipStep('link show')] })]
    const { applied, failedChanges } = await applyChanges(all, DRIVERS, system(3_000), stop.signal)
    await begun
    expect(runs()).toBe(1)
    expect([applied.length, failedChanges.length]).toEqual([0, 5])
  })

  it('works again: a line that fails is one, and the others are done', async () => {
    before('ip', '')
    room.run(['ip', 'link', 'add', 'b2', 'type', 'bridge'])
    const { applied, failed } = await applyChanges(changes, DRIVERS, system())
    expect(applied.map(({ key }) => key)).toEqual(['b0', 'b1', 'b3', 'b4'])
    expect(failed.map(({ resource }) => resource)).toEqual(['bridge b2'])
  })
})

describe('ip that cannot do anything', () => {
  it.each([
    ['denied', 'echo "RTNETLINK answers: Operation not permitted" >&2; exit 2'],
    ['crashed', 'kill -SEGV $$'],
  ])('%s: is tried once, and told in the same words each time', async (code, lines) => {
    const log = join(folder, `${code}.log`)
    before('ip', `echo run >>'${log}'\n${lines}`)
    const steps = ['link add c0 type bridge', 'link add c1 type bridge'].map((line) => ipStep(line))
    const progress = await ipDriver(steps, system())
    expect(progress).toMatchObject({ done: 0, broken: true, error: { code } })
    expect(progress.error?.subject).toMatch(/ip -batch$/)
    expect(room.run(['cat', log])).toBe('run\n')
  })
})
