import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from './process.ts'
import { BRIDGE, lendFrames, portOf, raiseBridge, type BridgeStage } from './bridge-stage.ts'
import {
  ATTACKS,
  buildFrames,
  capture,
  damaged,
  delivered,
  HONEST,
  LINK_LOCAL_HIJACKS,
  sendFrames,
  type Build,
  type Frames,
  type Parties,
  type Seen,
} from './frames.ts'

type Cases = Readonly<Record<string, Build>>

let stage: BridgeStage
beforeAll(async () => {
  stage = await raiseBridge()
})
afterAll(async () => stage.destroy())

/** ann sends in the name of cid; where what she sends goes is told. */
function parties(receiver: 'ben' | 'host'): Parties {
  const { ann, ben, cid } = stage.containers
  return { sender: ann, receiver: receiver === 'ben' ? ben : stage.host, victim: cid }
}

function only(all: Cases, ...names: readonly string[]): Cases {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))
}

/** ann sends; ben and the host are asked what came. */
async function send(cases: readonly Frames[]): Promise<{ readonly ben: Seen; readonly host: Seen }> {
  const { lab } = stage
  const [ben, host] = await Promise.all([
    capture(lab.namespace('ben'), 'eth0'),
    capture(lab.namespace('host'), BRIDGE),
  ])
  await sendFrames(lab.namespace('ann'), 'eth0', cases)
  return { ben: await ben.stop(), host: await host.stop() }
}

/** The MAC that a place holds for an address. */
async function neighbour(place: string, address: string): Promise<string | undefined> {
  const text = await stage.lab.must(place, ['ip', 'neigh', 'show', 'to', address])
  return /lladdr (\S+)/.exec(text)?.[1]
}

/** The port behind which the bridge believes a MAC to be. */
async function portOfMac(mac: string): Promise<string | undefined> {
  const text = await stage.lab.must('host', ['bridge', 'fdb', 'show', 'br', BRIDGE])
  return text.split('\n').flatMap((line) => (line.startsWith(mac) ? [line.split(' ')[2] ?? ''] : []))[0]
}

function etherType({ frames }: Frames): number {
  const [high = 0, low = 0] = (frames[0] ?? []).slice(12)
  return high * 256 + low
}

describe('without any filter', () => {
  it('there are enough cases, each with a mark of its own in every frame', () => {
    expect(Object.keys(ATTACKS).length).toBeGreaterThanOrEqual(50)
    expect(Object.keys(HONEST).length).toBeGreaterThanOrEqual(24)
    const cases = buildFrames({ ...ATTACKS, ...HONEST }, parties('ben'))
    expect(new Set(cases.map(({ mark }) => mark)).size).toBe(cases.length)
    const short = cases.filter(({ frames, marks }) => frames.length === 0 || marks < frames.length)
    expect(short.map(({ name }) => name)).toEqual([])
  })

  it.each(['ben', 'host'] as const)('every frame reaches %s, none twice', async (receiver) => {
    const cases = [...buildFrames(HONEST, parties(receiver)), ...buildFrames(ATTACKS, parties(receiver))]
    const seen = await send(cases)
    expect(damaged(cases, seen[receiver])).toEqual([])
    expect(delivered(cases, seen[receiver])).toHaveLength(cases.length)
  })

  it('with br_netfilter too, except the packet that lies about its length', async () => {
    await lendFrames(stage.lab, true)
    try {
      const cases = [...buildFrames(HONEST, parties('ben')), ...buildFrames(ATTACKS, parties('ben'))]
      const { ben } = await send(cases)
      expect(damaged(cases, ben)).toEqual(['dhcp4 offer of wrong length'])
    } finally {
      await lendFrames(stage.lab, false)
    }
  })

  it('frames to ben do not reach the host, frames to groups reach both', async () => {
    const cases = buildFrames(only(HONEST, 'ping by ipv4', 'arp announcement'), parties('ben'))
    const { ben, host } = await send(cases)
    expect(delivered(cases, ben)).toEqual(['arp announcement', 'ping by ipv4'])
    expect(delivered(cases, host)).toEqual(['arp announcement'])
  })
})

