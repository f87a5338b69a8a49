import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import {
  ATTACKS,
  buildFrames,
  capture,
  damaged,
  delivered,
  HONEST,
  sendFrames,
  type Build,
  type Party,
} from '../lab/frames.ts'
import { container, IPV6, networkYaml, plan, reconcile } from './fixtures.ts'

let lab: Lab
beforeEach(async () => {
  lab = await createLab({ containers: ['ann', 'ben', 'eve'] })
})
afterEach(async () => lab.destroy())

function party(number: number): Party {
  return { mac: `02:64:00:00:00:0${number}`, ipv4: `10.64.0.${number}`, ipv6: `${IPV6}1:${number}` }
}

const [ANN, BEN, EVE] = [party(2), party(3), party(4)]

function file(more: object = {}, containers: object = {}): string {
  const own = (name: string, number: number): object =>
    container(lab, name, number, { mac: party(number).mac })
  return networkYaml({
    containers: { ann: own('ann', 2), ben: own('ben', 3), ...containers },
    ...more,
  })
}

/** Plugs eve into the bridge by hand, as a virtual machine would be. */
async function plugIn(): Promise<void> {
  await lab.ip(
    'host',
    `link add eve-port type veth peer name eth0 address ${EVE.mac} netns ${lab.namespace('eve')}`,
    'link set eve-port master br-ct up',
  )
  await lab.ip(
    'eve',
    'link set eth0 up',
    `addr add ${EVE.ipv4}/24 dev eth0`,
    `addr add ${EVE.ipv6}/112 dev eth0 nodad`,
  )
  await lab.ip('eve', 'route add default via 10.64.0.1', `route add default via ${IPV6}1:1`)
}

const CASES: Readonly<Record<string, Build>> = { ...HONEST, ...ATTACKS }

/** Names of the cases that reach ben and the host of what one place sends. */
async function reached(from: string, sender: Party, cases: Readonly<Record<string, Build>> = CASES) {
  const frames = buildFrames(cases, { sender, receiver: BEN, victim: ANN })
  const [ben, host] = await Promise.all([
    capture(lab.namespace('ben'), 'eth0'),
    capture(lab.namespace('host'), 'br-ct'),
  ])
  await sendFrames(lab.namespace(from), 'eth0', frames)
  const [atBen, atHost] = [await ben.stop(), await host.stop()]
  return {
    frames,
    ben: delivered(frames, atBen),
    host: delivered(frames, atHost),
    damaged: damaged(frames, atBen),
  }
}

it('what somebody plugs into the bridge reaches no container at once, and the host no more after the next pass', async () => {
  await reconcile(lab, file())
  await plugIn()
  expect((await reached('eve', EVE)).ben).toEqual([])
  expect((await plan(lab)).changes.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
    'bridge-port ports eve-port',
  ])
  await reconcile(lab)
  expect(await reached('eve', EVE)).toMatchObject({ ben: [], host: [] })
  expect(await lab.ping('eve', '10.64.0.1')).toMatchObject({ received: 0 })
  await lab.ip('host', 'link delete eve-port')
  expect((await plan(lab)).changes.map(({ action, key }) => `${action} ${key}`)).toEqual([
    'delete ports eve-port',
  ])
})

it('a container that somebody else configures has the addresses of the file, and no others', async () => {
  const eve = { eve: { runtime: 'none', ipv4: EVE.ipv4, ipv6: '::1:4', mac: EVE.mac } }
  await reconcile(lab, file({}, eve))
  await plugIn()
  await reconcile(lab)
  expect(await lab.ping('eve', BEN.ipv4)).toMatchObject({ received: 1 })
  expect(await lab.ping('eve', BEN.ipv6)).toMatchObject({ received: 1 })
  expect(await lab.ping('eve', '2001:db8:ffff::10')).toMatchObject({ received: 1 })
  expect((await reached('eve', EVE, HONEST)).damaged).toEqual([])
  // Nobody knows its MAC, so it may have any that is not somebody's.
  const { ben } = await reached('eve', EVE, ATTACKS)
  expect(ben).toEqual(['mac of nobody'])
})

it('a container that is started again is guarded as before', async () => {
  await reconcile(lab, file())
  const name = lab.namespace('ann')
  await lab.must('router', ['ip', 'netns', 'delete', name])
  await lab.must('router', ['ip', 'netns', 'add', name])
  await reconcile(lab)
  const { ben, host, frames } = await reached('ann', ANN, HONEST)
  expect(ben.length).toBe(frames.length)
  expect(host.length).toBeGreaterThan(0)
  const attack = buildFrames(ATTACKS, { sender: ANN, receiver: BEN, victim: EVE })
  const seen = await capture(lab.namespace('ben'), 'eth0')
  await sendFrames(lab.namespace('ann'), 'eth0', attack)
  expect(delivered(attack, await seen.stop())).toEqual([])
})

it('antiSpoof: false takes the table away, and true brings it back', async () => {
  await reconcile(lab, file({ firewall: { antiSpoof: false } }))
  const tables = async (): Promise<string> => lab.must('host', ['nft', 'list', 'tables'])
  expect(await tables()).not.toContain('bridge')
  const open = await reached('ann', ANN, ATTACKS)
  // Frames to groups go where the bridge heard that somebody wants them.
  expect(open.ben.length).toBeGreaterThan(40)
  await reconcile(lab, file())
  expect(await tables()).toContain('table bridge slash64')
  expect((await reached('ann', ANN, { 'vlan tag': ATTACKS['vlan tag'] ?? (() => []) })).ben).toEqual([])
  await reconcile(lab, file({ firewall: { antiSpoof: false } }))
  expect(await tables()).not.toContain('bridge')
  await reconcile(lab, file())
  const down = await lab.slash64(['teardown', '--yes'])
  expect(down.exitCode).toBe(0)
  expect(await tables()).toBe('')
})
