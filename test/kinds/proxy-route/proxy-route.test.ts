import { describe, expect, it } from 'vitest'
import { proxyRoute } from '../../../src/kinds/proxy-route/index.ts'
import { entriesOf } from '../../../src/model/reverse-proxy.ts'
import type { Reply } from '../../../src/engine/types.ts'
import { NO_PROXY, replies } from '../../support/captures.ts'
import { container, model, world, route } from '../../support/model.ts'
import { commands } from '../support.ts'

const ROUTE = route({ hosts: ['*.a.example', 'a.example'], http: 'redirect' })
const MODEL = model({ containers: [container('blog', 2)], routes: [ROUTE] })
const TO = entriesOf(MODEL).find(({ protocol }) => protocol === 'https')?.to ?? 'none'
const HTTP = '*.a.example redirect\na.example redirect\n'
const TLS = `*.a.example ${TO}\na.example ${TO}\n`

function live(map: string): string {
  return `${map.replaceAll(/^/gm, '0x55d6c0a1b130 ').replace(/0x\w+ $/, '')}\n`
}

const FILES = { 'proxy http.map': HTTP, 'proxy tls.map': TLS }
const RUNS = {
  ...FILES,
  'proxy generation': 'x',
  'proxy live http.map': live(HTTP),
  'proxy live tls.map': live(TLS),
}

function compare(more: Readonly<Record<string, Reply | string>>) {
  return proxyRoute.compare(world(MODEL), replies({ ...NO_PROXY, ...more }), {})
}

function lines(more: Readonly<Record<string, Reply | string>>): readonly string[] {
  return compare(more).early.map(({ action, key, reason }) => `${action} ${key}: ${reason}`)
}

describe('proxy-route', () => {
  it('is one for each name on each port', () => {
    expect(compare({}).early.map(({ key, needs }) => `${key} needs ${needs.join()}`)).toEqual([
      'http *.a.example needs reverse-proxy haproxy',
      'http a.example needs reverse-proxy haproxy',
      `https *.a.example needs reverse-proxy haproxy,proxy-backend ${TO}`,
      `https a.example needs reverse-proxy haproxy,proxy-backend ${TO}`,
    ])
    expect(lines(RUNS)).toEqual([])
  })

  it('is looked for in the file only while nothing runs', () => {
    expect(lines(FILES)).toEqual([])
    expect(lines({ ...FILES, 'proxy http.map': '' })).toHaveLength(2)
  })

  it.each([
    [
      'led elsewhere as it runs',
      'a.example redirect',
      'a.example else',
      'update http a.example: else -> redirect',
    ],
    [
      'taken out as it runs',
      '0x55d6c0a1b130 a.example redirect\n',
      '',
      'update http a.example: none -> redirect',
    ],
    [
      'added twice as it runs',
      '0x55d6c0a1b130 a.example redirect',
      '0x1 a.example redirect\n0x2 a.example else',
      'update http a.example: redirect, else -> redirect',
    ],
  ])('%s is drift', (_, before, after, line) => {
    const text = live(HTTP).replace(new RegExp(`(?<=\\n.*)${before.replaceAll('.', '\\.')}`), after)
    expect(text).not.toBe(live(HTTP))
    expect(lines({ ...RUNS, 'proxy live http.map': text })).toEqual([line])
  })

  it('the same name twice with the same meaning is no drift', () => {
    expect(lines({ ...RUNS, 'proxy live http.map': live(`${HTTP}a.example redirect\n`) })).toEqual([])
  })

  it('a file that was edited is drift, although the process is right', () => {
    expect(lines({ ...RUNS, 'proxy tls.map': TLS.replace(/^a.*$/m, 'a.example else') })).toEqual([
      `update https a.example: in its file: else -> ${TO}`,
    ])
    expect(lines({ ...RUNS, 'proxy http.map': `${HTTP}# a note\n` })).toEqual([
      'delete http #: no longer desired',
    ])
  })

  it('what nobody asked for goes from both', () => {
    const more = compare({ ...RUNS, 'proxy live http.map': live(`${HTTP}evil.example x\n`) })
    expect(commands(more)).toEqual(['haproxy entry {"map":"http.map","host":"evil.example"}'])
  })

  it('a map that the process does not have holds nothing', () => {
    const none = 'Unknown map identifier. Please use #<id> or <file>.\n\n'
    expect(lines({ ...RUNS, 'proxy live http.map': none })).toHaveLength(2)
  })

  it('an answer that is not understood, or was cut, changes nothing: unknown is not empty', () => {
    for (const text of ['Permission denied\n', '', '0x1 a.exam', live(HTTP).trimEnd()]) {
      const { early } = compare({ ...RUNS, 'proxy live http.map': text })
      // Blocked with the reverse proxy, which could not be read either.
      expect(early.filter(({ needs }) => !needs.includes('reverse-proxy haproxy'))).toEqual([])
    }
  })
})
