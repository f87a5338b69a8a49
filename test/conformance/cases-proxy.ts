import { backendsOf } from '../../src/model/reverse-proxy.ts'
import type { Model, Route } from '../../src/model/types.ts'
import { route } from '../support/model.ts'
import { WHOLE } from './drift-case.ts'
import type { DriftCase } from './drift-case.ts'

const BLOG = route({ http: 8080, ipv6: 'direct' })
const SHOP = route({
  hosts: ['*.shop.example', 'shop.example'],
  container: 'db',
  http: 'redirect',
  https: 8443,
  proxyProtocol: 'v2',
  ipv6: 'proxy',
  path: ['routes', 1],
})
const ROUTED: Model = { ...WHOLE, routes: [BLOG, SHOP] }
const [SHOP_TLS, BLOG_HTTP, BLOG_TLS] = ['tcp-db-8443', 'http-blog-8080', 'tcp-blog-443'].map(
  (start) => backendsOf(ROUTED).find(({ name }) => name.startsWith(start))?.name ?? 'none',
)
const routed = (...routes: readonly Route[]): Model => ({ ...WHOLE, routes })

function drift(name: string, commands: readonly string[], expected: readonly string[]): DriftCase {
  return { name, model: ROUTED, drift: commands, expected }
}

/** The reverse proxy: what somebody does to its process and its files, and changes of the routes. */
export const PROXY_CASES: readonly DriftCase[] = [
  {
    name: 'first routes',
    model: WHOLE,
    prepare: [],
    drift: [],
    next: ROUTED,
    expected: [
      '+ direct-port direct6 2001:db8:1:1::1:2 . 80',
      '+ reverse-proxy haproxy',
      `+ proxy-backend ${BLOG_HTTP}`,
      `+ proxy-backend ${BLOG_TLS}`,
      `+ proxy-backend ${SHOP_TLS}`,
      '+ proxy-route http blog.example.org',
      '+ proxy-route https blog.example.org',
      '+ proxy-route http *.shop.example',
      '+ proxy-route http shop.example',
      '+ proxy-route https *.shop.example',
      '+ proxy-route https shop.example',
    ],
  },
  drift('reverse proxy killed', ['kill KILL'], ['~ reverse-proxy haproxy']),
  drift('reverse proxy stopped', ['kill TERM'], ['~ reverse-proxy haproxy']),
  drift('reverse proxy reloaded by somebody', ['kill USR2'], []),
  drift('haproxy.cfg edited', ['append haproxy.cfg # more'], ['~ reverse-proxy haproxy']),
  drift(
    'backends.cfg edited',
    ['append backends.cfg backend mine'],
    ['~ reverse-proxy haproxy', '- proxy-backend mine'],
  ),
  drift(
    'a map edited',
    ['append http.map evil.example none', 'append tls.map # note'],
    ['- proxy-route http evil.example', '- proxy-route https #'],
  ),
  drift(
    'a map changed as it runs',
    [
      'proxy add map http.map evil.example none',
      'proxy set map tls.map shop.example none',
      'proxy del map http.map blog.example.org',
    ],
    [
      '~ proxy-route http blog.example.org',
      '~ proxy-route https shop.example',
      '- proxy-route http evil.example',
    ],
  ),
  drift(
    'a server moved as it runs',
    [`proxy set server ${BLOG_TLS}/s addr 10.64.0.99 port 1`],
    [`~ proxy-backend ${BLOG_TLS}`],
  ),
  drift(
    'a server set aside as it runs',
    [`proxy set server ${SHOP_TLS}/s state maint`],
    [`~ proxy-backend ${SHOP_TLS}`],
  ),
  {
    name: 'a name more, and one less',
    model: ROUTED,
    drift: [],
    next: routed(
      { ...BLOG, hosts: ['blog.example.org', 'www.example.org'] },
      { ...SHOP, hosts: ['shop.example'] },
    ),
    expected: [
      '+ proxy-route http www.example.org',
      '+ proxy-route https www.example.org',
      '- proxy-route http *.shop.example',
      '- proxy-route https *.shop.example',
    ],
  },
  {
    name: 'a route less, with its backend',
    model: ROUTED,
    drift: [],
    next: routed(SHOP),
    expected: [
      '- direct-port direct6 2001:db8:1:1::1:2 . 80',
      `- proxy-backend ${BLOG_HTTP}`,
      `- proxy-backend ${BLOG_TLS}`,
      '- proxy-route http blog.example.org',
      '- proxy-route https blog.example.org',
    ],
  },
  {
    name: 'the last route gone',
    model: routed(SHOP),
    drift: [],
    next: WHOLE,
    expected: [
      '- reverse-proxy haproxy',
      `- proxy-backend ${SHOP_TLS}`,
      '- proxy-route http *.shop.example',
      '- proxy-route http shop.example',
      '- proxy-route https *.shop.example',
      '- proxy-route https shop.example',
    ],
  },
]
