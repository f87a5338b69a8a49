import { describe, expect, it } from 'vitest'
import type { Reply } from '../../../src/engine/types.ts'
import { CATALOGUE } from '../../../src/facts/catalogue.ts'
import { proxyFacts } from '../../../src/facts/proxy.ts'
import type { Model, Route } from '../../../src/model/types.ts'
import { capture, capturedReplies, NO_PROXY, replies } from '../../support/captures.ts'
import { capturedModel, PLACES, route } from '../../support/model.ts'
import { failure } from '../../support/recording-system.ts'

const ACCOUNTS = 'root:x:0:0:root:/root:/bin/bash\nhaproxy:x:105:112::/var/lib/haproxy:/usr/sbin/nologin\n'
const WHOLE = '         0          0 4294967295\n'
const HOST = {
  accounts: ACCOUNTS,
  'uid map': WHOLE,
  'gid map': WHOLE,
  'proxy installed': 'HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\n',
}

function facts(more: Readonly<Record<string, Reply | string>> = {}) {
  return proxyFacts(replies({ ...NO_PROXY, ...HOST, ...more }), PLACES)
}

describe('what is known about the reverse proxy', () => {
  it('which one is installed', () => {
    expect(facts().installed).toBe('2.6.12')
    expect(facts({ 'proxy installed': { error: failure('missing-tool') } }).installed).toBeUndefined()
    expect(facts({ 'proxy installed': 'segfault' })).toMatchObject({
      installed: undefined,
      running: undefined,
    })
  })

  it('whether ours runs, and how its backends are', () => {
    expect(facts()).toMatchObject({ running: false, health: new Map() })
    const servers = capture('haproxy-2.6.12/show-servers-state.txt')
    const { running, health } = facts({ 'proxy generation': 'x', 'proxy servers': servers })
    expect(running).toBe(true)
    expect([...health.values()]).toEqual(['down', 'up', 'unknown'])
    expect(facts({ 'proxy generation': { error: failure('timeout') } }).running).toBeUndefined()
  })

  it('what it can serve', () => {
    expect(facts().features).toEqual(['http', 'https', 'proxyProtocol'])
    expect(facts({ 'proxy installed': 'HAProxy version 2.4.1 x' }).features).toEqual(['proxyProtocol'])
    expect(facts({ 'proxy installed': { error: failure('missing-tool') } }).features).toEqual([])
  })

  it('how many workers of earlier configurations finish what they have', () => {
    const ours = (pid: number) =>
      ` ${pid} ${PLACES.network} haproxy -W -f ${PLACES.stateDir}/proxy/haproxy.cfg -f x\n`
    const runs = { 'proxy generation': 'x' }
    const processes = (count: number) => Array.from({ length: count }, (_, index) => ours(index + 2)).join('')
    expect(facts({ ...runs, 'proxy processes': processes(2) }).oldProcesses).toBe(0)
    expect(facts({ ...runs, 'proxy processes': `1 - init\n${processes(4)}` }).oldProcesses).toBe(2)
    expect(facts({ 'proxy processes': processes(4) }).oldProcesses).toBe(0)
  })

  it('whom it can become', () => {
    expect(facts().user).toEqual({ uid: 105, gid: 112 })
  })

  it.each([
    ['there is no such account', { accounts: 'root:x:0:0:root:/root:/bin/sh\nhaproxy2:x:105:112::/:/\n' }],
    ['a user namespace knows root only', { 'uid map': '         0       1000          1\n' }],
    ['it knows the user and not the group', { 'gid map': '0 1000 112\n' }],
    ['the file cannot be read', { accounts: { error: failure('denied') } }],
  ] as const)('nobody, where %s', (_, more) => {
    expect(facts(more).user).toBeUndefined()
  })

  it('at the edge of what a user namespace knows', () => {
    expect(facts({ 'uid map': '0 1000 106\n' }).user).toEqual({ uid: 105, gid: 112 })
    expect(facts({ 'uid map': '0 1000 105\n' }).user).toBeUndefined()
  })
})

const ROUTE = route({ hosts: ['a.example'] })

function problems(
  settings: Partial<Route>,
  upstream: Model['upstream'],
  runDir: string = PLACES.runDir,
): readonly string[] {
  const of = { ...capturedModel(), upstream, routes: [{ ...ROUTE, ...settings }] }
  const found = CATALOGUE.world(of, capturedReplies(HOST), { ...PLACES, runDir })
  return found.problems.map(({ code }) => code)
}

describe('what keeps every route from being served', () => {
  it('nothing, on a host with addresses', () => {
    expect(problems({ ipv6: 'proxy' }, { interface: 'eth0' })).toEqual([])
  })

  it('an upstream interface without any address', () => {
    expect(problems({}, { interface: 'v0' })).toContain('S64-H016')
    expect(problems({ ipv6: 'direct' }, { interface: 'v0' })).toContain('S64-H016')
  })

  it('no IPv6 of the host, where names are to lead there', () => {
    expect(problems({ ipv6: 'proxy' }, { interface: 'v0' })).toContain('S64-H018')
    expect(problems({ ipv6: 'off' }, { interface: 'v0' })).not.toContain('S64-H018')
  })

  it('an answer that is not understood: it is told, and the rest of the network is planned', () => {
    const of = { ...capturedModel(), routes: [ROUTE] }
    const found = CATALOGUE.world(of, capturedReplies({ ...HOST, 'proxy installed': 'segfault' }), PLACES)
    expect([found.plans, found.problems.map(({ code }) => code)]).toEqual(['everything', ['S64-H006']])
  })

  it('a run directory that is too long for a socket', () => {
    expect(problems({}, { interface: 'eth0' }, `/run/${'x'.repeat(80)}`)).toEqual(['S64-H019'])
  })
})
