import type { Container, Forward, Model, Network, Route } from '../../src/model/types.ts'
import type { ContainerFacts, HostFacts, World } from '../../src/model/world.ts'
import type { PortRange } from '../../src/net/port.ts'

/** Where the tests' instance keeps its files. */
export const PLACES = {
  stateDir: '/var/lib/slash64',
  runDir: '/run/slash64',
  network: '4026531840',
} as const

/** The prefix's first bits: `${SLICE}:2` is the container that the tests number 2. */
export const SLICE = '2001:db8:1:1::1'

/** A network like that of the README, with the slice ::1:0/112 and 10.64.0.0/24. */
export function network(more: Partial<Network> = {}): Network {
  return {
    name: 'br-ct',
    mac: '02:11:22:33:44:55',
    mtu: 1500,
    ipv6: { cidr: `${SLICE}:0/112`, gateway: `${SLICE}:1`, length: 112 },
    ipv4: { cidr: '10.64.0.0/24', gateway: '10.64.0.1', length: 24 },
    ...more,
  }
}

/** A container in the network namespace of its name, with the addresses ::1:N and 10.64.0.N. */
export function container(name: string, number: number, more: Partial<Container> = {}): Container {
  return {
    name,
    network: 'br-ct',
    runtime: { type: 'netns', name, interface: 'eth0' },
    mac: `02:aa:00:00:00:${(number - 1).toString(16).padStart(2, '0')}`,
    ipv6: `${SLICE}:${number.toString(16)}`,
    ipv4: `10.64.0.${number}`,
    expose: [],
    ...more,
  }
}

/** The containers without their IPv6. */
export function behindNatOnly(containers: readonly Container[]): readonly Container[] {
  return containers.map((one) => {
    const { ipv6: _, ...rest } = one
    return rest
  })
}

/** The containers without their IPv4. */
export function ipv6Only(containers: readonly Container[]): readonly Container[] {
  return containers.map((one) => {
    const { ipv4: _, ...rest } = one
    return rest
  })
}

/** `2222/tcp -> 10.64.0.2:22`, by hand. */
export function forward(
  listen: PortRange,
  name: string,
  address: string,
  more: Partial<Forward> = {},
): Forward {
  const { protocol, first, last } = listen
  return {
    protocol,
    listen: { first, last },
    container: name,
    address,
    to: { first, last },
    from: [],
    ...more,
  }
}

export function tcp(first: number, last = first): PortRange {
  return { protocol: 'tcp', first, last }
}

export function udp(first: number, last = first): PortRange {
  return { protocol: 'udp', first, last }
}

/** blog.example.org, led to the container blog on the usual ports; IPv4 only. */
export function route(more: Partial<Route> = {}): Route {
  return {
    hosts: ['blog.example.org'],
    container: 'blog',
    http: 80,
    https: 443,
    proxyProtocol: 'off',
    ipv6: 'off',
    path: ['routes', 0],
    ...more,
  }
}

/** One network and nothing else, unless told. */
export function model(more: Partial<Model> = {}): Model {
  return {
    upstream: { interface: 'eth0', ipv4: '203.0.113.2' },
    prefix: { cidr: '2001:db8:1:1::/64', delivery: 'on-link' },
    networks: [network()],
    containers: [],
    nat: { source: 'snat', forwards: [] },
    routes: [],
    firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: true },
    policy: { prune: 'own' },
    confine: { metadata: 'allow', toHost: 'all', connections: 0 },
    metrics: { containers: false },
    ...more,
  }
}

/** The model that the captures of test/formats/captures were made with. */
export function capturedModel(): Model {
  return model({
    containers: [
      container('blog', 2, { expose: [tcp(443), udp(8000, 8010)] }),
      container('db', 3, { expose: 'all' }),
    ],
    nat: {
      source: 'snat',
      forwards: [
        forward(tcp(2222), 'blog', '10.64.0.2', { to: { first: 22, last: 22 }, from: ['198.51.100.0/24'] }),
        forward(udp(8000, 8010), 'db', '10.64.0.3'),
      ],
    },
  })
}

/** The model on a host where every container runs, unless the facts say otherwise. */
export function world(of: Model = model(), more: Partial<HostFacts> = {}): World {
  return {
    model: of,
    facts: {
      upstream: {
        name: of.upstream.interface,
        present: true,
        up: true,
        ipv4: ['203.0.113.2'],
        ipv6: ['2001:db8:1:1::2'],
        publicIpv6: ['2001:db8:1:1::2'],
      },
      containers: new Map(of.containers.map((one) => [one.name, running(one)])),
      foreignAddresses: new Map(),
      proxy: {
        installed: '2.6.12',
        features: ['http', 'https', 'proxyProtocol'],
        oldProcesses: 0,
        running: true,
        user: { uid: 105, gid: 112 },
        health: new Map(),
      },
      firewall: { canPersist: false, canFilterFrames: true },
      ports: [],
      takenNetworks: new Set(),
      ...more,
    },
    places: PLACES,
  }
}

/** A container that runs, with the pair that we made for it. */
function running({ runtime }: Container): ContainerFacts {
  return { state: 'running', ipv4: [], ipv6: [], netns: runtime.name, attachment: { type: 'ours' } }
}
