import { describe, expect, it } from 'vitest'
import { backendsText, generationOf } from '../../../src/formats/haproxy.ts'
import { baseText } from '../../../src/kinds/reverse-proxy/configuration.ts'
import { reverseProxy } from '../../../src/kinds/reverse-proxy/index.ts'
import type { Replies, Reply } from '../../../src/engine/types.ts'
import type { Model, Route } from '../../../src/model/types.ts'
import type { World } from '../../../src/model/world.ts'
import { NO_PROXY, replies } from '../../support/captures.ts'
import { container, model, PLACES, world, route } from '../../support/model.ts'
import { failure } from '../../support/recording-system.ts'

const ROUTE = route()

function routed(more: Partial<Route> = {}): Model {
  return model({ containers: [container('blog', 2)], routes: [{ ...ROUTE, ...more }] })
}

const WORLD = world(routed())
const BASE = baseText(WORLD)
const BACKENDS = backendsText(BASE, new Map())
const GENERATION = generationOf(BASE, BACKENDS)

function host(more: Readonly<Record<string, Reply | string>> = {}): Replies {
  return replies({ ...NO_PROXY, ...FOUND, ...more })
}

/** A host with haproxy, on which nobody listens. */
const FOUND = {
  'proxy installed': 'HAProxy version 2.6.12 x',
  listening: '',
  'proxy processes': '   1 - /sbin/init\n',
  accounts: '',
  'uid map': '',
  'gid map': '',
}

const LISTENS = ['80', '443']
  .map((port) => listening(`203.0.113.2:${port}`, 'users:(("haproxy",pid=12,fd=6))'))
  .join('')

/** Ours runs, as it should. */
function running(more: Readonly<Record<string, Reply | string>> = {}): Replies {
  return host({
    'proxy base': BASE,
    'proxy backends': BACKENDS,
    'proxy processes': OURS,
    listening: LISTENS,
    'proxy generation': `proc.slash64: type=str value=<${GENERATION}>\n\n`,
    ...more,
  })
}

function lines(found: Replies, of: World = WORLD): readonly string[] {
  return reverseProxy.compare(of, found, {}).early.map(({ action, reason }) => `${action}: ${reason}`)
}

function problems(found: Replies, of: World = WORLD): readonly string[] {
  const { conflicts, blocked } = reverseProxy.compare(of, found, {})
  return [...blocked, ...conflicts.map(({ code, message }) => `${code} ${message}`)]
}

const OURS = `   1 ${PLACES.network} /sbin/init\n  12 ${PLACES.network} haproxy -W -D -f ${PLACES.stateDir}/proxy/haproxy.cfg -f x\n`

