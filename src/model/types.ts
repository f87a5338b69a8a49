import type { Delivery, NatSource, RuntimeType } from '../config/types.ts'
import type { PortRange, Protocol } from '../net/port.ts'

/**
 * What the host's network should be, free of any tool's words: every default filled in, every address full,
 * canonical (RFC 5952, dotted quad) and checked, every list sorted by name. Made by `model/normalise.ts`.
 */
export interface Model {
  readonly upstream: { readonly interface: string; readonly ipv4?: string }
  readonly prefix: { readonly cidr: string; readonly delivery: Delivery }
  readonly networks: readonly Network[]
  readonly containers: readonly Container[]
  readonly nat: { readonly source: NatSource; readonly forwards: readonly Forward[] }
  readonly routes: readonly Route[]
  readonly firewall: {
    readonly ipv6: 'deny' | 'allow'
    readonly eastWest: 'allow' | 'deny'
    readonly antiSpoof: boolean
  }
  readonly confine: Confinement
  readonly policy: { readonly prune: 'own' | 'never'; readonly maxDeletes?: number }
  readonly metrics: { readonly containers: boolean }
}

/** What one container may do to the host, and to what is around it. */
export interface Confinement {
  readonly metadata: 'deny' | 'allow'
  /** Ports of the host itself that containers reach. */
  readonly toHost: 'all' | readonly PortRange[]
  /** Tracked connections of one address of a container, each way; 0: any number. */
  readonly connections: number
}

/** One bridge and the slice behind it. The gateway is the host's own address on the bridge. */
export interface Network {
  readonly name: string
  /** Fixed, derived from the name: a bridge's own choice follows its ports (field notes T19). */
  readonly mac: string
  readonly mtu: number
  readonly ipv6?: Subnet
  readonly ipv4?: Subnet
}

export interface Subnet {
  /** Canonical CIDR, host bits zero: `2001:db8:1:1::1:0/112`. */
  readonly cidr: string
  /** First address of the subnet after the network's own: `2001:db8:1:1::1:1`. */
  readonly gateway: string
  readonly length: number
}

export interface Container {
  readonly name: string
  readonly network: string
  readonly runtime: Runtime
  readonly mac: string
  readonly ipv6?: string
  readonly ipv4?: string
  readonly expose: 'all' | readonly PortRange[]
}

export interface Runtime {
  readonly type: RuntimeType
  /** Name in the runtime's own words; the container's name unless the file says otherwise. */
  readonly name: string
  /** Interface inside the container. */
  readonly interface: string
  readonly path?: string
  /** Its first process, told by whoever starts it right now: then the runtime is not asked. Never from the file. */
  readonly process?: number
}

export interface Forward {
  readonly protocol: Protocol
  readonly listen: { readonly first: number; readonly last: number }
  readonly container: string
  /** The container's IPv4. */
  readonly address: string
  readonly to: { readonly first: number; readonly last: number }
  /** Canonical IPv4 CIDRs; empty: everybody. */
  readonly from: readonly string[]
}

export interface Route {
  /** Lower-case ASCII (punycode); `*.example.org` is one label deep. */
  readonly hosts: readonly string[]
  readonly container: string
  readonly http: number | 'redirect' | 'off'
  readonly https: number | 'off'
  readonly proxyProtocol: 'off' | 'v1' | 'v2'
  readonly ipv6: 'direct' | 'proxy' | 'off'
  /** Its place in the file, for problems that are found later. No desired state is made of it. */
  readonly path: readonly ['routes', number]
}
