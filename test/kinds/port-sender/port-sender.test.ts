import { describe, expect, it } from 'vitest'
import { portSender } from '../../../src/kinds/port-sender/index.ts'
import { vethName } from '../../../src/model/identity.ts'
import type { Container } from '../../../src/model/types.ts'
import type { Attachment, BridgePort, World } from '../../../src/model/world.ts'
import { capture } from '../../support/captures.ts'
import { behindNatOnly, capturedModel, container, ipv6Only, model, world } from '../../support/model.ts'
import { commands, everyContainer, keys, onBareHost, onCapture, without } from '../support.ts'

const BLOG = container('blog', 2)
const DB = container('db', 3)
const [PORT, DB_PORT] = [vethName(BLOG.runtime), vethName(DB.runtime)]
const GATEWAY = '02:11:22:33:44:55'
const FRAMES = capture('nftables-1.0.6/frames.json')
/** One that somebody else configures. */
const GUEST = container('guest', 9, { runtime: { type: 'none', name: 'guest', interface: 'eth0' } })
const TAP = plugged('tap0')

function plugged(name: string, ours = false): BridgePort {
  return { name, bridge: 'br-ct', ours }
}

function hostOf(containers: readonly Container[], ports: readonly BridgePort[] = []): World {
  return world(model({ containers }), { ports })
}

/** The world with the container's interface as told. */
function attached(of: World, name: string, attachment: Attachment, state: 'running' | 'unknown' = 'running') {
  const containers = new Map(of.facts.containers)
  containers.set(name, { state, ipv4: [], ipv6: [], ...(state === 'running' && { attachment }) })
  return { ...of, facts: { ...of.facts, containers } }
}

function elements(of: World): readonly string[] {
  return keys(onBareHost(portSender, of)).map((key) => key.replace(/^\+ /, ''))
}

describe('port-sender', () => {
  it('is MAC, IPv4, link-local and global IPv6 of the container behind the port', () => {
    expect(commands(onBareHost(portSender, hostOf([BLOG])))).toEqual(
      [
        `macs { ${GATEWAY} }`,
        'macs { 02:aa:00:00:00:01 }',
        `portmacs { "${PORT}" . 02:aa:00:00:00:01 }`,
        `ports4 { "${PORT}" . 10.64.0.2 }`,
        `ports6 { "${PORT}" . 0xfe8000000000000000aa00fffe000001 }`,
        `ports6 { "${PORT}" . 0x20010db8000100010000000000010002 }`,
      ].map((text) => `nft add element bridge slash64 ${text}`),
    )
  })

  it('is found again, and goes early: its absence only closes', () => {
    expect(onCapture(portSender)).toMatchObject({ early: [], late: [], inSync: 11 })
    const plan = onCapture(portSender, without('db'))
    expect(plan.late).toEqual([])
    expect(keys(plan).toSorted()).toEqual([
      '- macs 02:aa:00:00:00:02',
      `- portmacs ${DB_PORT} . 02:aa:00:00:00:02`,
      `- ports4 ${DB_PORT} . 10.64.0.3`,
      `- ports6 ${DB_PORT} . 0x20010db8000100010000000000010003`,
      `- ports6 ${DB_PORT} . 0xfe8000000000000000aa00fffe000002`,
    ])
    expect(plan.early.filter(({ withdrawn }) => withdrawn)).toEqual([])
  })

  it('of a container with one family has no address of the other', () => {
    const four = elements(hostOf(behindNatOnly([BLOG])))
    expect(four.filter((key) => key.startsWith('ports'))).toEqual([
      `ports4 ${PORT} . 10.64.0.2`,
      `ports6 ${PORT} . 0xfe8000000000000000aa00fffe000001`,
    ])
    expect(elements(hostOf(ipv6Only([BLOG]))).filter((key) => key.startsWith('ports4'))).toEqual([])
  })

  it('of a container that does not run stands already', () => {
    expect(elements(everyContainer('absent'))).toEqual(elements(world(capturedModel())))
  })

  it('is by the port that the runtime made, where there is one', () => {
    const of = attached(hostOf([BLOG], [plugged('vethX')]), 'blog', { type: 'port', port: 'vethX' })
    expect(elements(of)).toContain('portmacs vethX . 02:aa:00:00:00:01')
    expect(elements(of).filter((key) => key.includes(PORT))).toEqual([])
  })

  it('by a port that is another one now, is withdrawn: pruning is not asked', () => {
    const of = attached(world(capturedModel()), 'db', { type: 'port', port: 'vethX' })
    const gone = onCapture(portSender, of).early.filter(({ action }) => action === 'delete')
    expect(gone.map(({ key }) => key.split(' ')[1])).toEqual([DB_PORT, DB_PORT, DB_PORT, DB_PORT])
    expect(gone.every(({ withdrawn }) => withdrawn === true)).toBe(true)
    expect(gone[0]?.reason).toBe(`withdrawn: what has 02:aa:00:00:00:02 is not behind ${DB_PORT}`)
  })

  it('a container without MAC and runtime has no port of its own', () => {
    expect(elements(hostOf([GUEST]))).toEqual([`macs ${GATEWAY}`])
  })
})

