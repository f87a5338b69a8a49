import { appended, backends, edited, IPV4, IPV6 } from './proxy-files.ts'
import {
  admin,
  check,
  get,
  left,
  listProcesses,
  listSockets,
  master,
  put,
  query,
  reload,
  reloadBeside,
  reloadBySignal,
  run,
  signal,
  start,
  whereabouts,
} from './proxy-steps.ts'
import type { Step } from './proxy-steps.ts'
import type { ProxySide } from './proxy-side.ts'

export interface ProxyCase {
  readonly title: string
  readonly steps: readonly (readonly Step[])[]
}

const HTTP = { address: IPV4, port: 80 }
const PROC = 'show proc;quit'
const live = admin('get var proc.slash64', 'show map http.map', 'show map tls.map')
const state = [live, master(PROC), get(HTTP)]

const withLine = (name: string, line: string) => put((files) => appended(files, name, `    ${line}\n`))
const alsoOn = (endpoint: string, name = 'one') =>
  put((files) => ({
    ...edited(files, 'haproxy.cfg', `bind ${IPV4}:443`, `bind ${IPV4}:443\n    bind ${endpoint}`),
    'backends.cfg': backends(name),
  }))
const generation = (name: string) => put((files) => ({ ...files, 'backends.cfg': backends(name) }))
const without = (name: string) =>
  put((files) => Object.fromEntries(Object.entries(files).filter(([known]) => known !== name)))
const outside =
  (what: (side: ProxySide) => Promise<unknown>): Step =>
  async (side) => {
    await what(side)
    return ''
  }
const listen = (address: string, port: number) => outside(async (side) => side.listen({ address, port }))
const shoot = (whom: 'master' | 'worker') => outside(async (side) => side.shoot(whom))
const hold = outside(async (side) => side.hold(HTTP))
const loseAddress = run('ip', 'addr', 'del', `${IPV4}/24`, 'dev', 'eth0')
const version: Step = async (side) => (await query('haproxy', '-v')(side)).split('\n')[0] ?? ''

