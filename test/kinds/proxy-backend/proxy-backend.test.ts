import { describe, expect, it } from 'vitest'
import { proxyBackend } from '../../../src/kinds/proxy-backend/index.ts'
import { sectionOf } from '../../../src/kinds/shared/proxy-section.ts'
import { backendsOf } from '../../../src/model/reverse-proxy.ts'
import type { Reply } from '../../../src/engine/types.ts'
import type { Route } from '../../../src/model/types.ts'
import { NO_PROXY, replies } from '../../support/captures.ts'
import { container, ipv6Only, model, world, route } from '../../support/model.ts'
import { failure } from '../../support/recording-system.ts'
import { commands } from '../support.ts'

const ROUTE = route({ hosts: ['a.example', 'b.example'], http: 8080, proxyProtocol: 'v2' })
const MODEL = model({ containers: [container('blog', 2)], routes: [ROUTE] })
const [HTTP, TLS] = backendsOf(MODEL)
if (HTTP === undefined || TLS === undefined) throw new Error('the route has two backends')
const SECTIONS = sectionOf(HTTP) + sectionOf(TLS)

const HEADER =
  '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n'

function server(name: string, address: string, port: number, admin = 0): string {
  return `6 ${name} 1 s ${address} 2 ${admin} 1 1 8 6 3 6 0 0 0 0 - ${port} - 0 0 - - 0\n`
}

const LIVE = `${HEADER}${server(HTTP.name, '10.64.0.2', 8080)}${server(TLS.name, '10.64.0.2', 443)}\n`

function compare(more: Readonly<Record<string, Reply | string>>, of = MODEL) {
  return proxyBackend.compare(world(of), replies({ ...NO_PROXY, ...more }), {})
}

const RUNS = { 'proxy backends': SECTIONS, 'proxy generation': 'x', 'proxy servers': LIVE }

function lines(...given: Parameters<typeof compare>): readonly string[] {
  return compare(...given).early.map(
    ({ action, key, reason }) => `${action} ${key.split('-').slice(0, 3).join('-')}: ${reason}`,
  )
}

describe('proxy-backend', () => {
  it('is one for each port of a container, however many names lead there', () => {
    expect(lines({})).toEqual([
      'create http-blog-8080: desired, not on the host',
      'create tcp-blog-443: desired, not on the host',
    ])
    expect(lines(RUNS)).toEqual([])
  })

  it('is looked for in the file only while nothing runs', () => {
    expect(lines({ 'proxy backends': SECTIONS })).toEqual([])
    expect(lines({ 'proxy backends': sectionOf(HTTP) })).toEqual([
      'create tcp-blog-443: desired, not on the host',
    ])
  })

  it.each([
    ['moved', server(HTTP.name, '10.64.0.9', 8080), '10.64.0.9:8080 -> 10.64.0.2:8080'],
    ['set aside', server(HTTP.name, '10.64.0.2', 8080, 1), '10.64.0.2:8080, set aside -> 10.64.0.2:8080'],
    ['gone', '', 'the running process does not have it'],
  ])('%s as the process runs is drift', (_, row, reason) => {
    const servers = `${HEADER}${row}${server(TLS.name, '10.64.0.2', 443)}\n`
    expect(lines({ ...RUNS, 'proxy servers': servers })).toEqual([`update http-blog-8080: ${reason}`])
  })

  it('is moved without a reload, and by a reload where more than the address differs', () => {
    const moved = { ...RUNS, 'proxy servers': LIVE.replace('10.64.0.2 2', '10.64.0.9 2') }
    expect(commands(compare(moved))[0]).toContain('"live":{"address":"10.64.0.2","port":8080}')
    const edited = { ...RUNS, 'proxy backends': SECTIONS.replace('mode http', 'mode tcp') }
    expect(lines(edited)).toEqual([
      'update http-blog-8080: its section of backends.cfg is not as it should be',
    ])
    expect(commands(compare(edited))[0]).not.toContain('"live"')
  })

  it('of nobody goes, from the file and from the process', () => {
    const more = { ...RUNS, 'proxy backends': `${SECTIONS}backend mine\n    mode tcp\n` }
    expect(compare(more).early.map(({ action, key }) => `${action} ${key}`)).toEqual(['delete mine'])
    const servers = `${LIVE.trimEnd()}\n${server('theirs', '10.0.0.1', 1)}\n`
    expect(compare({ ...RUNS, 'proxy servers': servers }).early.map(({ key }) => key)).toEqual(['theirs'])
  })

  it('is left alone when what runs could not be read', () => {
    expect(compare({ ...RUNS, 'proxy servers': { error: failure('timeout') } }, model()).early).toEqual([])
  })

  it('prefers the IPv4, and writes an IPv6 in brackets', () => {
    expect(HTTP.address).toBe('10.64.0.2')
    const six = model({ containers: ipv6Only([container('blog', 2)]), routes: [ROUTE] })
    expect(backendsOf(six).map(sectionOf)[0]).toContain(' s [2001:db8:1:1::1:2]:8080 check ')
  })

  it.each([
    ['off', /fall 2\n$/],
    ['v1', /fall 2 send-proxy\n$/],
    ['v2', /fall 2 send-proxy-v2\n$/],
  ] as const)('proxyProtocol %s', (proxyProtocol, end) => {
    const [one] = backendsOf({ ...MODEL, routes: [{ ...ROUTE, proxyProtocol }] })
    expect(one && sectionOf(one)).toMatch(end)
  })

  it('has a name within 50 characters that tells port, protocol and container apart', () => {
    const long = 'a'.repeat(63)
    const routes = (['off', 'v1', 'v2'] as const).map((proxyProtocol): Route => ({
      ...ROUTE,
      container: long,
      proxyProtocol,
    }))
    const names = backendsOf(model({ containers: [container(long, 2)], routes })).map(({ name }) => name)
    expect(new Set(names).size).toBe(6)
    expect(names.every((name) => /^[a-z0-9-]{1,50}$/.test(name))).toBe(true)
  })
})
