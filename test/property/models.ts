import fc from 'fast-check'
import type { Container, Forward, Model, Network } from '../../src/model/types.ts'
import { routes } from './routes.ts'
import type { PortRange } from '../../src/net/port.ts'

/** Ranges that cannot meet: each index has a hundred ports of its own. */
function ranges(protocol: 'tcp' | 'udp'): fc.Arbitrary<readonly PortRange[]> {
  const range = (index: number) =>
    fc.record({ offset: fc.nat(40), width: fc.constantFrom(0, 0, 1, 30) }).map(({ offset, width }) => {
      const first = 1 + index * 100 + offset
      return { protocol, first, last: first + width }
    })
  return fc.uniqueArray(fc.nat(20), { maxLength: 3 }).chain((indexes) => fc.tuple(...indexes.map(range)))
}

const EXPOSE: fc.Arbitrary<Container['expose']> = fc.oneof(
  fc.constant('all' as const),
  fc.tuple(ranges('tcp'), ranges('udp')).map(([tcp, udp]) => [...tcp, ...udp]),
)

const FAMILIES = fc.constantFrom('both', 'both', 'both', 'ipv4', 'ipv6')

function network(index: number): fc.Arbitrary<Network> {
  return fc.record({ families: FAMILIES, mtu: fc.constantFrom(1500, 1400) }).map(({ families, mtu }) => ({
    name: `br${index}`,
    mac: `02:11:22:33:44:0${index}`,
    mtu,
    ...(families === 'ipv4'
      ? {}
      : { ipv6: { cidr: `${slice(index)}:0/112`, gateway: `${slice(index)}:1`, length: 112 } }),
    ...(families === 'ipv6'
      ? {}
      : { ipv4: { cidr: `10.64.${index}.0/24`, gateway: `10.64.${index}.1`, length: 24 } }),
  }))
}

function slice(index: number): string {
  return `2001:db8:1:1::${index}`
}

function container(index: number, networks: readonly Network[]): fc.Arbitrary<Container> {
  return fc
    .record({
      at: fc.nat(networks.length - 1),
      families: FAMILIES,
      expose: EXPOSE,
      type: fc.constantFrom('netns' as const, 'netns' as const, 'none' as const),
    })
    .map(({ at, families, expose, type }) => {
      const home = networks[at]
      const number = index + 2
      return {
        name: `c${index}`,
        network: home?.name ?? '',
        runtime: { type, name: `c${index}`, interface: 'eth0' },
        mac: `02:aa:00:00:00:0${index}`,
        ...(home?.ipv6 && families !== 'ipv4' ? { ipv6: `${slice(at + 1)}:${number}` } : {}),
        ...(home?.ipv4 && families !== 'ipv6' ? { ipv4: `10.64.${at + 1}.${number}` } : {}),
        expose,
      }
    })
}

const FROM = fc.subarray(['198.51.100.0/24', '192.0.2.7', '192.0.2.64/26'])

function forwards(containers: readonly Container[]): fc.Arbitrary<readonly Forward[]> {
  const backends = containers.flatMap(({ name, ipv4 }) =>
    ipv4 === undefined ? [] : [{ name, address: ipv4 }],
  )
  if (backends.length === 0) return fc.constant([])
  return fc.tuple(ranges('tcp'), ranges('udp')).chain(([tcp, udp]) => {
    const made = [...tcp, ...udp].map((range) => forward(range, backends))
    return fc.tuple(...made)
  })
}

function forward(
  { protocol, first, last }: PortRange,
  backends: readonly { name: string; address: string }[],
): fc.Arbitrary<Forward> {
  return fc
    .record({ backend: fc.constantFrom(...backends), shift: fc.constantFrom(0, 0, 7), from: FROM })
    .map(({ backend, shift, from }) => ({
      protocol,
      listen: { first, last },
      container: backend.name,
      address: backend.address,
      to: { first: first + shift, last: last + shift },
      from,
    }))
}

const SETTINGS = fc.record({
  delivery: fc.constantFrom('on-link' as const, 'on-link' as const, 'routed' as const, 'tunnel' as const),
  source: fc.constantFrom('snat' as const, 'masquerade' as const, 'none' as const),
  ipv6: fc.constantFrom('deny' as const, 'allow' as const),
  eastWest: fc.constantFrom('allow' as const, 'deny' as const),
  antiSpoof: fc.boolean(),
  counted: fc.boolean(),
  confine: fc.record({
    metadata: fc.constantFrom('deny' as const, 'allow' as const),
    toHost: fc.constantFrom('all' as const, [], [{ protocol: 'udp' as const, first: 53, last: 53 }]),
    connections: fc.constantFrom(0, 64, 16_384),
  }),
})

/** Valid models of one or two networks and up to four containers, as `model/normalise.ts` would make them. */
export const MODELS: fc.Arbitrary<Model> = fc
  .integer({ min: 1, max: 2 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => network(index + 1))))
  .chain((networks) =>
    fc.integer({ min: 0, max: 4 }).chain((count) =>
      fc.record({
        networks: fc.constant(networks),
        containers: fc.tuple(...Array.from({ length: count }, (_, index) => container(index, networks))),
      }),
    ),
  )
  .chain(({ networks, containers }) =>
    fc
      .record({
        forwards: forwards(containers),
        served: fc.oneof(fc.constant([]), routes(containers)),
        settings: SETTINGS,
      })
      .map(({ forwards: made, served, settings }) => ({
        upstream: { interface: 'eth0', ipv4: '203.0.113.2' },
        prefix: { cidr: '2001:db8:1:1::/64', delivery: settings.delivery },
        networks,
        containers,
        nat: { source: settings.source, forwards: made },
        routes: served,
        firewall: { ipv6: settings.ipv6, eastWest: settings.eastWest, antiSpoof: settings.antiSpoof },
        confine: settings.confine,
        policy: { prune: 'own' as const },
        metrics: { containers: settings.counted },
      })),
  )