const LIFE: readonly ProxyCase[] = [
  {
    title: 'started, asked, stopped',
    steps: [
      [version, put(), admin('get var proc.slash64'), check, start, listProcesses, listSockets, ...state],
      [get({ address: IPV6, port: 80 }), get({ address: IPV4, port: 443 })],
      [get(HTTP, 'GET /other HTTP/1.0\r\n\r\n'), get(HTTP, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')],
      [get({ address: IPV6, port: 443 })],
      [
        admin(
          'show servers state',
          'show servers state b-web',
          'show servers state nope',
          'show servers state nothing',
        ),
      ],
      [signal('USR1'), left(0), listSockets, admin('get var proc.slash64'), master(PROC)],
      [get(HTTP), run('kill', '-TERM', '99999999'), start, ...state, signal('TERM'), left(0)],
    ],
  },
  {
    title: 'two at once share the ports; the later one has the sockets',
    steps: [[put(), start, generation('two'), start, left(4), live, master(PROC), listSockets]],
  },
  {
    title: 'the master is killed, then a worker',
    steps: [
      [put(), start, shoot('master'), left(0), ...state, start, ...state],
      [shoot('worker'), left(0), ...state, start, ...state],
    ],
  },
  {
    title: 'connections that stay open',
    steps: [
      [put(), start, hold, signal('USR1'), live, master(PROC), listProcesses, listSockets, get(HTTP)],
      [generation('two'), reloadBeside, ...state, left(3), signal('TERM'), left(0)],
    ],
  },
]

const COMMANDS: readonly ProxyCase[] = [
  {
    title: 'maps',
    steps: [
      [put(), start, admin('add map http.map a b', 'add map http.map a c', 'show map http.map')],
      [admin('set map http.map a d', 'show map http.map', 'del map http.map a', 'show map http.map')],
      [admin('del map http.map a', 'set map http.map nope x', 'add map no.map a b', 'set map no.map a b')],
      [admin('del map no.map a', 'show map no.map', 'add map http.map', 'add map http.map a')],
      [admin('set map http.map a', 'del map http.map', 'add map http.map  x   y extra', 'show map http.map')],
      [admin('clear map tls.map', 'show map tls.map')],
      [admin(String.raw`add map http.map a\ b c; add map http.map q "z z"; show map http.map`)],
      [
        admin(
          'get var proc.slash64;del map http.map no;show map tls.map;set map http.map x z;show map http.map',
        ),
      ],
      [admin('set map http.map *.wild.org b-plain; show map http.map', 'get var proc.slash64 extra')],
      [admin('get var', 'get var proc.no', 'get var x', 'nonsense', '', 'show map tls.map;quit')],
      [admin(';get var proc.slash64', 'show map tls.map;', 'quit')],
      [master('nonsense;quit', 'get var proc.slash64;quit', 'show version;quit', 'quit', PROC, 'show proc')],
    ],
  },
  {
    title: 'servers',
    steps: [
      [put(), start],
      [admin('set server b-web/s addr 127.0.0.51 port 81', 'set server b-web/s addr 127.0.0.51 port 81')],
      [admin('set server b-web/s addr 127.0.0.51 port 82', 'set server b-web/s addr 127.0.0.52')],
      [admin('set server b-web/s addr 127.0.0.53 port 82', 'set server b-web/s addr 0:0::1 port 82')],
      [admin('set server b-web/s addr nonsense port 82', 'set server b-web/s addr 127.0.0.51 port x')],
      [admin('set server b-web/s addr 127.0.0.51 port', 'set server b-web/s addr')],
      [admin('set server b-no/s addr 10.0.0.1', 'set server b-web/t addr 10.64.0.1 port 1')],
      [
        admin(
          'set server b-web',
          'set server b-web/s',
          'set server',
          'set server nothing/s addr 10.0.0.1 port 1',
        ),
      ],
      [admin('set server b-tls/s state ready;show servers state b-tls', 'set server b-tls/s state maint')],
      [admin('show servers state b-tls', 'set server b-tls/s state ready'), whereabouts],
      [admin('set server b-tls/s addr 127.0.0.54 port 70;set server b-plain/s addr 10.64.0.5 port 71')],
      [whereabouts],
    ],
  },
]

const RELOADS: readonly ProxyCase[] = [
  {
    title: 'a reload forgets what was only said to the process',
    steps: [
      [put(), start, admin('add map http.map live b-web', 'set server b-web/s addr 127.0.0.51 port 81')],
      [put((files) => ({ ...appended(files, 'http.map', 'new b-web\n'), 'backends.cfg': backends('two') }))],
      [reload, ...state, admin('show servers state'), left(2), listSockets],
      [generation('three'), reloadBySignal, left(2), ...state],
    ],
  },
  {
    title: 'a reload of what is broken leaves the old worker',
    steps: [
      [put(), start, withLine('backends.cfg', 'nonsense'), check, reload, ...state, left(2)],
      [reload, ...state, start, ...state, generation('three'), reload, ...state, left(2)],
      [without('tls.map'), reload, ...state, without('backends.cfg'), reload, ...state],
      [signal('TERM'), left(0)],
    ],
  },
  {
    title: 'a reload into a port that is taken',
    steps: [
      [put(), start, listen('0.0.0.0', 8443), alsoOn(`${IPV4}:8443`, 'two'), check, reload, ...state],
      [listSockets, alsoOn(`[${IPV6}]:8443`, 'three'), reload, ...state, listSockets],
    ],
  },
  {
    title: 'an address that is not there; one that is held already stays',
    steps: [
      [put(), start, alsoOn('203.0.113.9:443', 'two'), check, reload, ...state],
      [loseAddress, generation('three'), reload, live, master(PROC), listSockets],
    ],
  },
]

const LISTENERS = [
  ['0.0.0.0', 443],
  [IPV4, 443],
  ['::', 80],
  [IPV6, 80],
  [IPV6, 443],
  ['127.0.0.1', 80],
] as const

const STARTS: readonly ProxyCase[] = [
  {
    title: 'a start where a port is taken takes the sockets of the one that runs',
    steps: [[put(), start, ...state, listen(IPV4, 8443), alsoOn(`${IPV4}:8443`), start, ...state, left(2)]],
  },
  ...LISTENERS.map(([address, port]) => ({
    title: `a start beside a listener on ${address} port ${port}`,
    steps: [[put(), listen(address, port), start, listSockets, admin('get var proc.slash64'), master(PROC)]],
  })),
  { title: 'a start without an address', steps: [[put(), loseAddress, start, live]] },
  { title: 'a start with loopback addresses', steps: [[alsoOn('127.1.2.3:443'), start, listSockets]] },
]

/** What is done to a proxy, and what it answers. */
export const PROXY_CASES: readonly ProxyCase[] = [...LIFE, ...COMMANDS, ...RELOADS, ...STARTS]
