import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ATTACKS,
  buildFrames,
  capture,
  damaged,
  delivered,
  HONEST,
  sendFrames,
  type Build,
  type Parties,
  type Party,
} from '../lab/frames.ts'
import { IPV6 } from './fixtures.ts'
import { expectReached, pass, sceneYaml, type Scene, type Subject } from './runtime-fixtures.ts'
import { lxcScene, podmanScene } from './runtime-scenes.ts'

/** Its network namespace, by the process that it has now. */
async function networkOf({ real }: Subject): Promise<string> {
  return `/proc/${await real.pid()}/ns/net`
}

async function macAt(scene: Scene, namespace: string, device: string): Promise<string> {
  const path = namespace.startsWith('/') ? namespace : `/run/netns/${namespace}`
  const text = await scene.lab.must('router', [
    'nsenter',
    `--net=${path}`,
    'ip',
    'link',
    'show',
    'dev',
    device,
  ])
  return /link\/ether (\S+)/.exec(text)?.[1] ?? ''
}

async function partyOf(scene: Scene, subject: Subject): Promise<Party> {
  const { number } = subject
  return {
    mac: await macAt(scene, await networkOf(subject), 'eth0'),
    ipv4: `10.64.0.${number}`,
    ipv6: `${IPV6}1:${number}`,
  }
}

async function hostOf(scene: Scene): Promise<Party> {
  const mac = await macAt(scene, scene.lab.namespace('host'), 'br-ct')
  return { mac, ipv4: '10.64.0.1', ipv6: `${IPV6}1:1` }
}

/** What of it comes in at the receiver: the names of the cases that do, and of those that are not whole. */
async function sent(
  cases: Readonly<Record<string, Build>>,
  parties: Parties,
  from: string,
  to: string,
  device: string,
) {
  const frames = buildFrames(cases, parties)
  const running = await capture(to, device)
  await sendFrames(from, 'eth0', frames)
  const seen = await running.stop()
  return { delivered: delivered(frames, seen), damaged: damaged(frames, seen) }
}

describe.each([
  ['LXC', lxcScene],
  ['Podman', podmanScene],
] as const)('a container of %s', (_, open) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await open()
    const early = scene.subjects.filter(({ isPort }) => !isPort)
    await Promise.all(early.map(async ({ real }) => real.start()))
    await pass(scene, { yaml: sceneYaml(scene.subjects) })
    const late = scene.subjects.filter(({ isPort }) => isPort)
    await Promise.all(late.map(async ({ real }) => real.start()))
    if (late.length > 0) await pass(scene)
    await scene.lab.ip('host', 'link set br-ct type bridge mcast_snooping 0')
  })
  afterAll(async () => scene.end())

  /** Each of them sends to the next, in the name of the one behind it, or of the host where there is none. */
  async function ring(cases: Readonly<Record<string, Build>>) {
    const { subjects } = scene
    const found = []
    for (const [at, subject] of subjects.entries()) {
      const next = subjects[(at + 1) % subjects.length] ?? subject
      const other = subjects[(at + 2) % subjects.length] ?? subject
      const [sender, receiver] = [await partyOf(scene, subject), await partyOf(scene, next)]
      const victim = other === subject ? await hostOf(scene) : await partyOf(scene, other)
      const [from, to] = [await networkOf(subject), await networkOf(next)]
      found.push({
        name: subject.real.name,
        ...(await sent(cases, { sender, receiver, victim }, from, to, 'eth0')),
        host: await sent(
          cases,
          { sender, receiver: await hostOf(scene), victim },
          from,
          scene.lab.namespace('host'),
          'br-ct',
        ),
      })
    }
    return found
  }

  /** What of everything reaches the second from the first, which nobody has looked at since it was started. */
  async function reachedEarly(first: Subject, second: Subject): Promise<readonly string[]> {
    const [sender, receiver] = [await partyOf(scene, first), await partyOf(scene, second)]
    const parties = { sender, receiver, victim: await hostOf(scene) }
    const [from, to] = [await networkOf(first), await networkOf(second)]
    return (await sent({ ...ATTACKS, ...HONEST }, parties, from, to, 'eth0')).delivered
  }

  it('attacks in vain, its neighbours and the host, whoever made its interface', async () => {
    for (const one of await ring(ATTACKS)) {
      expect({ name: one.name, delivered: one.delivered }).toEqual({ name: one.name, delivered: [] })
      expect({ name: one.name, delivered: one.host.delivered }).toEqual({ name: one.name, delivered: [] })
    }
  })

  it('loses nothing that is honest', async () => {
    for (const one of await ring(HONEST)) {
      expect({ name: one.name, damaged: one.damaged }).toEqual({ name: one.name, damaged: [] })
      expect({ name: one.name, damaged: one.host.damaged }).toEqual({ name: one.name, damaged: [] })
    }
  })

  it('started again, it reaches nobody until it is known, and is guarded from then on', async () => {
    const [first] = scene.subjects.toSorted((one, other) => Number(other.isPort) - Number(one.isPort))
    const second = scene.subjects.find((one) => one !== first)
    if (first === undefined || second === undefined) throw new Error('a scene of two')
    await first.real.restart()
    // With a pair of ours it has no interface until then.
    expect(first.isPort ? await reachedEarly(first, second) : []).toEqual([])
    await pass(scene)
    for (const one of await ring(ATTACKS)) expect(one.delivered).toEqual([])
    await expectReached(scene, first)
  })
})
