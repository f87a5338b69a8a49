import type { PassReport } from '../../src/engine/types.ts'
import type { Plan, PlannedChange } from '../../src/engine/types.ts'
import type { Container, Model, Route } from '../../src/model/types.ts'
import type { HostFacts, ProxyFacts } from '../../src/model/world.ts'
import type { Source } from '../../src/report/background.ts'
import { route as ipv4Route } from '../support/model.ts'

/** Terminal escapes, a bidi override, a line separator and a newline: what hostile text is made of. */
export const HOSTILE = 'x\u001b[31mred\u202e\u2028\n|`<b>@all'

export function change(parts: Partial<PlannedChange> = {}): PlannedChange {
  return {
    kind: 'proxy-neighbour',
    key: '2001:db8:1:1::1:2 dev eth0',
    action: 'create',
    cause: 'drift',
    reason: 'was there and is gone',
    before: undefined,
    after: { address: '2001:db8:1:1::1:2' },
    needs: [],
    steps: [{ tool: 'ip', line: 'neigh replace proxy 2001:db8:1:1::1:2 dev eth0' }],
    ...parts,
  }
}

export const UPDATE = change({
  kind: 'bridge-port',
  key: 'vblog',
  action: 'update',
  reason: 'hairpin: false -> true',
  before: { hairpin: false },
  after: { hairpin: true },
})

export const DELETE = change({
  kind: 'route',
  key: '2001:db8:1:1::1:9/128 dev br-ct',
  action: 'delete',
  cause: 'prune',
  reason: 'no longer declared',
  before: { address: '2001:db8:1:1::1:9' },
  after: undefined,
})

export function plan(parts: Partial<Plan> = {}): Plan {
  return {
    changes: [],
    heldBack: [],
    problems: [],
    known: true,
    inSync: 41,
    foreign: 2,
    blocked: [],
    resources: {},
    ...parts,
  }
}

export function pass(parts: Partial<PassReport> = {}): PassReport {
  return { plan: plan(), applied: [], failed: [], remaining: undefined, ...parts }
}

export function container(parts: Partial<Container> = {}): Container {
  return {
    name: 'blog',
    network: 'br-ct',
    runtime: { type: 'lxc', name: 'blog', interface: 'eth0' },
    mac: '02:64:00:00:00:02',
    ipv6: '2001:db8:1:1::1:2',
    ipv4: '10.64.0.2',
    expose: [
      { protocol: 'tcp', first: 80, last: 80 },
      { protocol: 'tcp', first: 443, last: 443 },
    ],
    ...parts,
  }
}

export function model(parts: Partial<Model> = {}): Model {
  return {
    upstream: { interface: 'eth0', ipv4: '203.0.113.2' },
    prefix: { cidr: '2001:db8:1:1::/64', delivery: 'on-link' },
    networks: [
      {
        name: 'br-ct',
        mac: '02:64:00:00:00:01',
        mtu: 1500,
        ipv6: { cidr: '2001:db8:1:1::1:0/112', gateway: '2001:db8:1:1::1:1', length: 112 },
        ipv4: { cidr: '10.64.0.0/24', gateway: '10.64.0.1', length: 24 },
      },
    ],
    containers: [container()],
    nat: {
      source: 'snat',
      forwards: [
        {
          protocol: 'tcp',
          listen: { first: 2222, last: 2222 },
          container: 'blog',
          address: '10.64.0.2',
          to: { first: 22, last: 22 },
          from: [],
        },
      ],
    },
    routes: [],
    firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: true },
    policy: { prune: 'own' },
    confine: { metadata: 'deny', toHost: 'all', connections: 16_384 },
    metrics: { containers: false },
    ...parts,
  }
}

export function facts(parts: Partial<HostFacts> = {}): HostFacts {
  return {
    upstream: {
      name: 'eth0',
      present: true,
      up: true,
      ipv4: ['203.0.113.2'],
      ipv6: ['2001:db8:1:1::1'],
      publicIpv6: ['2001:db8:1:1::1'],
    },
    containers: new Map([['blog', { state: 'running', ipv4: ['10.64.0.2'], ipv6: ['2001:db8:1:1::1:2'] }]]),
    foreignAddresses: new Map(),
    proxy: proxy(),
    firewall: { canPersist: false, canFilterFrames: true },
    ports: [],
    takenNetworks: new Set(),
    ...parts,
  }
}

export function proxy(parts: Partial<ProxyFacts> = {}): ProxyFacts {
  return {
    installed: '2.6.12',
    features: ['http', 'https', 'proxyProtocol'],
    oldProcesses: 0,
    running: true,
    user: { uid: 998, gid: 998 },
    health: new Map(),
    ...parts,
  }
}

/** The route of the other tests, with its IPv6 straight to the container. */
export function route(parts: Partial<Route> = {}): Route {
  return ipv4Route({ ipv6: 'direct', ...parts })
}

/** A problem that the third line of the file is about. */
export const PLACED = {
  code: 'S64-H017',
  message: 'port 80 is taken',
  hint: 'stop it',
  path: ['routes', 0],
} as const

/** Knows where `routes[0]` is, and nothing else. */
export const SOURCE: Source = {
  name: 'network.yaml',
  locate: (path) => (path.join('.') === 'routes.0' ? { line: 3, column: 5 } : { line: 1, column: 1 }),
  frames: (problems, paint) =>
    problems
      .map(({ code, message, path }) => `at ${path.join('.')}: ${paint('error', code)} ${message}\n`)
      .join(''),
}
