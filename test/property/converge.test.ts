import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../src/model/types.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'
import { SystemError } from '../../src/system/errors.ts'
import { freshHost } from '../support/memory.ts'
import { appOf, byHand, complaints, converge } from '../support/passes.ts'
import { MODELS } from './models.ts'

const SEED = 64
const NAMESPACES = ['c0', 'c1', 'c2', 'c3']

async function holds(numRuns: number, property: fc.IAsyncProperty<unknown>): Promise<void> {
  await fc.assert(property, { numRuns, seed: SEED })
}

/** A host in company: another bridge, table, route, rule of the house. */
async function companion(): Promise<MemoryHost> {
  const host = freshHost(NAMESPACES)
  await byHand(
    host,
    'ip link add name docker0 type bridge',
    'ip link set dev docker0 up',
    'ip addr add 172.17.0.1/16 dev docker0',
    'ip route add 192.0.2.0/24 via 203.0.113.1',
    'ip neigh add proxy 2001:db8:1:1::99 dev eth0',
    'nft add table ip other',
    'nft add chain ip other c',
  )
  host.writes.length = 0
  return host
}

describe('any valid model on a fresh host', () => {
  it('converges in one pass; the second plans nothing and writes nothing', async () => {
    await holds(
      30,
      fc.asyncProperty(MODELS, async (model) => {
        const host = await companion()
        await converge(host, model)
        host.writes.length = 0
        const dump = host.dump()
        const second = await converge(host, model)
        expect(second.plan.changes).toEqual([])
        expect(host.writes).toEqual([])
        expect(host.dump()).toBe(dump)
      }),
    )
  })

  it('leaves what is foreign as it was, through every change of the file and teardown', async () => {
    await holds(
      20,
      fc.asyncProperty(MODELS, MODELS, async (one, other) => {
        const host = await companion()
        const foreign = host.snapshotForeign()
        await converge(host, one)
        expect(host.snapshotForeign()).toBe(foreign)
        await converge(host, other)
        expect(host.snapshotForeign()).toBe(foreign)
      }),
    )
  })

  it('ends the same by whatever way it came', async () => {
    await holds(
      20,
      fc.asyncProperty(MODELS, MODELS, async (one, other) => {
        const [straight, detour] = [await companion(), await companion()]
        await converge(straight, other)
        await converge(detour, one)
        await converge(detour, other)
        expect(kernelState(detour)).toBe(kernelState(straight))
      }),
    )
  })

  it('teardown leaves the host as it was found', async () => {
    await holds(
      20,
      fc.asyncProperty(MODELS, async (model) => {
        const host = await companion()
        const before = host.dump()
        await converge(host, model)
        expect(complaints(await appOf(host).teardown())).toEqual([])
        expect(host.dump()).toBe(before)
      }),
    )
  })
})

/**
 * The dump without files, without settings, which are never pruned, and without link-local addresses, which a bridge
 * gets with its first port and keeps. Random MACs count up and are left out.
 */
function kernelState(host: MemoryHost): string {
  return host
    .dump()
    .split('\n')
    .filter((line) => !/^file | sysctl |fe80::/.test(line))
    .map((line) => line.replaceAll(/0a:00(:[0-9a-f]{2}){4}/g, 'MAC'))
    .toSorted()
    .join('\n')
}

/** What takes one of our objects away again; undefined for what cannot be undone by a command. */
function undo(write: string): string | undefined {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/^(ip(?: -n \S+)?) route add (.*)$/, '$1 route delete $2'],
    [/^(ip(?: -n \S+)?) addr replace (\S+) dev (\S+).*$/, '$1 addr delete $2 dev $3'],
    [/^ip neigh replace proxy (\S+) dev (\S+).*$/, 'ip neigh delete proxy $1 dev $2'],
    [/^ip link add name (s64-\S+) .*$/, 'ip link delete dev $1'],
    [/^nft add rule inet slash64 (\S+) .*$/, 'nft flush chain inet slash64 $1'],
    [/^nft add counter inet slash64 ((?:receive|transmit)-\S+)$/, 'nft delete counter inet slash64 $1'],
    [/^nft add element (.*?) \{ (.*) \}$/, 'nft flush set $1'],
  ]
  const rule = rules.find(([pattern]) => pattern.test(write))
  if (rule === undefined) return undefined
  const command = write.replace(rule[0], rule[1])
  return /set inet slash64 (source4|forwards4|ranges4|(receive|transmit)[46])$/.test(command)
    ? command.replace('flush set', 'flush map')
    : command
}

async function tolerantly(host: MemoryHost, command: string): Promise<void> {
  try {
    await byHand(host, command)
  } catch (error) {
    // An earlier deletion took it along, as a link takes its addresses.
    if (!(error instanceof SystemError)) throw error
  }
}

async function built(model: Model): Promise<{ host: MemoryHost; writes: readonly string[] }> {
  const host = await companion()
  await converge(host, model)
  return { host, writes: [...host.writes] }
}

describe('drift', () => {
  it('any part of what is ours that is deleted comes back in one pass', async () => {
    let deletions = 0
    await holds(
      25,
      fc.asyncProperty(MODELS, fc.infiniteStream(fc.boolean()), async (model, coins) => {
        const { host, writes } = await built(model)
        const before = kernelState(host)
        for (const command of new Set(writes.flatMap((write) => undo(write) ?? []))) {
          if (coins.next().value !== true) continue
          await tolerantly(host, command)
          deletions += 1
        }
        await converge(host, model)
        expect(kernelState(host)).toBe(before)
        expect((await appOf(host).plan(model)).plan.changes).toEqual([])
      }),
    )
    expect(deletions).toBeGreaterThan(100)
  })

  it('one effect that fails once is made good by the next pass', async () => {
    let failures = 0
    await holds(
      40,
      fc.asyncProperty(MODELS, fc.nat(), async (model, number) => {
        const { host: straight, writes } = await built(model)
        const doomed = writes.filter((write) => !write.startsWith('write '))
        const host = await companion()
        const command = doomed[number % doomed.length] ?? ''
        host.failNext(
          (candidate) => candidate === command,
          new SystemError({
            code: 'other',
            subject: command,
            detail: 'RTNETLINK answers: No buffer space available',
          }),
        )
        const first = await appOf(host).reconcile(model)
        failures += first.failed.length > 0 ? 1 : 0
        await converge(host, model)
        expect(kernelState(host)).toBe(kernelState(straight))
      }),
    )
    expect(failures).toBeGreaterThan(0)
  })
})