describe('what is sent is what it says it is', () => {
  it('ben learns from it and answers: lengths and checksums are right', async () => {
    const { lab, containers } = stage
    await lab.must('ben', ['ip', 'neigh', 'flush', 'dev', 'eth0'])
    const pings = ['ping by ipv4', 'ping by ipv6', 'ping by link-local']
    const cases = buildFrames(only(HONEST, 'arp request', 'neighbour solicitation', ...pings), parties('ben'))
    const answers = await capture(lab.namespace('ann'), 'eth0')
    await sendFrames(lab.namespace('ann'), 'eth0', cases)
    expect(delivered(cases, await answers.stop())).toEqual(pings)
    expect(await neighbour('ben', containers.ann.ipv4)).toBe(containers.ann.mac)
    expect(await neighbour('ben', containers.ann.ipv6)).toBe(containers.ann.mac)
  })

  it.each([
    ['arp reply for another', 'ipv4'],
    ['gratuitous arp for another', 'ipv4'],
    ['arp reply for another behind a priority tag', 'ipv4'],
    ['neighbour advertisement for another', 'ipv6'],
    ['unsolicited neighbour advertisement for another', 'ipv6'],
    ['neighbour advertisement behind options', 'ipv6'],
    ['neighbour solicitation in the name of another', 'ipv6'],
  ] as const)('%s: ben sends to ann what is for cid', async (name, family) => {
    const { ann, cid } = stage.containers
    // An entry that is younger than a second is not changed by ARP (locktime); and the attack before this one is undone.
    await stage.lab.writeSysctl('ben', 'net/ipv4/neigh/eth0/locktime', 0)
    await stage.lab.ip('ben', `neigh replace ${cid[family]} lladdr ${cid.mac} dev eth0 nud stale`)
    await send(buildFrames(only(ATTACKS, name), parties('ben')))
    expect(await neighbour('ben', cid[family])).toBe(ann.mac)
  })

  it.each(Object.entries({ ...LINK_LOCAL_HIJACKS, ...only(ATTACKS, 'mac of another') }))(
    '%s: the bridge sends to ann what is for cid, unless it does not learn from such frames',
    async (name, build) => {
      const { lab, containers } = stage
      const attack = buildFrames({ [name]: build }, parties('ben'))
      await lab.ping('cid', stage.host.ipv4)
      expect(await portOfMac(containers.cid.mac)).toBe(portOf('cid'))
      // What cid itself still had to say may come after it, and brings it back.
      const isMoved = async (): Promise<boolean> => {
        await send(attack)
        return (await portOfMac(containers.cid.mac)) === portOf('ann')
      }
      expect(await eventually(isMoved)).toBe(true)
      await lab.ip('host', `link set ${BRIDGE} type bridge no_linklocal_learn 1`)
      await lab.ping('cid', stage.host.ipv4)
      const isRight = name === 'mac of another' ? await eventually(isMoved) : !(await isMoved())
      expect(isRight).toBe(true)
      await lab.ip('host', `link set ${BRIDGE} type bridge no_linklocal_learn 0`)
    },
  )
})

describe('with a filter', () => {
  it('what it drops, and nothing else, is missing', async () => {
    const rules = 'type filter hook prerouting priority -300; ether type arp drop;'
    await stage.lab.must('host', ['nft', `table bridge noarp { chain pre { ${rules} }; }`])
    try {
      const cases = [...buildFrames(HONEST, parties('ben')), ...buildFrames(ATTACKS, parties('ben'))]
      const { ben, host } = await send(cases)
      const arps = cases.filter((one) => etherType(one) === 0x0806).map(({ name }) => name)
      expect(arps.length).toBeGreaterThan(8)
      expect(damaged(cases, ben)).toEqual(arps)
      expect(delivered(cases, host)).toEqual(expect.not.arrayContaining(arps))
    } finally {
      await stage.lab.must('host', ['nft', 'delete table bridge noarp'])
    }
  })
})

describe('the tool itself', () => {
  it('says what went wrong', async () => {
    const namespace = stage.lab.namespace('ann')
    const cases = buildFrames(only(HONEST, 'arp request'), parties('ben'))
    await expect(sendFrames(namespace, 'nowhere', cases)).rejects.toThrow('nowhere: No such device')
    await expect(capture(namespace, 'nowhere')).rejects.toThrow('nowhere: No such device')
  })

  it('takes a namespace by its path', async () => {
    const [ann, ben] = ['ann', 'ben'].map((place) => `/run/netns/${stage.lab.namespace(place)}`)
    const cases = buildFrames(only(HONEST, 'udp by ipv4'), parties('ben'))
    const running = await capture(ben ?? '', 'eth0')
    await sendFrames(ann ?? '', 'eth0', cases)
    expect(damaged(cases, await running.stop())).toEqual([])
  })

  it('does not count what the interface itself sends', async () => {
    const namespace = stage.lab.namespace('ann')
    const cases = buildFrames(only(HONEST, 'arp request', 'mld report'), parties('ben'))
    const running = await capture(namespace, 'eth0')
    await sendFrames(namespace, 'eth0', cases)
    expect(delivered(cases, await running.stop())).toEqual([])
  })
})
