import { GENERATION_PATH } from '../../formats/haproxy.ts'
import { formatEndpoint } from '../../net/endpoint.ts'
import { listenersOf, REDIRECT } from '../../model/reverse-proxy.ts'
import type { Listener } from '../../model/reverse-proxy.ts'
import type { World } from '../../model/world.ts'
import { MAPS } from '../shared/proxy-probes.ts'

/**
 * `haproxy.cfg`: everything that does not differ from route to route (HAProxy 2.6 and newer). Of the file there is
 * nothing in it but addresses; names are in the maps, backends in `backends.cfg`.
 */
export function baseText(world: World): string {
  const listeners = listenersOf(world)
  const onPort = (port: Listener['port'], only?: Listener['only']) =>
    listeners.filter((listener) => listener.port === port && listener.only === only)
  return [
    global(world),
    DEFAULTS,
    frontend('http', onPort(80), listeners, HTTP_RULES),
    frontend('redirect', onPort(80, 'redirect'), listeners, REDIRECT_RULES),
    frontend('tls', onPort(443), listeners, TLS_RULES),
    BUILT_IN,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function global({ facts, places }: World): string {
  const { user } = facts.proxy
  const folder = `${places.runDir}/proxy`
  return section('# Written by slash64, which undoes what is changed here.\nglobal', [
    'default-path config',
    `stats socket ${quoted(`${folder}/admin.sock`)} mode 600 level admin expose-fd listeners`,
    `chroot ${quoted(`${folder}/empty`)}`,
    ...(user === undefined ? [] : [`uid ${user.uid}`, `gid ${user.gid}`]),
    // Room for about 10,000 connections at once, whatever the host's own limit: it may be a thousand million.
    'fd-hard-limit 20000',
    'no strict-limits',
    // How long a connection may outlive the configuration under which it began.
    'hard-stop-after 24h',
    'spread-checks 20',
  ])
}

/** Strong quotes: nothing inside is expanded. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'"'"'`)}'`
}

const DEFAULTS = section('defaults', [
  'timeout connect 5s',
  'timeout check 3s',
  'timeout queue 5s',
  // From the first byte to the end of the headers; against clients that send them drop by drop.
  'timeout http-request 10s',
  'timeout http-keep-alive 60s',
  'timeout client 60s',
  // A server may think, or have nothing to tell (server-sent events), for this long.
  'timeout server 1h',
  // WebSockets, and everything that is passed through: as long as either side shows life, and a day of silence.
  'timeout tunnel 24h',
  'timeout client-fin 30s',
  'timeout server-fin 30s',
  'option tcpka',
  'option http-ignore-probes',
  // A kept connection is not closed under a request that is on its way while another generation takes over.
  'option idle-close-on-response',
])

const FIND_NAME = (map: string, condition = '') => [
  `set-var(txn.to) var(txn.host),map(${map})${condition && ` if ${condition}`}`,
  // *.example.org is one label deep: the first label is a star, the rest as it is.
  `set-var(txn.to) "var(txn.host),regsub(^[^.]+,*),map(${map})" if ${condition && `${condition} `}!{ var(txn.to) -m found }`,
]

/** Which backend a request's Host leads to; a name that is none is never looked up, nor sent back. */
const FIND_BY_HOST = [
  'mode http',
  `http-request return status 200 content-type text/plain lf-string "%[var(proc.slash64)]\\n" if own { path ${GENERATION_PATH} }`,
  'http-request set-var(txn.host) req.hdr(host),host_only,lower,rtrim(.)',
  'acl name var(txn.host) -m reg ^[a-z0-9_.-]+$',
  ...FIND_NAME(MAPS.http).map((rule) => `http-request ${rule}`),
]
const UNKNOWN =
  'http-request return status 421 content-type text/plain string "421 Misdirected Request: this name is not served here.\\n" if'
const SEND_ON = `http-request redirect location "https://%[var(txn.host)]%[pathq]" code 301 if { var(txn.to) -m str ${REDIRECT} }`

const REDIRECT_RULES = [...FIND_BY_HOST, `${UNKNOWN} !name`, SEND_ON, UNKNOWN.replace(/ if$/, '')]

const HTTP_RULES = [
  ...FIND_BY_HOST,
  `${UNKNOWN} !name or !{ var(txn.to) -m found }`,
  SEND_ON,
  'http-request deny deny_status 405 if METH_CONNECT',
  // What a client says about itself is not believed, however it is spelled, nor may it have ours taken away further on.
  'http-request del-header Forwarded',
  'http-request del-header ^x[-_]forwarded[-_] -m reg',
  'http-request del-header ^x[-_]real[-_]ip$ -m reg',
  'http-request set-header X-Forwarded-For %[src]',
  'http-request set-header X-Forwarded-Proto http',
  // Of all upgrades only WebSockets: behind another (h2c) nobody would see what is said.
  'acl websocket req.hdr(Upgrade) -i websocket',
  'http-request del-header HTTP2-Settings',
  'http-request del-header Connection unless websocket',
  'http-request del-header Upgrade unless websocket',
  'http-request set-header Connection upgrade if websocket',
  'use_backend %[var(txn.to)]',
]

const HELLO = '{ req.ssl_hello_type 1 }'

const TLS_RULES = [
  'mode tcp',
  // Waits for a whole ClientHello, in however many pieces it comes.
  'tcp-request inspect-delay 5s',
  'tcp-request content switch-mode http if own HTTP',
  `tcp-request content set-var(txn.host) req.ssl_sni,lower,rtrim(.) if ${HELLO}`,
  ...FIND_NAME(MAPS.https, HELLO).map((rule) => `tcp-request content ${rule}`),
  `tcp-request content reject if ${HELLO} !{ var(txn.to) -m found }`,
  `tcp-request content accept if ${HELLO}`,
  'tcp-request content reject unless own HTTP',
  'use_backend generation if own HTTP',
  'use_backend %[var(txn.to)]',
  'default_backend nothing',
]

/** Backends of our own: who speaks plain HTTP to 443 on this host, and a name whose backend is not there. */
const BUILT_IN = [
  section('backend generation', [
    'mode http',
    `http-request return status 200 content-type text/plain lf-string "%[var(proc.slash64)]\\n" if { path ${GENERATION_PATH} }`,
    'http-request deny',
  ]),
  section('backend nothing', ['mode tcp', 'tcp-request content reject']),
].join('\n')

function frontend(
  name: string,
  binds: readonly Listener[],
  all: readonly Listener[],
  rules: readonly string[],
): string {
  if (binds.length === 0) return ''
  const own = [...new Set(all.map(({ address }) => address))]
  return section(`frontend ${name}`, [
    ...binds.map((listener) => `bind ${formatEndpoint(listener)}`),
    `acl own src ${own.join(' ')}`,
    ...rules,
  ])
}

function section(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `    ${line}\n`).join('')}`
}
