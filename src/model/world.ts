import type { Model } from './types.ts'

/** What desired state is made of: what the file says, and the facts about this host that it leaves open. */
export interface World {
  readonly model: Model
  readonly facts: HostFacts
  readonly places: Places
}

/** Where this instance keeps its files: absolute paths. The reverse proxy's are in the folder `proxy` of each. */
export interface Places {
  readonly stateDir: string
  readonly runDir: string
  /** The network namespace, by the number that `ps -o netns` shows; empty: not known. */
  readonly network: string
  /** This process lives on, so that the firewall's table can be its own as long. */
  readonly holdsFirewall?: true
}

/** Facts observed in this very pass, never remembered. */
export interface HostFacts {
  readonly upstream: UpstreamFacts
  readonly containers: ReadonlyMap<string, ContainerFacts>
  /** Addresses that stand on links which are not ours: address → interface. */
  readonly foreignAddresses: ReadonlyMap<string, string>
  readonly proxy: ProxyFacts
  readonly firewall: FirewallFacts
  /** Everything that is plugged into a bridge of the file. */
  readonly ports: readonly BridgePort[]
  /** Networks whose bridge cannot be ours, because an interface of that name is somebody else's. */
  readonly takenNetworks: ReadonlySet<string>
}

export interface FirewallFacts {
  /** Whether kernel and nft can give our table an owner, and keep it when the owner ends. */
  readonly canPersist: boolean
  /** Whether the kernel can look at what ports of a bridge send to each other. */
  readonly canFilterFrames: boolean
}

/** An interface that is a port of one of our bridges, whoever made it so. */
export interface BridgePort {
  readonly name: string
  readonly bridge: string
  /** It is of a pair that we made: for a container of the file, or for one that left it. */
  readonly ours: boolean
}

export interface UpstreamFacts {
  readonly name: string
  /** Undefined: the host could not be read, so neither this nor `up` is known. */
  readonly present: boolean | undefined
  readonly up: boolean | undefined
  /** Global addresses, canonical, without length; of IPv4 first the one that the host itself sends from. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
  /** Those of them that can be listened on and published: neither tentative, deprecated nor temporary, nor local. */
  readonly publicIpv6: readonly string[]
  /** What accept_ra must be, so that the host goes on accepting router advertisements while it forwards; left out: it is left alone. */
  readonly acceptRa?: '2'
}

export interface ContainerFacts {
  /** `managed`: somebody else configures the inside (runtime `none`), so nothing was looked at. */
  readonly state: 'running' | 'absent' | 'unknown' | 'managed'
  /** Addresses of the container's interface, canonical, without length; empty when nothing was looked at. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
  readonly interface?: string
  readonly mac?: string
  /** The word by which its network is entered; undefined where it does not run. */
  readonly netns?: string
  /** Its own interface; undefined where nothing was looked at. */
  readonly attachment?: Attachment
}

/**
 * What a container's own interface is. `none`: there is none yet; `ours`: an end of the pair that we made; `port`: of one
 * that the runtime made, whose host's end is a port of the container's bridge, or of none; `elsewhere`: in the way, in words.
 */
export type Attachment =
  | { readonly type: 'none' | 'ours' }
  | { readonly type: 'port'; readonly port: string }
  | { readonly type: 'elsewhere'; readonly what: string }

/** The reverse proxy, as it was found. */
export interface ProxyFacts {
  /** The version that is installed: `2.6.12`. Undefined: none is, it could not be read, or no route asks for it. */
  readonly installed: string | undefined
  /** The settings of a route that this version can serve: `http`, `https`, `proxyProtocol`. */
  readonly features: readonly string[]
  /** Processes of earlier configurations, which finish the connections that they have. */
  readonly oldProcesses: number
  /** Whether ours answers on its own socket. Undefined: could not be read. */
  readonly running: boolean | undefined
  /** The unprivileged user that it can run as; undefined: none here. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined
  /** Backend's name → what its last check found; `unknown` until there was one. */
  readonly health: ReadonlyMap<string, BackendHealth>
}

export type BackendHealth = 'up' | 'down' | 'unknown'

/** The world that `teardown` wants: nothing of ours. */
export const EMPTY_MODEL: Model = {
  upstream: { interface: '' },
  prefix: { cidr: '::/0', delivery: 'routed' },
  networks: [],
  containers: [],
  nat: { source: 'none', forwards: [] },
  routes: [],
  firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: false },
  confine: { metadata: 'allow', toHost: 'all', connections: 0 },
  policy: { prune: 'own' },
  metrics: { containers: false },
}
