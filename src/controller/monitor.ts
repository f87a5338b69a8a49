import type { Argv, Topic } from '../engine/types.ts'
import type { MonitorName, Wish } from './types.ts'

/** One line of a monitor → what to look at. Undefined: nothing of ours can have changed. */
export type ReadLine = (line: string) => Wish | undefined

/** A program that tells of changes as long as it runs, as data. */
export interface Monitor {
  readonly name: MonitorName
  /** The command, where more than one can bear that name. */
  readonly program?: string
  readonly argv: Argv
  /** It keeps lines back unless it is made to write each. */
  readonly lineWise?: true
  /** A reader for each time that it is started: readers have a memory. */
  readonly reader: () => ReadLine
  /** What is looked at when something may have been missed. */
  readonly missed: Wish
  /** What is looked at at once when it ends; else what may have been missed. */
  readonly ended?: Wish
  /** What it costs that it is down, for people. */
  readonly unheard: string
  /** How it is proved that it hears. Without it, only /proc tells of its state, and it counts as up while it lives. */
  readonly proof?: Proof
  readonly polled: Polled
  /** What it hears is of use while that other one is not proved. */
  readonly standIn?: { readonly of: MonitorName; readonly reader: () => ReadLine }
}

/** A netlink socket that it must have, and a change of nothing that it must tell. */
export interface Proof {
  readonly protocol: number
  /** Multicast groups, group 1 as the lowest bit. */
  readonly groups: number
  readonly echo: Echo
}

/** Something that the kernel tells of although nothing is changed by it. */
export interface Echo {
  /** What is read first, to write it as it is. */
  readonly ask?: Argv
  /** The command; undefined: what was read says that nothing would be told. `mark` is another word each time. */
  readonly make: (mark: string, answer: string) => Argv | undefined
  readonly isHeard: (line: string, mark: string) => boolean
}

/** What is looked at without an event, and how often: so many ms, or times the length of such a look if that is longer. */
export interface Polled {
  readonly topics: ReadonlySet<Topic>
  readonly when: 'unproved' | 'always'
  readonly every: number
  readonly times: number
}
