import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../../src/facts/catalogue.ts'
import { vethName } from '../../../src/model/identity.ts'
import { veth } from '../../../src/kinds/veth/index.ts'
import { capture, capturedReplies, insideText } from '../../support/captures.ts'
import { capturedModel, model, PLACES, world } from '../../support/model.ts'
import { commands, everyContainer, keys, onBareHost, onCapture, without } from '../support.ts'

const LINKS = capture('iproute2-6.1.0/links.json')
const INSIDE = insideText(capture('iproute2-6.1.0/inside-blog.json'))
const BLOG = 's64-blog-e9fc4f'

describe('veth', () => {
  it('is made where both ends belong: in the bridge, and inside the container', () => {
    expect(commands(onBareHost(veth, without('db')))).toEqual([
      `ip link add name ${BLOG} master br-ct group 164 mtu 1500 up type veth peer name eth0 address 02:aa:00:00:00:01 mtu 1500 netns blog`,
      `ip link set dev ${BLOG} alias slash64:blog type bridge_slave hairpin on isolated off`,
      'ip neigh flush dev br-ct',
      'ip -n blog sysctl net/ipv6/conf/eth0/disable_ipv6=0',
      'ip -n blog link set dev eth0 up',
      'ip -n blog addr replace fe80::aa:ff:fe00:1/64 dev eth0 nodad',
    ])
  })

  it('is found again with both ends; foreign ones, the upstream interface among them, are counted', () => {
    expect(onCapture(veth)).toMatchObject({ early: [], late: [], inSync: 2, foreign: 3, conflicts: [] })
  })

  it('goes with its container; one end takes the other along', () => {
    expect(commands(onCapture(veth, without('db')))).toEqual(['ip link delete dev s64-db-8ee3f6'])
  })

  it('is isolated where containers may not talk', () => {
    const denying = world({
      ...capturedModel(),
      firewall: { ipv6: 'deny', eastWest: 'deny', antiSpoof: true },
    })
    expect(commands(onCapture(veth, denying))).toEqual([
      `ip link set dev ${BLOG} type bridge_slave hairpin on isolated on`,
      'ip link set dev s64-db-8ee3f6 type bridge_slave hairpin on isolated on',
    ])
  })

  it('inside, changes only what differs', () => {
    const inside = INSIDE.replace('02:aa:00:00:00:01', '02:00:00:00:00:09')
    expect(commands(onCapture(veth, undefined, { 'inside blog': inside }))).toEqual([
      'ip -n blog link set dev eth0 address 02:aa:00:00:00:01',
      'ip neigh flush dev br-ct',
    ])
  })

  it('is made anew when its other end is not where it should be', () => {
    const inside = INSIDE.replace('"ifname":"eth0"', '"ifname":"eth7"')
    const [first, second] = commands(onCapture(veth, undefined, { 'inside blog': inside }))
    expect(first).toBe(`ip link delete dev ${BLOG}`)
    expect(second).toContain(`ip link add name ${BLOG}`)
  })

  it('a foreign interface inside is a conflict with the ways out', () => {
    const links = LINKS.replaceAll(BLOG, 'other-veth').replace('slash64:blog', '')
    const found = capturedReplies({ links })
    const seen = CATALOGUE.world(without('db').model, found, PLACES).world
    const plan = veth.compare(seen, found, {})
    expect(plan.conflicts[0]?.message).toMatch(/container blog has an interface eth0/)
    expect(plan.conflicts[0]?.hint).toMatch(/ip -n blog link delete dev eth0.*interface: NAME.*runtime: none/)
    expect(keys(plan)).toEqual(['- s64-db-8ee3f6'])
  })

  it.each(['absent', 'managed'] as const)('of a container that is %s is not wanted', (state) => {
    expect(onBareHost(veth, everyContainer(state)).early).toEqual([])
  })

  it('of a container that could not be read is left alone', () => {
    expect(keys(onCapture(veth, everyContainer('unknown')))).toEqual([])
  })

  it('of a container of another runtime is not made', () => {
    const none = capturedModel().containers.map((one) => ({
      ...one,
      runtime: { ...one.runtime, type: 'none' as const },
    }))
    expect(onBareHost(veth, everyContainer('managed', model({ containers: none }))).early).toEqual([])
  })
})

describe('vethName', () => {
  it('fits IFNAMSIZ, is plain, and differs by runtime, name and interface', () => {
    const names = ['a', 'Ärger!', 'a-very-long-container-name', 'a.b'].flatMap((name) =>
      ['eth0', 'eth1'].map((device) => vethName({ type: 'netns', name, interface: device })),
    )
    expect(names.filter((name) => !/^s64-[a-z0-9]{0,4}-[0-9a-f]{6}$/.test(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  it('differs between two containers that LXC keeps below two paths', () => {
    const lxc = { type: 'lxc', name: 'blog', interface: 'eth0' } as const
    const names = [lxc, { ...lxc, path: '/a' }, { ...lxc, path: '/b' }].map(vethName)
    expect(new Set(names).size).toBe(3)
  })
})