describe('reverse-proxy', () => {
  it('is wanted as soon as a route is, and needs nothing when it runs', () => {
    expect(lines(host())).toEqual(['create: desired, not on the host'])
    expect(lines(running())).toEqual([])
    expect(lines(host(), world(model()))).toEqual([])
  })

  it('goes with the last route: running, stopped, or only its files', () => {
    const none = world(model())
    expect(lines(running(), none)).toEqual(['delete: no longer desired'])
    expect(lines(host({ 'proxy base': BASE }), none)).toEqual(['delete: no longer desired'])
  })

  it.each([
    ['killed', { 'proxy base': BASE, 'proxy backends': BACKENDS }, 'is not running'],
    [
      'its sockets removed',
      { 'proxy base': BASE, 'proxy backends': BACKENDS, 'proxy processes': OURS },
      'runs, but its sockets in the run directory are gone',
    ],
  ])('%s', (_, more, reason) => {
    expect(lines(host(more))).toEqual([`update: ${reason}`])
  })

  it.each([
    ['another configuration loaded', { 'proxy generation': 'proc.slash64: type=str value=<else>\n\n' }],
    ['a variable that is gone', { 'proxy generation': 'Variable not found.\n\n' }],
    ['haproxy.cfg edited', { 'proxy base': `${BASE}# more\n` }],
    ['backends.cfg edited', { 'proxy backends': `${BACKENDS}backend x\n` }],
    ['something before its sections', { 'proxy backends': `listen evil\n${BACKENDS}` }],
  ])('%s', (_, more) => {
    expect(lines(running(more))).toEqual(['update: runs another configuration than its files hold'])
  })

  it('a listener that was paused is drift', () => {
    const half = LISTENS.split('\n')[0] ?? ''
    expect(lines(running({ listening: half }))).toEqual(['update: does not listen where it should'])
  })

  it('an address that the host has lost for the moment takes nothing away', () => {
    const { upstream, ...of } = routed()
    const lost = { ...WORLD.facts.upstream, ipv4: [] }
    const without = world({ ...of, upstream: { interface: upstream.interface } }, { upstream: lost })
    expect(lines(running(), without)).toEqual([])
    expect(problems(running(), without)).toEqual(['reverse-proxy haproxy'])
  })

  it('a path that HAProxy or ps would read as another is refused', () => {
    for (const places of [
      { runDir: '/r,n' },
      { runDir: '/r$n' },
      { stateDir: '/zustände' },
      { runDir: `/${'x'.repeat(70)}` },
    ]) {
      const odd = { ...WORLD, places: { ...PLACES, ...places } }
      expect(problems(host(), odd)).toEqual(['reverse-proxy haproxy'])
      expect(lines(host(), odd)).toEqual([])
    }
  })

  it('another listener is told as such', () => {
    const proxied = world(routed({ ipv6: 'proxy' }))
    expect(lines(running(), proxied)[0]).toMatch(
      /^update: listeners: 203.0.113.2:80, 203.0.113.2:443 -> 203.0.113.2:80, \[2001:db8:1:1::2\]:80, 203.0.113.2:443, \[2001:db8:1:1::2\]:443$/,
    )
  })

  it('what cannot be read is not planned on: not the socket, not one of its files', () => {
    for (const id of [
      'proxy generation',
      'proxy base',
      'proxy backends',
      'proxy live http.map',
      'proxy tls.map',
    ]) {
      const found = running({ [id]: { error: failure('timeout') } })
      expect(lines(found)).toEqual([])
      expect(problems(found)).toEqual(['reverse-proxy haproxy'])
      expect(lines(found, world(model()))).toEqual([])
    }
  })

  it.each(['proxy installed', 'listening', 'proxy processes', 'accounts', 'uid map', 'gid map'])(
    'nothing is planned when %s cannot be read',
    (id) => {
      const found = running({ [id]: { error: failure('denied') } })
      expect(lines(found)).toEqual([])
      expect(problems(found)).toEqual(['reverse-proxy haproxy'])
    },
  )

  it('without haproxy, nothing is planned; the read that failed says so', () => {
    const bare = world(routed(), { proxy: { ...WORLD.facts.proxy, installed: undefined } })
    expect(lines(host(), bare)).toEqual([])
    expect(problems(host(), bare)).toEqual(['reverse-proxy haproxy'])
  })
})

function listening(address: string, users: string): string {
  return `LISTEN 0      4096   ${address}  0.0.0.0:* ${users}\n`
}

describe('who else listens', () => {
  it.each(['203.0.113.2:80', '0.0.0.0:80', '*:80', '203.0.113.2%eth0:80'])('on %s is in the way', (place) => {
    const found = host({ listening: listening(place, 'users:(("nginx",pid=77,fd=6),("nginx",pid=78,fd=6))') })
    expect(lines(found)).toEqual([])
    expect(problems(found)[1]).toMatch(
      /^S64-F005 nginx \(process 77\) listens on port 80 of .*203\.0\.113\.2:80\)$/,
    )
  })

  it.each(['127.0.0.1:80', '[::]:80', '203.0.113.3:80', '0.0.0.0:8080', '[2001:db8:1:1::2]:80'])(
    'on %s is not',
    (place) => {
      expect(problems(host({ listening: listening(place, 'users:(("nginx",pid=77,fd=6))') }))).toEqual([])
    },
  )

  it('is told without a name where that cannot be seen, with the way to see it', () => {
    const { conflicts } = reverseProxy.compare(WORLD, host({ listening: listening('0.0.0.0:443', '') }), {})
    expect(conflicts[0]?.message).toMatch(/^another program listens on port 443 of every address/)
    expect(conflicts[0]?.hint).toContain("as root: ss -ltnp 'sport = :443'")
  })

  it('is not ourselves, with or without a socket to speak to', () => {
    const found = {
      listening: listening('203.0.113.2:80', 'users:(("haproxy",pid=12,fd=6))'),
      'proxy processes': OURS,
    }
    expect(problems(running(found))).toEqual([])
    expect(problems(host(found))).toEqual([])
  })
})
