import type { SystemError } from '../system/errors.ts'
import type { Argv, Asked, Step } from './steps.ts'

export type {
  Argv,
  Asked,
  ConntrackStep,
  EgressStep,
  Endpoint,
  ForwardedStep,
  HaproxyStep,
  IpStep,
  Netns,
  NftRank,
  NftStep,
  Setting,
  Step,
  SysctlStep,
} from './steps.ts'

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

/** Where an instance keeps its files, as absolute paths: what lasts, and what a reboot may take; and where it works. */
export interface Places {
  readonly stateDir: string
  readonly runDir: string
  /** The network namespace, by the number that `ps -o netns` shows; empty: not known. */
  readonly network: string
  /** This process lives on, so that the firewall's table can be its own as long. */
  readonly holdsFirewall?: true
}

/**
 * What an event tells to have changed: our firewall, a link or address (of any, of one by name), a route, a setting; of a
 * container, in the words of its runtime (`container lxc blog`), whether it runs.
 */
export type Topic = 'firewall' | 'link' | `link ${string}` | 'route' | 'setting' | `container ${string}`

/**
 * A read that observing needs; probes of one id are run once. Its text is what a reply holds. When a `contained`
 * probe fails, only what it tells about is unknown; when any other fails, nothing is planned at all. That its object is
 * absent is an answer; of a command only if it is `contained` or `mayBeAbsent`. `topics`: the events after which it is
 * read again; nothing that happens tells of what has none, so it is read by every whole pass.
 */
export type Probe = {
  readonly id: string
  readonly contained?: true
  readonly mayBeAbsent?: true
  /** It asks whether something can be done; whatever it fails with means no, and is told to nobody. */
  readonly mayFail?: true
  readonly topics?: readonly Topic[]
  /** The one container that it tells of; left out: it tells of the host, or of several. */
  readonly container?: string
} & (
  | ({ readonly argv: Argv } & Asked)
  | { readonly sysctl: string }
  | /** An absolute path, or one below the state directory. */ {
      readonly file: string
    }
  | /** A symbolic link: where it points to. */ {
      readonly link: string
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
  /** What is wrong with it may leave something open: it is put right without any wait. */
  readonly protects?: true
  /** It only goes along with other resources: where deletions are counted, it is not. */
  readonly accompanies?: true
  /** What it wants rests on what the host is like now: which containers run, what its ports and addresses are. */
  readonly followsHost?: true
  /** The container that a resource is of: its change rests on what was read of the host and of that one, and of no other. */
  readonly container?: (resource: Pick<Resource<Spec>, 'key' | 'spec'>) => string
  /** What is to be read may depend on what was read: asked again until it asks for nothing new. */
  readonly probes: (model: Model, known: Replies) => readonly Probe[]
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
  /** What is wrong with it may leave something open. */
  readonly protects?: true
  /** It is not counted among deletions. */
  readonly accompanies?: true
  /** It rests on what was read of the host and of this container, and of no other. */
  readonly container?: string
  /** It rests on what the host is like, and takes something away or replaces it. */
  readonly followsHost?: true
}

/** Something that keeps the host from being what the file says, for people: what, where, the way out. */
export interface Problem {
  readonly code: string
  /** It is to be told, and is no fault. */
  readonly severity?: 'warning'
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
  readonly probes: (model: Model, known: Replies) => readonly Probe[]
  /** `again`: this world comes more than once, so that what is wanted in it is kept. */
  readonly compare: (world: World, replies: Replies, record: AppliedRecord, again?: boolean) => KindPlan
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
  /** What is to be told of the host, and is no fault. */
  readonly warnings?: readonly Problem[]
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
  /** What is to be told, and is no failure. */
  readonly warnings?: readonly Problem[]
  /** What was tried in vain, or skipped because of it; left out where nothing was tried. */
  readonly failedChanges?: readonly PlannedChange[]
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
