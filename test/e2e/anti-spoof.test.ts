import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { vethName } from '../../src/model/identity.ts'
import { linkLocalOf } from '../../src/net/mac.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import {
  ATTACKS,
  buildFrames,
  capture,
  damaged,
  delivered,
  HONEST,
  LINK_LOCAL_HIJACKS,
  sendFrames,
  type Parties,
  type Party,
  type Seen,
} from '../lab/frames.ts'
import { addressesOf, lendFrames } from '../lab/bridge-stage.ts'
import { container, IPV6, networkYaml, reconcile } from './fixtures.ts'

const NAMES = ['ann', 'ben', 'cid'] as const
type Name = (typeof NAMES)[number]

/** The containers as the file declares them: ::1:2 and so on. */
const PARTIES = Object.fromEntries(
  NAMES.map((name, at) => [
    name,
    { mac: `02:64:00:00:00:0${at + 2}`, ipv4: `10.64.0.${at + 2}`, ipv6: `${IPV6}1:${at + 2}` },
  ]),
) as Record<Name, Party>

function yaml(lab: Lab, more: object = {}): string {
  const containers = NAMES.map((name, at) => [name, container(lab, name, at + 2, { mac: PARTIES[name].mac })])
  return networkYaml({ containers: Object.fromEntries(containers), ...more })
}

async function hostParty(lab: Lab): Promise<Party> {
  const mac = /link\/ether (\S+)/.exec(await lab.must('host', ['ip', 'link', 'show', 'dev', 'br-ct']))?.[1]
  return { mac: mac ?? '', ipv4: '10.64.0.1', ipv6: `${IPV6}1:1` }
}

type Receiver = 'ben' | 'host'

async function partiesTo(lab: Lab, receiver: Receiver): Promise<Parties> {
  const { ann, ben, cid } = PARTIES
  return { sender: ann, receiver: receiver === 'ben' ? ben : await hostParty(lab), victim: cid }
}

/** What comes in at a place of what ann sends. */
async function seenAt(lab: Lab, place: Receiver, send: () => Promise<void>): Promise<Seen> {
  const running = await capture(lab.namespace(place), place === 'host' ? 'br-ct' : 'eth0')
  await send()
  return running.stop()
}

async function neighbours(lab: Lab, place: string): Promise<number> {
  const text = await lab.must(place, ['ip', 'neigh', 'show', 'nud', 'all'])
  return text.split('\n').filter((line) => line !== '' && !/ NOARP/.test(line)).length
}

describe('frames between containers', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await createLab({ containers: [...NAMES] })
    await reconcile(lab, yaml(lab))
    // Whoever sends a query would else decide which frames to groups pass.
    await lab.ip('host', 'link set br-ct type bridge mcast_snooping 0')
  })
  afterAll(async () => lab.destroy())

  describe.each([false, true])('with br_netfilter: %s', (lend) => {
    beforeAll(async () => lendFrames(lab, lend))

    it.each(['ben', 'host'] as const)('no attack reaches %s', async (receiver) => {
      const cases = buildFrames(ATTACKS, await partiesTo(lab, receiver))
      expect(cases.length).toBeGreaterThan(49)
      const seen = await seenAt(lab, receiver, async () => sendFrames(lab.namespace('ann'), 'eth0', cases))
      expect(delivered(cases, seen)).toEqual([])
    })

    it.each(['ben', 'host'] as const)('all that is honest reaches %s whole', async (receiver) => {
      const cases = buildFrames(HONEST, await partiesTo(lab, receiver))
      const seen = await seenAt(lab, receiver, async () => sendFrames(lab.namespace('ann'), 'eth0', cases))
      expect(damaged(cases, seen)).toEqual([])
    })
  })

  it('no frame teaches the bridge that the MAC of another is behind this port', async () => {
    const attacks = { ...LINK_LOCAL_HIJACKS, 'mac of another': ATTACKS['mac of another'] ?? (() => []) }
    await lab.ping('cid', '10.64.0.1')
    await sendFrames(lab.namespace('ann'), 'eth0', buildFrames(attacks, await partiesTo(lab, 'ben')))
    const text = await lab.must('host', ['bridge', 'fdb', 'show', 'br', 'br-ct'])
    const learnt = text.split('\n').filter((line) => line.startsWith(PARTIES.cid.mac))
    expect(learnt).toHaveLength(1)
    const port = vethName({ type: 'netns', name: lab.namespace('cid'), interface: 'eth0' })
    expect(learnt[0]).toContain(`dev ${port} `)
  })

  it('ARP and Neighbour Discovery, ping and TCP work between all of them', async () => {
    await lab.serve('cid', '80/tcp')
    for (const address of addressesOf(PARTIES.cid).slice(0, 2)) {
      await lab.must('ann', ['ip', 'neigh', 'flush', 'dev', 'eth0'])
      expect(await lab.ping('ann', address)).toMatchObject({ received: 1 })
      expect(await lab.tcp('ann', address, 80)).toMatch(/^cid:80/)
    }
    const own = `${linkLocalOf(PARTIES.cid.mac)}%eth0`
    expect(await lab.ping('ann', own)).toMatchObject({ received: 1 })
  })

  it('nobody fills the host’s neighbour table: neither by claims, nor by a scan of unused addresses', async () => {
    const before = await neighbours(lab, 'host')
    const parties = await partiesTo(lab, 'host')
    const claims = Array.from({ length: 2_000 }, (_, index) => {
      const claimed = {
        ...parties.victim,
        ipv6: `${IPV6}1:${(index + 4096).toString(16)}`,
        ipv4: '10.64.0.250',
      }
      const only = {
        'neighbour solicitation in the name of another':
          ATTACKS['neighbour solicitation in the name of another'] ?? (() => []),
      }
      return buildFrames(only, { ...parties, victim: claimed })
    })
    await sendFrames(lab.namespace('ann'), 'eth0', claims.flat())
    const mac = (await hostParty(lab)).mac
    const scan = Array.from(
      { length: 240 },
      (_, index) => `neigh replace 10.64.0.${index + 10} lladdr ${mac} dev eth0`,
    )
    await lab.ip('ann', ...scan)
    await lab.must('ann', [
      'sh',
      '-c',
      'for i in $(seq 10 249); do ping -q -c 1 -W 0.01 10.64.0.$i; done >/dev/null 2>&1; true',
    ])
    expect(await neighbours(lab, 'host')).toBeLessThanOrEqual(before + 3)
  })
})
