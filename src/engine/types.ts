import type { SystemError } from '../system/errors.ts'

/** One desired or observed object of a kind. `key` is canonical text, never a kernel handle or ifindex. */
export interface Resource<Spec> {
  readonly key: string
  readonly spec: Spec
  /** Resources (see `reference`) without which this one cannot be: when one is blocked, this one is skipped. */
  readonly needs?: readonly string[]
}

/** A foreign object stands where one of ours should be. Never changed: reported, with the ways out. */
export interface Conflict {
  readonly key: string
  /** `S64-F001` unless said. */
  readonly code?: string
  /** What in network.yaml asks for what cannot be. */
  readonly path?: readonly (string | number)[]
  readonly message: string
  readonly hint: string
}

/** What one kind found on the host. Foreign resources are counted, never changed. */
export interface Observed<Spec> {
  readonly owned: readonly Resource<Spec>[]
  readonly foreign: readonly string[]
  readonly conflicts?: readonly Conflict[]
  /** Could not be looked at until another kind's change is made: left alone in this pass, seen by the next look. */
  readonly unseen?: true
  /** Keys that cannot be made, for a reason that is told elsewhere. */
  readonly blocked?: readonly string[]
}

export type Change<Spec> = { readonly key: string } & (
  | { readonly action: 'create'; readonly after: Spec }
  | { readonly action: 'update'; readonly before: Spec; readonly after: Spec }
  | { readonly action: 'delete'; readonly before: Spec }
)

export type Action = Change<unknown>['action']

/**
 * Why a change is there; for people, no code decides by it. `config`: the file changed since the last converged
 * pass; `drift`: the host did; `adopt`: an object was there before we ever applied it; `prune`: it left the file.
 */
export type Cause = 'config' | 'drift' | 'adopt' | 'prune'

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

/** Where an instance keeps its files, as absolute paths: what lasts, and what a reboot may take; and where it works. */
export interface Places {
  readonly stateDir: string
  readonly runDir: string
  /** The network namespace, by the number that `ps -o netns` shows; empty: not known. */
  readonly network: string
}

/**
 * A read that observing needs; probes of one id are run once. Its text is what a reply holds. When a `contained`
 * probe fails, only what it tells about is unknown; when any other fails, nothing is planned at all. That its object is
 * absent is an answer; of a command only if it is `contained` or `mayBeAbsent`.
 */
export type Probe = { readonly id: string; readonly contained?: true; readonly mayBeAbsent?: true } & (
  | { readonly argv: Argv; readonly stdin?: string }
  | { readonly sysctl: string }
  | /** An absolute path, or one below the state directory. */ {
      readonly file: string
    } /** A UNIX socket below the run directory, and what is said to it. */
  | { readonly socket: string; readonly request: string }
)

/** A probe's answer, or why there is none. `not-found` is an answer (an absent table); the rest is "unknown". */
export type Reply = { readonly text: string } | { readonly error: SystemError }
export type Replies = ReadonlyMap<string, Reply>

/**
 * Everything the program knows about one kind. Every function is pure. `Model` is what the file says, `World`
 * the model together with the facts that were observed about the host (engine/observe.ts).
 */
export interface KindDefinition<Model, World, Spec> {
  readonly name: string
  /** When a delete runs: `early` with the creates (it only closes), `late` in reverse order of building. */
  readonly deletes: 'early' | 'late' | 'never'
  readonly probes: (model: Model) => readonly Probe[]
  readonly desired: (world: World) => readonly Resource<Spec>[]
  readonly observe: (replies: Replies, world: World) => Observed<Spec>
  readonly same: (before: Spec, after: Spec) => boolean
  readonly steps: (change: Change<Spec>, world: World) => readonly Step[]
  /** Replaces the generic reason of an update. */
  readonly reason?: (before: Spec, after: Spec) => string
  /**
   * Why a delete only withdraws what is still declared (its container stopped); undefined when it left the file. The
   * guards on pruning do not hold a withdrawal back.
   */
  readonly withdrawal?: (before: Spec, world: World) => string | undefined
}

/** A change with its Spec erased: what people, policy, metrics and apply need. */
export interface PlannedChange {
  readonly kind: string
  readonly key: string
  readonly action: Action
  readonly cause: Cause
  readonly reason: string
  readonly before: unknown
  readonly after: unknown
  readonly needs: readonly string[]
  readonly steps: readonly Step[]
  /** A delete of what is still declared: no guard on pruning holds it back. */
  readonly withdrawn?: true
}

/** Something that keeps the host from being what the file says, for people: what, where, the way out. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** `kind key` of the resource it is about, if it is about one. */
  readonly resource?: string
  /** The place in network.yaml that it is about: `['routes', 2, 'https']`. */
  readonly path?: readonly (string | number)[]
}

/** What `defineKind` returns: Spec is erased, so that the engine can hold a list of kinds. */
export interface Kind<Model, World> {
  readonly name: string
  readonly probes: (model: Model) => readonly Probe[]
  readonly compare: (world: World, replies: Replies, record: AppliedRecord) => KindPlan
  /** Key → digest of each desired resource, for the record of what was applied. */
  readonly digests: (world: World) => Readonly<Record<string, string>>
}

/** What one kind would change. `conflicts` block their resources and all that need them. */
export interface KindPlan {
  /** How many resources are declared. */
  readonly resources: number
  readonly early: readonly PlannedChange[]
  readonly late: readonly PlannedChange[]
  readonly inSync: number
  readonly foreign: number
  readonly conflicts: readonly Problem[]
  /** `kind key` of each blocked resource. */
  readonly blocked: readonly string[]
}

/** For all kinds, in the order of apply. No changes and nothing held back means no drift. */
export interface Plan {
  readonly changes: readonly PlannedChange[]
  readonly heldBack: readonly PlannedChange[]
  readonly problems: readonly Problem[]
  /** False when a read failed: then nothing is planned, because unknown is not empty. */
  readonly known: boolean
  readonly inSync: number
  readonly foreign: number
  /** `kind key` of what cannot be made, because something foreign stands where it, or what it needs, should be. */
  readonly blocked: readonly string[]
  /** How many resources each kind declares. */
  readonly resources: Readonly<Record<string, number>>
}

/** What one pass of the engine did, as far as a report needs it. */
export interface PassReport {
  readonly plan: Plan
  readonly applied: readonly PlannedChange[]
  readonly failed: readonly Problem[]
  /** What was observed after apply; undefined when nothing was applied. */
  readonly remaining: Plan | undefined
  /** Who holds the lock, when the pass was refused because of it. */
  readonly lockedBy?: string
}

/** What the last converged pass wanted: kind → key → digest of the spec. Only for telling causes apart. */
export type AppliedRecord = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The name by which resources refer to each other: `bridge br-ct`. */
export function reference(kind: string, key: string): string {
  return `${kind} ${key}`
}
