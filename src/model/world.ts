import type { Model } from './types.ts'

/** What desired state is made of: what the file says, and the facts about this host that it leaves open. */
export interface World {
  readonly model: Model
  readonly facts: HostFacts
}

/** Facts observed in this very pass, never remembered. */
export interface HostFacts {
  readonly upstream: UpstreamFacts
  readonly containers: ReadonlyMap<string, ContainerFacts>
  /** Addresses that stand on links which are not ours: address → interface. */
  readonly foreignAddresses: ReadonlyMap<string, string>
  /** Networks whose bridge cannot be ours, because an interface of that name is somebody else's. */
  readonly takenNetworks: ReadonlySet<string>
}

export interface UpstreamFacts {
  readonly name: string
  /** Undefined: the host could not be read, so neither this nor `up` is known. */
  readonly present: boolean | undefined
  readonly up: boolean | undefined
  /** Global addresses, canonical, without length. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

export interface ContainerFacts {
  /** `managed`: somebody else configures the inside (runtime `none`), so nothing was looked at. */
  readonly state: 'running' | 'absent' | 'unknown' | 'managed'
  /** Addresses of the container's interface, canonical, without length; empty when nothing was looked at. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
  readonly interface?: string
  readonly mac?: string
}

/** The world that `teardown` wants: nothing of ours. */
export const EMPTY_MODEL: Model = {
  upstream: { interface: '' },
  prefix: { cidr: '::/0', delivery: 'routed' },
  networks: [],
  containers: [],
  nat: { source: 'none', forwards: [] },
  routes: [],
  firewall: { ipv6: 'deny', eastWest: 'allow', antiSpoof: false },
  policy: { prune: 'own' },
}
