export type Argv = readonly [command: string, ...args: string[]]

/** How a command that reads is asked. */
export interface Asked {
  readonly stdin?: string
  /** Milliseconds, where the usual 30 s are too long. What works on is waited for longer (system/patience.ts). */
  readonly deadline?: number
  /** Bytes that it may print, where somebody else decides how much there is to tell. */
  readonly most?: number
  /** The same is asked of many: a few shells may run all that come at once (system/together.ts). */
  readonly alike?: true
  /** It is asked of one container among many: it goes behind what is asked of the host. */
  readonly inside?: true
  /** Exit codes that are answers, beside 0: what it says on standard error then stands behind what it prints. */
  readonly answers?: readonly number[]
  /**
   * Kernel settings (paths below /proc/sys) of the namespace that `ip -n` enters: their values come first, a line each,
   * empty where there is no such setting.
   */
  readonly settings?: readonly string[]
}

/** One effect as data. The union is closed: exactly one driver handles each tool. */
export type Step = NftStep | IpStep | SysctlStep | ConntrackStep | HaproxyStep

/**
 * A network namespace to enter, as the word behind `ip -n`: a name below /run/netns; or `@PID/INODE`, that of a process as
 * long as it is this very one, so that the number of a process that ended leads nowhere else.
 */
export type Netns = string

/**
 * One line of `ip -batch`, in the host's namespace or in that of a container; or one kernel setting there. What a line
 * names behind `netns` is such a word, too.
 */
export type IpStep =
  | {
      readonly tool: 'ip'
      readonly line: string
      readonly netns?: Netns
      /** The same line of many changes of one kind runs once, after their others. */
      readonly once?: true
    }
  | { readonly tool: 'ip'; readonly netns: Netns; readonly setting: Setting }

/** `name` as a path below /proc/sys: `net/ipv6/conf/eth0.100/proxy_ndp`. */
export interface Setting {
  readonly name: string
  readonly value: string
}

/**
 * One nft statement, or one element of a set or map (`FAMILY TABLE NAME`). All neighbouring ones become one transaction,
 * sorted by `rank` (drivers/nft.ts).
 */
export type NftStep =
  | { readonly tool: 'nft'; readonly rank: NftRank; readonly statement: string }
  | { readonly tool: 'nft'; readonly rank: 'remove' | 'add'; readonly set: string; readonly element: string }
export type NftRank = 'table' | 'flush' | 'delete' | 'declare' | 'rule' | 'drop'

export type SysctlStep = { readonly tool: 'sysctl' } & Setting

/** Ends tracked connections: those of a forward, or those to the outside. */
export type ConntrackStep = ForwardedStep | EgressStep

/**
 * Ends the connections of containers to the outside that are translated otherwise than new ones would be: those that
 * come from `networks`, leave by `interface`, and whose answers go to none of the addresses `to` (`source`: to the
 * container's own). Without that a connection that never pauses keeps the translation that it began with.
 */
export interface EgressStep {
  readonly tool: 'conntrack'
  readonly interface: string
  readonly networks: readonly { readonly bridge: string; readonly cidr: string }[]
  readonly to: readonly string[] | 'source'
}

/**
 * Ends the connections that a removed or retargeted port forward made: protocol, original destination ports, and
 * the backend that answers. With `except`, sources inside these CIDRs live on.
 */
export interface ForwardedStep {
  readonly tool: 'conntrack'
  readonly protocol: 'tcp' | 'udp'
  readonly first: number
  readonly last: number
  /** Backend address; undefined: connections to `destinations` that were never translated (a new forward's stale flows). */
  readonly backend: string | undefined
  readonly except?: readonly string[]
  /** The public addresses, where `backend` does not tell whose connections are meant. */
  readonly destinations?: readonly string[]
}

/**
 * One part of the reverse proxy's configuration and process. All neighbouring ones become one change of its files,
 * followed by one reload, or by commands to the running process where they are enough (drivers/haproxy).
 */
export type HaproxyStep = { readonly tool: 'haproxy' } & (
  | /** The text of `haproxy.cfg`; the process is started, or loads it anew. */
    {
      readonly op: 'load'
      readonly text: string
    } /** One section of `backends.cfg`; without text it goes. `live`: an address that the process can take as it runs. */
  | {
      readonly op: 'backend'
      readonly name: string
      readonly text?: string
      readonly live?: Endpoint
    } /** One line of a map; without `to` it goes. */
  | { readonly op: 'entry'; readonly map: string; readonly host: string; readonly to?: string }
  | { readonly op: 'stop' }
)

/** A TCP endpoint: a numeric address, without brackets, and a port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}
