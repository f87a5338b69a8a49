export type Argv = readonly [command: string, ...args: string[]]

/** One effect as data. The union is closed: exactly one driver handles each tool. */
export type Step = NftStep | IpStep | SysctlStep | ConntrackStep | HaproxyStep

/** One line of `ip -batch`, in the host's namespace or, with `netns`, in a named one. */
export interface IpStep {
  readonly tool: 'ip'
  readonly line: string
  readonly netns?: string
  /** The same line of many changes of one kind runs once, after their others. */
  readonly once?: true
}

/**
 * One nft statement, or one element of a set or map of our table. All neighbouring ones become one transaction,
 * sorted by `rank` (drivers/nft.ts).
 */
export type NftStep =
  | { readonly tool: 'nft'; readonly rank: NftRank; readonly statement: string }
  | { readonly tool: 'nft'; readonly rank: 'remove' | 'add'; readonly set: string; readonly element: string }
export type NftRank = 'table' | 'flush' | 'delete' | 'declare' | 'rule' | 'drop'

/** `name` as a path below /proc/sys: `net/ipv6/conf/eth0.100/proxy_ndp`. */
export interface SysctlStep {
  readonly tool: 'sysctl'
  readonly name: string
  readonly value: string
}

/**
 * Ends the connections that a removed or retargeted port forward made: protocol, original destination ports, and
 * the backend that answers. With `except`, sources inside these CIDRs live on.
 */
export interface ConntrackStep {
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
