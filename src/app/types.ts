import type { SystemError } from '../system/errors.ts'
import type { CommandEvent, LateEvent } from '../system/command-event.ts'
import type { Traffic } from './traffic.ts'
import type { HostFacts } from '../model/world.ts'
import type { Model } from '../model/types.ts'
import type { Aside } from '../engine/beside.ts'
import type { Observation, ObserveOptions } from '../engine/look.ts'
import type { Permission } from '../facts/catalogue.ts'
import type { Known, Phase } from '../engine/reconcile.ts'
import type { PassReport, Plan, PlannedChange, Problem } from '../engine/types.ts'

export type { Permission }

/** What the commands need of the engine; `app/index.ts` makes the real one. */
export interface App {
  /** Observes and compares; cannot change the host, by construction. `allow`: what guards are not to refuse. */
  plan(model: Model, allow?: ReadonlySet<Permission>): Promise<PassResult>
  /** One pass: observe, plan, apply, observe again. */
  reconcile(model: Model, stop?: AbortSignal, allow?: ReadonlySet<Permission>): Promise<PassResult>
  /** Connects one container, and reads and changes no other; rejects with `busy` and who holds the lock. */
  attach(model: Model, attachment: Attachment): Promise<Attached>
  /** Asks whoever listens on a socket in the run directory; rejects with `not-found` when nobody does. */
  ask(socket: string, request: string): Promise<string>
  /** Waits so many milliseconds. */
  pause(milliseconds: number): Promise<void>
  /** Milliseconds that no change of the clock moves. */
  monotonic(): number
  /**
   * Removes what is ours and restores what was found first. With a model, also what is on the own interfaces of its
   * containers.
   */
  teardown(model?: Model): Promise<PassResult>
  /** What `teardown` would do; cannot change the host. */
  planTeardown(model?: Model): Promise<PassResult>
  /**
   * The reverse proxy's configuration as text: where it listens, and its files by name. Looks at no host; undefined
   * when no route wants a proxy.
   */
  render(model: Model): ProxyDocument | undefined
  /** The time of day. */
  now(): Date
  /** Rejects with `SystemError`. */
  readFile(path: string): Promise<string>
  /** Replaces the file atomically; rejects with `SystemError`. */
  writeFile(path: string, content: string): Promise<void>
  /** Makes systemd read its units again; false where it is not the init system. Rejects with `SystemError`. */
  reloadUnits(): Promise<boolean>
}

export interface AppOptions {
  readonly stateDir: string
  readonly runDir: string
  /** Where programs are looked up; undefined: the usual places. */
  readonly path: string | undefined
  /** What another instance is told about this one, when it finds the lock held. */
  readonly self: string
  /** Milliseconds for which the lock is waited for; not at all unless told. */
  readonly lockTimeout?: number
}

export type CreateApp = (options: AppOptions) => App

/** What the controller needs of the engine: many passes under one lock. */
export interface Keeper {
  /** Takes the lock of this network namespace; rejects with `busy` and who has it. `stop` ends the wait. */
  lock(stop?: AbortSignal): Promise<{ release(): Promise<void> }>
  /** One pass, under the lock that the caller holds. */
  pass(model: Model, request: PassRequest): Promise<PassOfMany>
  /**
   * Connects one container, and reads and changes no other; under the lock that the caller holds. `guard` goes before its
   * looks, and its effects inside.
   */
  attach(model: Model, attachment: Attachment, guard?: Aside): Promise<Attached>
  /** Where the controller is spoken to: a path in the run directory. */
  readonly controlSocket: string
  /** The text of the last file that was right; undefined when none was kept. */
  readLastGood(): Promise<string | undefined>
  /** Keeps it for a start without a file that is right; resolves to why it could not be kept. */
  keepLastGood(text: string): Promise<SystemError | undefined>
  /** What each container got and sent; rejects with `SystemError`. */
  traffic(model: Model): Promise<ReadonlyMap<string, Traffic>>
  /** Rejects with `SystemError`. */
  readFile(path: string): Promise<string>
  /** The time of day. */
  now(): Date
  /** Milliseconds that no change of the clock moves. */
  monotonic(): number
  /** Lets go of the firewall's table, which stays as it is. */
  close(): Promise<void>
}

export interface KeeperOptions extends AppOptions {
  /** Is told of every program that was run, and of those that were late. */
  readonly told: (event: CommandEvent | LateEvent) => void
  /** Is called when the firewall's table has lost its owner, of which no event of the kernel tells. */
  readonly lost: () => void
  /** A service manager ends all that we started with us. */
  readonly managed: boolean
}

export type CreateKeeper = (options: KeeperOptions) => Keeper

/** What one pass is to read, what goes before its looks, and what it leaves for later. Rejects with `interrupted`. */
export interface PassRequest extends Pick<ObserveOptions, 'since' | 'aside' | 'interrupt'> {
  /** Is told what is known before anything is made by it. */
  readonly observed?: (seen: Known) => void
  readonly postponed?: (plan: Plan) => ReadonlySet<PlannedChange>
  readonly stop?: AbortSignal
  /** What guards are not to refuse in this pass. */
  readonly allow?: ReadonlySet<Permission>
  /** What goes before effects that are none of the firewall's, and touches nothing but that. */
  readonly guard?: Aside
}

/** Who is to have its network now. */
export interface Attachment {
  /** By its name in network.yaml. */
  readonly container: string
  /** Its first process; undefined: the runtime is asked. */
  readonly process?: number
}

/** What came of it. */
export interface Attached {
  readonly ok: boolean
  /** How many changes were made. */
  readonly applied: number
  /** Why it has no network, or not all of it. */
  readonly problems: readonly Problem[]
}

/** A pass, and what the next one may build on. */
export interface PassOfMany
  extends PassResult, Pick<Observation<unknown>, 'replies' | 'fresh' | 'compared' | 'left'> {
  /** The first look, and the one after apply where there was one. */
  readonly reads: readonly Reads[]
  readonly phases: Readonly<Partial<Record<Phase, number>>>
}

/** What one look has read. */
export interface Reads {
  /** The reads that were made, by the ids of their probes; the rest is taken over from the pass before. */
  readonly made: ReadonlySet<string>
  /** How many replies the look rests on. */
  readonly known: number
}

/** What one pass found and did, and the facts about the host that it rests on. */
export interface PassResult extends PassReport {
  readonly facts: HostFacts
}

/** The reverse proxy's configuration, as text. */
export interface ProxyDocument {
  /** `203.0.113.2:80`, `[2001:db8::2]:443`. */
  readonly listeners: readonly string[]
  readonly files: Readonly<Record<string, string>>
}
