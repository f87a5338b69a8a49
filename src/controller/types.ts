import type { Attached, Attachment, PassResult, Reads } from '../app/types.ts'
import type { Phase } from '../engine/reconcile.ts'
import type { Plan, Problem, Topic } from '../engine/types.ts'
import type { Model } from '../model/types.ts'
import type { CommandEvent, LateEvent } from '../system/command-event.ts'

export { TOOLS } from '../system/command-event.ts'
export type { CommandEvent, LateEvent, Tool } from '../system/command-event.ts'

/** What a pass of the controller was made for. A fixed set: it is a label of metrics. */
export const TRIGGERS = [
  'start',
  'interval',
  'file',
  'nft',
  'ip',
  'runtime',
  'signal',
  'retry',
  'monitor',
] as const
export type Trigger = (typeof TRIGGERS)[number]

/**
 * How a pass ended. `drifted`: all that it did worked, and the host changed again meanwhile; the next pass goes on at
 * once. `refused`: a guard holds changes back. `stopped`: we were told to end in the middle.
 */
export const RESULTS = ['noop', 'success', 'drifted', 'error', 'refused', 'rolled_back', 'stopped'] as const
export type Result = (typeof RESULTS)[number]

/** `nft monitor`, the same of tables (and of the kinds of all messages), and `ip monitor`. */
export const MONITORS = ['nft', 'nft-tables', 'ip'] as const
/** Runtimes of which a program tells of starts and ends, followed while a container of theirs is declared. */
export const RUNTIME_MONITORS = ['docker', 'incus', 'lxc', 'podman'] as const
export type RuntimeMonitor = (typeof RUNTIME_MONITORS)[number]
/** A fixed set: it is a label of metrics. */
export type MonitorName = (typeof MONITORS)[number] | RuntimeMonitor

/** A wish for a pass: what for, and what may have changed since the last one. */
export interface Wish {
  readonly trigger: Trigger
  /** Undefined: everything is read again. */
  readonly topics?: ReadonlySet<Topic>
  /** Who made the change, where the kernel tells: `process 123 (nft)`. */
  readonly by?: string
  /** The whole firewall is gone: no other event delays this. */
  readonly urgent?: true
  /** Interfaces that went down or away since the last pass, and took what stood on them along. */
  readonly lost?: ReadonlySet<string>
}

/** What a monitor said, by which a wish came up. */
export interface Heard {
  readonly name: MonitorName
  /** The command, where more than one can bear that name. */
  readonly program?: string
  /** As long as the program made it: who keeps it cuts it, and takes a copy. */
  readonly line: string
  /** It was said on standard error: something may have been missed. */
  readonly complaint?: true
}

/** An object that somebody else changes as often as it is restored. */
export interface Contended {
  /** `kind key`. */
  readonly resource: string
  /** How often it was restored, with less than a minute between. */
  readonly restores: number
  readonly by?: string
}

/** Everything that the controller tells, as data: the log, the metrics and the status page are made of these. */
export type ControllerEvent =
  | { readonly type: 'started'; readonly version: string }
  | WishedEvent
  | PassBegunEvent
  /** The first look of a pass has ended; what has to be changed comes now. */
  | { readonly type: 'observed'; readonly known: boolean; readonly plan: Plan }
  /** A look that is under way is told to give way, if there is one. */
  | { readonly type: 'interrupt'; readonly by: string }
  /** It did, before anything was done: that pass is due again. */
  | { readonly type: 'gave-way'; readonly trigger: Trigger }
  | PassEvent
  | FileEvent
  | MonitorEvent
  | AttachEvent
  /** Containers that start cannot be heard. */
  | { readonly type: 'unheard'; readonly problem: Problem }
  /** They can, after they could not. */
  | { readonly type: 'heard-again' }
  | CommandEvent
  | LateEvent
  | { readonly type: 'stopping'; readonly signal: string }

/** Something may have changed, and waits to be looked at. */
export interface WishedEvent {
  readonly type: 'wished'
  readonly wish: Wish
  /** Left out: no monitor said so. */
  readonly heard?: Heard
  /** Milliseconds until the next pass, now that it is wished for; 0 or less: at once. */
  readonly dueIn: number
}

export interface PassBegunEvent {
  readonly type: 'pass-begun'
  readonly trigger: Trigger
  readonly wish: Wish
  /** Whether everything is read; what the wish names otherwise, and what is known of the rest is taken over. */
  readonly whole: boolean
  /** The lane of the look that is under way, beside which it is made: it ends before that one goes on. */
  readonly beside?: string
}

export interface PassEvent {
  readonly type: 'pass'
  readonly trigger: Trigger
  /** Whether everything was read, or only what an event can have changed. */
  readonly whole: boolean
  readonly result: Result
  readonly phases: Readonly<Partial<Record<Phase, number>>>
  readonly pass: PassResult
  /** What each of its looks has read: the first, and the one after apply. */
  readonly reads: readonly Reads[]
  /** Milliseconds until the next pass, unless somebody asks for one before. */
  readonly dueIn: number
  /** Objects that others change as often as they are put right. */
  readonly contended: readonly Contended[]
  /** Changes of the plan that this pass left alone: others fight for them; they failed a moment ago. */
  readonly left: { readonly contended: number; readonly failing: number }
  /** Everything that is wrong now, as the status lists it: also the file, monitors, failures that wait. */
  readonly problems: readonly Problem[]
  /** Seconds from the moment the file's change was seen to this pass, when it is the first that converged on it. */
  readonly convergence?: number
  readonly at: Date
}

/** The file was read: what it says is used, or the last good one stays in use. */
export type FileEvent = { readonly type: 'file'; readonly name: string; readonly at: Date } & (
  | {
      readonly valid: true
      readonly model: Model
      /** Why it could not be kept for a start without it. */
      readonly unkept?: Problem
    }
  | {
      readonly valid: false
      /** Every fault, as `validate` shows them, without colour. */
      readonly text: string
      readonly problem: Problem
      /** What is enforced meanwhile. */
      readonly inUse: 'last-good' | 'last-good-from-disk'
    }
)

export interface MonitorEvent {
  readonly type: 'monitor'
  readonly name: MonitorName
  /** The command, where more than one can bear that name: LXC has one for each LXCPATH. */
  readonly program?: string
  readonly up: boolean
  /** It was ended, because the file asks for it no more. */
  readonly unwanted?: true
  /** Why it is down. */
  readonly problem?: Problem
  /** Why nothing could be made for it to hear: only /proc tells that it is up. */
  readonly unheard?: string
  /** It ended, or came back, as it does again and again: that was told before, and is only counted. */
  readonly routine?: true
}

/** Somebody who starts a container, and waits. */
export interface Waiting {
  readonly attachment: Attachment
  readonly answer: (attached: Attached) => void
}

/** A container asked for its network as it started, and was answered. */
export interface AttachEvent extends Attached {
  readonly type: 'attach'
  readonly container: string
  readonly seconds: number
}

/** Looks at containers whose named namespace is made, made anew, or goes. */
export interface NamedNetworks {
  /** Watches those that the file names now. */
  follow(): void
  /** Tells at once of what became of them until now. */
  look(): void
  stop(): void
}
