/** `network.yaml` exactly as the user writes it, once the schema has accepted it (schemas/network.schema.json). */
export interface Config {
  /** For editors only. */
  readonly $schema?: string
  readonly apiVersion: 'slash64/v1'
  readonly kind: 'Network'
  readonly upstream: { readonly interface: string; readonly ipv4?: string }
  readonly prefix: { readonly cidr: string; readonly delivery?: Delivery }
  readonly networks: Readonly<Record<string, NetworkConfig>>
  readonly containers?: Readonly<Record<string, ContainerConfig>>
  readonly nat?: { readonly source?: NatSource; readonly forwards?: readonly ForwardConfig[] }
  readonly routes?: readonly RouteConfig[]
  readonly firewall?: {
    readonly ipv6?: 'deny' | 'allow'
    readonly eastWest?: 'allow' | 'deny'
    readonly antiSpoof?: boolean
    readonly metadata?: 'deny' | 'allow'
    readonly toHost?: 'all' | 'none' | readonly string[]
    readonly limits?: { readonly connections?: number | 'off' }
  }
  readonly policy?: { readonly prune?: 'own' | 'never'; readonly maxDeletes?: number }
  readonly metrics?: { readonly containers?: boolean }
}

export type Delivery = 'on-link' | 'routed' | 'tunnel'
export type NatSource = 'snat' | 'masquerade' | 'none'
export type RuntimeType = 'lxc' | 'incus' | 'podman' | 'docker' | 'nspawn' | 'netns' | 'none'

export interface NetworkConfig {
  readonly ipv6?: string
  readonly ipv4?: string
  readonly mtu?: number
}

export interface ContainerConfig {
  readonly network?: string
  readonly runtime?: RuntimeType | RuntimeConfig
  readonly ipv6?: string
  readonly ipv4?: string
  readonly mac?: string
  readonly expose?: 'all' | readonly string[]
}

export interface RuntimeConfig {
  readonly type: RuntimeType
  readonly name?: string
  readonly interface?: string
  readonly path?: string
}

export interface ForwardConfig {
  readonly listen: string
  readonly to: string
  readonly from?: readonly string[]
}

export interface RouteConfig {
  readonly host: string | readonly string[]
  readonly to: string
  readonly http?: number | 'redirect' | 'off'
  readonly https?: number | 'off'
  readonly proxyProtocol?: 'off' | 'v1' | 'v2'
  readonly ipv6?: 'direct' | 'proxy' | 'off'
}