describe('ports behind which somebody else may configure containers', () => {
  it('have those’s addresses and no MAC', () => {
    expect(
      elements(hostOf([BLOG, GUEST], [plugged(PORT, true), TAP])).filter((key) => /tap0/.test(key)),
    ).toEqual([
      'guests tap0',
      'ports4 tap0 . 10.64.0.9',
      'ports6 tap0 . 0xfe8000000000000000aa00fffe000008',
      'ports6 tap0 . 0x20010db8000100010000000000010009',
    ])
  })

  it('are none where no such container is, nor on another bridge', () => {
    expect(elements(hostOf([BLOG], [TAP])).filter((key) => /tap0/.test(key))).toEqual([])
    const elsewhere = { ...GUEST, network: 'br-two' }
    expect(elements(hostOf([elsewhere], [TAP])).filter((key) => /tap0/.test(key))).toEqual([])
  })

  it('are no pairs of ours: behind one that left the file is who it was made for', () => {
    const found = elements(hostOf([GUEST], [plugged(DB_PORT, true), TAP]))
    expect(found.filter((key) => key.startsWith('guests'))).toEqual(['guests tap0'])
  })

  it('are withdrawn when they are unplugged, and pruned when the last such container leaves the file', () => {
    const frames = FRAMES.replace(
      '"name": "guests", "table": "slash64", "type": "ifname"',
      '$&, "elem": ["tap0"]',
    ).replace('"s64-blog-e9fc4f", "10.64.0.2"', '"tap0", "10.64.0.9"')
    const onTap = (of: World) =>
      onCapture(portSender, of, { 'nft frames': frames })
        .early.filter(({ action, key }) => action === 'delete' && key.includes('tap0'))
        .map(({ key, withdrawn }) => [key, withdrawn === true])
    expect(onTap(hostOf([BLOG, DB, GUEST], [TAP]))).toEqual([])
    expect(onTap(hostOf([BLOG, DB, GUEST]))).toEqual([
      ['guests tap0', true],
      ['ports4 tap0 . 10.64.0.9', true],
    ])
    const known = attached(hostOf([BLOG, DB, GUEST], [TAP]), 'blog', { type: 'port', port: 'tap0' })
    expect(onTap(known)).toEqual([
      ['guests tap0', true],
      ['ports4 tap0 . 10.64.0.9', true],
    ])
    expect(onTap(hostOf([BLOG, DB], [TAP]))).toEqual([
      ['guests tap0', false],
      ['ports4 tap0 . 10.64.0.9', false],
    ])
  })
})

describe('a container of which nothing could be read', () => {
  const unread = attached(world(capturedModel()), 'blog', { type: 'none' }, 'unknown')

  it('keeps what stands for it by any port that is nobody else’s', () => {
    const strange = { ...unread, facts: { ...unread.facts, ports: [plugged('vethOld')] } }
    const frames = FRAMES.replaceAll(`"${PORT}"`, '"vethOld"')
    expect(frames).not.toBe(FRAMES)
    const plan = onCapture(portSender, strange, { 'nft frames': frames })
    // Nor is anything made for it: nobody knows behind which port it is.
    expect(keys(plan)).toEqual([])
  })

  it('no stranger’s port becomes a guest’s, and none that is one ceases to be', () => {
    const of = capturedModel()
    const guest = container('guest', 9, { runtime: { type: 'none', name: 'guest', interface: 'eth0' } })
    const host = attached(
      world({ ...of, containers: [...of.containers, guest] }),
      'blog',
      { type: 'none' },
      'unknown',
    )
    const strange = { ...host, facts: { ...host.facts, ports: [plugged('tap0')] } }
    expect(keys(onCapture(portSender, strange)).filter((key) => key.includes('tap0'))).toEqual([])
    const frames = FRAMES.replaceAll(`"${PORT}"`, '"tap0"')
    expect(keys(onCapture(portSender, strange, { 'nft frames': frames }))).toEqual([])
  })

  it('keeps nothing by a port of another container, nor by one that is not plugged in', () => {
    const frames = FRAMES.replaceAll(`"${PORT}", "10.64.0.2"`, `"${DB_PORT}", "10.64.0.2"`)
    expect(frames).not.toBe(FRAMES)
    const ports = [plugged(PORT, true), plugged(DB_PORT, true)]
    const busy = { ...unread, facts: { ...unread.facts, ports } }
    expect(keys(onCapture(portSender, busy, { 'nft frames': frames }))).toEqual([
      `- ports4 ${DB_PORT} . 10.64.0.2`,
    ])
    const moved = FRAMES.replaceAll(`"${PORT}"`, '"vethOld"')
    expect(keys(onCapture(portSender, unread, { 'nft frames': moved }))).toContain(
      '- portmacs vethOld . 02:aa:00:00:00:01',
    )
  })

  it('does not keep what is another’s', () => {
    const frames = FRAMES.replaceAll(`"${PORT}"`, '"vethOld"').replaceAll('10.64.0.2', '10.64.0.77')
    const strange = { ...unread, facts: { ...unread.facts, ports: [plugged('vethOld')] } }
    expect(keys(onCapture(portSender, strange, { 'nft frames': frames }))).toContain(
      '- ports4 vethOld . 10.64.0.77',
    )
  })
})
