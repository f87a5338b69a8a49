import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keeperOn } from '../../src/app/keeper.ts'
import type { PassOfMany } from '../../src/app/types.ts'
import { canonicalJson } from '../../src/engine/canonical-json.ts'
import { observeAndPlan } from '../../src/engine/look.ts'
import type { Since } from '../../src/engine/reading.ts'
import type { Plan, Topic } from '../../src/engine/types.ts'
import { CATALOGUE } from '../../src/facts/catalogue.ts'
import { vethName } from '../../src/model/identity.ts'
import type { Model } from '../../src/model/types.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'
import { SystemError } from '../../src/system/errors.ts'
import { MODELS } from '../property/models.ts'
import { freshHost } from '../support/memory.ts'
import { container, model, network } from '../support/model.ts'
import { byHand } from '../support/passes.ts'

const NAMESPACES = ['c0', 'c1', 'c2', 'c3']

/** What somebody does to the host, and what events tell of it. */
interface Breakage {
  readonly commands: readonly string[]
  readonly topics: readonly Topic[]
}

/** Also of what is not there in every model: then it fails, and nothing is broken. */
const BREAKAGES: readonly Breakage[] = [
  { commands: ['nft flush ruleset'], topics: ['firewall'] },
  { commands: ['nft delete element inet slash64 bridges { "br1" }'], topics: ['firewall'] },
  { commands: ['nft add rule inet slash64 guard accept'], topics: ['firewall'] },
  { commands: ['ip route delete 2001:db8:1:1::1:2 dev br1'], topics: ['route'] },
  { commands: ['ip route delete unreachable 2001:db8:1:1::1:0/112'], topics: ['route'] },
  { commands: ['ip addr delete 10.64.1.1/24 dev br1'], topics: ['link', 'link br1', 'route'] },
  { commands: ['ip link set dev br1 down'], topics: ['link', 'link br1', 'route'] },
  { commands: ['ip link delete dev br1'], topics: ['link', 'link br1', 'route', 'setting'] },
  {
    commands: ['ip link set dev eth0 down', 'ip link set dev eth0 up'],
    topics: ['link', 'link eth0', 'route'],
  },
  { commands: ['ip netns delete c0'], topics: ['link', `link ${veth('c0')}`] },
  { commands: [`ip link delete dev ${veth('c1')}`], topics: ['link', `link ${veth('c1')}`] },
  { commands: ['sysctl net/ipv4/ip_forward=0'], topics: ['setting'] },
  { commands: ['sysctl net/ipv6/conf/eth0/proxy_ndp=0'], topics: ['setting'] },
]
/** Of these no event tells. */
const SILENT: readonly Breakage[] = [
  { commands: ['ip neigh delete proxy 2001:db8:1:1::1:1 dev eth0'], topics: [] },
  { commands: ['ip -n c0 addr delete 10.64.1.2/24 dev eth0'], topics: [] },
  { commands: ['sysctl net/ipv6/neigh/eth0/proxy_delay=80'], topics: [] },
]
const TOPICS: readonly Topic[] = [
  'firewall',
  'link',
  'route',
  'setting',
  'link br1',
  ...NAMESPACES.map((name): Topic => `link ${veth(name)}`),
]

function veth(name: string): string {
  return vethName({ type: 'netns', name, interface: 'eth0' })
}

async function converged(wanted: Model): Promise<{ host: MemoryHost; pass: PassOfMany }> {
  const host = freshHost(NAMESPACES)
  const pass = await keeperOn(host).pass(wanted, {})
  expect([pass.failed, pass.remaining?.changes ?? []]).toEqual([[], []])
  return { host, pass }
}

async function breakIt(host: MemoryHost, breakages: readonly Breakage[]): Promise<void> {
  for (const command of breakages.flatMap(({ commands }) => commands)) {
    await byHand(host, command).catch((error: unknown) => {
      if (!(error instanceof SystemError)) throw error
    })
  }
}

async function planned(host: MemoryHost, wanted: Model, since?: Since): Promise<Plan> {
  const options = { record: {}, policy: wanted.policy, ...(since && { since }) }
  return (await observeAndPlan(wanted, CATALOGUE, options, host)).plan
}

function lines({ changes }: Plan): readonly string[] {
  return changes.map((change) => canonicalJson(change)).toSorted()
}

async function holds(property: fc.IAsyncProperty<unknown>): Promise<void> {
  await fc.assert(property, { numRuns: 60, seed: 64 })
}

/** In which every breakage finds what it breaks. */
const SMALL: Model = model({
  networks: [
    network({
      name: 'br1',
      ipv6: { cidr: '2001:db8:1:1::1:0/112', gateway: '2001:db8:1:1::1:1', length: 112 },
      ipv4: { cidr: '10.64.1.0/24', gateway: '10.64.1.1', length: 24 },
    }),
  ],
  containers: ['c0', 'c1'].map((name, index) =>
    container(name, index + 2, { network: 'br1', ipv4: `10.64.1.${index + 2}` }),
  ),
})

describe('each breakage', () => {
  it.each(BREAKAGES)('$commands is seen by what its events tell', async ({ commands, topics }) => {
    const { host, pass } = await converged(SMALL)
    await byHand(host, ...commands)
    const part = await planned(host, SMALL, { replies: pass.replies, topics: new Set(topics) })
    expect(part.changes.length).toBeGreaterThan(0)
  })

  it.each(SILENT)('$commands is seen by a look at everything only', async ({ commands }) => {
    const { host, pass } = await converged(SMALL)
    await byHand(host, ...commands)
    const part = await planned(host, SMALL, { replies: pass.replies, topics: new Set(['firewall', 'route']) })
    expect(part.changes).toEqual([])
    expect((await planned(host, SMALL)).changes.length).toBeGreaterThan(0)
  })
})

describe('a pass that reads a part', () => {
  const broken = fc.subarray([...BREAKAGES, ...SILENT], { maxLength: 4 })

  it('plans nothing that a pass which reads everything would not, whatever it reads', async () => {
    await holds(
      fc.asyncProperty(MODELS, broken, fc.subarray([...TOPICS]), async (any, breakages, topics) => {
        const { host, pass } = await converged(any)
        await breakIt(host, breakages)
        const whole = new Set(lines(await planned(host, any)))
        const part = await planned(host, any, { replies: pass.replies, topics: new Set(topics) })
        expect(lines(part).filter((line) => !whole.has(line))).toEqual([])
      }),
    )
  })

  it('plans all of it, when it reads what events told of', async () => {
    await holds(
      fc.asyncProperty(MODELS, fc.subarray([...BREAKAGES], { maxLength: 3 }), async (any, breakages) => {
        const { host, pass } = await converged(any)
        await breakIt(host, breakages)
        const topics = new Set(breakages.flatMap((one) => one.topics))
        const part = await planned(host, any, { replies: pass.replies, topics })
        expect(lines(part)).toEqual(lines(await planned(host, any)))
      }),
    )
  })

  it('leaves what it did not read as it was found, for the next', async () => {
    await holds(
      fc.asyncProperty(MODELS, broken, fc.subarray([...TOPICS]), async (any, breakages, topics) => {
        const { host, pass } = await converged(any)
        await breakIt(host, breakages)
        const since = { replies: pass.replies, topics: new Set(topics) }
        const healed = await keeperOn(host).pass(any, { since })
        expect([...healed.replies.keys()].toSorted()).toEqual([...pass.replies.keys()].toSorted())
        const rest = await keeperOn(host).pass(any, {})
        expect([rest.failed, rest.remaining?.changes ?? []]).toEqual([[], []])
      }),
    )
  })
})
