import { describe, expect, it } from 'vitest'
import { baseText } from '../../../src/kinds/reverse-proxy/configuration.ts'
import { featuresOf, missingFeatures } from '../../../src/kinds/reverse-proxy/features.ts'
import type { Model, Route } from '../../../src/model/types.ts'
import type { HostFacts } from '../../../src/model/world.ts'
import { container, model, PLACES, world, route } from '../../support/model.ts'

const ROUTE = route()

function routed(more: Partial<Route> = {}): Model {
  return model({ containers: [container('blog', 2)], routes: [{ ...ROUTE, ...more }] })
}

const WORLD = world(routed())
const BASE = baseText(WORLD)
describe('features of the installed version', () => {
  it.each([
    ['2.6.12', ['http', 'https', 'proxyProtocol']],
    ['3.0.11', ['http', 'https', 'proxyProtocol']],
    ['10.0', ['http', 'https', 'proxyProtocol']],
    ['2.5.9', ['proxyProtocol']],
    ['1.4', []],
  ])('%s', (version, features) => {
    expect(featuresOf(version)).toEqual(features)
  })

  it('a route that needs what is missing is refused at its place, each setting by itself', () => {
    const old = routed({ https: 'off', path: ['routes', 3] })
    expect(missingFeatures(old, '2.4.22', 'haproxy')).toEqual([
      {
        key: 'haproxy',
        code: 'S64-H017',
        path: ['routes', 3, 'http'],
        message: 'route blog.example.org needs routing by Host of HAProxy 2.6 or newer; 2.4.22 is installed',
        hint: expect.stringContaining('`http: off`'),
      },
    ])
  })
})

describe('haproxy.cfg', () => {
  function of(more: Partial<Route>, facts: Partial<HostFacts> = {}): string {
    return baseText(world(routed(more), facts))
  }

  it('has a frontend for each port that a route is served on', () => {
    expect(of({})).toMatch(/frontend http[^]*frontend tls/)
    expect(of({ http: 'off' })).not.toContain('frontend http\n')
    expect(of({ https: 'off' })).not.toContain('frontend tls\n')
    expect(of({ http: 'redirect' })).toContain('frontend http\n')
  })

  it('listens on the gateway too, where a direct container is to be redirected', () => {
    expect(of({ http: 'redirect', ipv6: 'direct' })).toContain('bind [2001:db8:1:1::1:1]:80\n')
    expect(of({ http: 'redirect', ipv6: 'direct' })).not.toContain('[2001:db8:1:1::1:1]:443')
    expect(of({ http: 80, ipv6: 'direct' })).not.toContain('2001:db8')
  })

  it('holds no name of the file, and is the same whatever the names are', () => {
    expect(of({ hosts: ['evil.example', '*.more.example'] })).toBe(BASE)
  })

  it('gives up root where there is somebody to be instead', () => {
    expect(BASE).toContain('    uid 105\n    gid 112\n')
    const { user: _, ...nobody } = WORLD.facts.proxy
    expect(of({}, { proxy: { ...nobody, user: undefined } })).not.toMatch(/^ +[ug]id /m)
  })

  it('quotes the run directory, whatever is in its name', () => {
    const places = { ...PLACES, runDir: "/tmp/it's $HOME #1" }
    expect(baseText({ ...WORLD, places })).toContain(`chroot '/tmp/it'"'"'s $HOME #1/proxy/empty'\n`)
  })
})
