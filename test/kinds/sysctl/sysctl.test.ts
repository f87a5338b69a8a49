import { describe, expect, it } from 'vitest'
import { bridgeSysctl, pathOf, sysctl, sysctlKey } from '../../../src/kinds/sysctl/index.ts'
import type { Replies } from '../../../src/engine/types.ts'
import { ABSENT, replies } from '../../support/captures.ts'
import { capturedModel, model, network, world } from '../../support/model.ts'
import { changesOf, commands, keys } from '../support.ts'
import type { HostKind } from '../support.ts'

/** Every setting that the kind asks for has this value. */
function all(kind: HostKind, value: string): Replies {
  const ids = kind.probes(capturedModel(), new Map()).map(({ id }) => id)
  return replies(Object.fromEntries([...ids, 'sysctl net/ipv6/conf/eth0/accept_ra'].map((id) => [id, value])))
}

/** The host learns from router advertisements, and did before it forwarded. */
function learning() {
  const of = world(capturedModel())
  return { ...of, facts: { ...of.facts, upstream: { ...of.facts.upstream, acceptRa: '2' as const } } }
}

describe('sysctl', () => {
  it('writes in an order that keeps the default route: accept_ra before forwarding', () => {
    const written = commands(sysctl.compare(learning(), all(sysctl, '9'), {}))
    expect(written).toEqual([
      'sysctl net/ipv6/conf/eth0/accept_ra=2',
      'sysctl net/ipv4/ip_forward=1',
      'sysctl net/ipv6/conf/all/forwarding=1',
      'sysctl net/ipv6/conf/eth0/forwarding=1',
      'sysctl net/ipv6/conf/all/proxy_ndp=1',
      'sysctl net/ipv6/conf/eth0/proxy_ndp=1',
      'sysctl net/ipv6/neigh/eth0/proxy_delay=0',
    ])
  })

  it('writes only what differs', () => {
    const plan = sysctl.compare(learning(), all(sysctl, '1'), {})
    expect(keys(plan)).toEqual(['~ net.ipv6.conf.eth0.accept_ra', '~ net.ipv6.neigh.eth0.proxy_delay'])
    expect(plan.inSync).toBe(5)
    expect(plan.early[0]?.reason).toBe('1 -> 2')
  })

  it('leaves accept_ra alone where nothing is learned', () => {
    expect(keys(sysctl.compare(world(capturedModel()), all(sysctl, '0'), {}))).not.toContain(
      '~ net.ipv6.conf.eth0.accept_ra',
    )
  })

  it('touches IPv4 only where there is IPv4, and proxy NDP only where the prefix is on-link', () => {
    const { ipv4: _, ...only6 } = network()
    const of = model({ networks: [only6], prefix: { cidr: '2001:db8:1:1::/64', delivery: 'routed' } })
    const paths = sysctl.probes(of, new Map()).map(({ id }) => id)
    expect(paths.filter((path) => /ipv4|proxy/.test(path))).toEqual([])
    expect(paths).toContain('sysctl net/ipv6/conf/all/forwarding')
  })

  it('never deletes', () => {
    expect(changesOf(sysctl.compare(world(model({ networks: [] })), all(sysctl, '1'), {}))).toEqual([])
  })

  it('a setting that the kernel has not is a conflict with the way out', () => {
    const plan = sysctl.compare(
      world(capturedModel()),
      replies({ 'sysctl net/ipv6/conf/all/forwarding': ABSENT }),
      {},
    )
    const problem = plan.conflicts.find(({ resource }) => resource === 'sysctl net.ipv6.conf.all.forwarding')
    expect(problem?.message).toContain('/proc/sys/net/ipv6/conf/all/forwarding')
    expect(problem?.hint).toContain('ipv6.disable')
    expect(changesOf(plan)).toEqual([])
  })
})

describe('bridge-sysctl', () => {
  it('needs its bridge, and is planned before the bridge is there', () => {
    const plan = bridgeSysctl.compare(world(capturedModel()), new Map(), {})
    expect(keys(plan)).toEqual([
      '+ net.ipv6.conf.br-ct.disable_ipv6',
      '+ net.ipv6.conf.br-ct.accept_ra',
      '+ net.ipv6.conf.br-ct.accept_dad',
      '+ net.ipv6.conf.br-ct.forwarding',
    ])
    expect(plan.early.flatMap(({ needs }) => needs)).toEqual(Array.from({ length: 4 }, () => 'bridge br-ct'))
    expect(plan.conflicts).toEqual([])
  })
})

describe('sysctlKey', () => {
  it('writes paths as sysctl(8) does, with the dots of interface names turned, and back', () => {
    expect(sysctlKey('net/ipv6/conf/eth0.100/forwarding')).toBe('net.ipv6.conf.eth0/100.forwarding')
    expect(pathOf('net.ipv6.conf.eth0/100.forwarding')).toBe('net/ipv6/conf/eth0.100/forwarding')
  })
})
