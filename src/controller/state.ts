import type { Keeper, PassOfMany } from '../app/types.ts'
import type { Compared } from '../engine/plan.ts'
import type { Problem, Replies } from '../engine/types.ts'
import type { Model } from '../model/types.ts'
import type { Feeds } from '../system/feeds.ts'
import { afterTries, NO_BACKOFF, type Backoff } from './backoff.ts'
import { afterRestores, NO_CONTENTION, nextAllowed, type Contention } from './contention.ts'
import type { Desired, DesiredOptions } from './desired.ts'
import { afterLook, lifeIn, livesThen, NO_LIVES, type Lives } from './lives.ts'
import { newest, type Postponed } from './outcome.ts'
import { NO_POLLS, type Polls } from './poll-cost.ts'
import { firstSchedule, type Schedule } from './schedule.ts'
import { countTransactions, type Transactions } from './transactions.ts'
import type { ControllerEvent, NamedNetworks, Result, Waiting, Wish } from './types.ts'

export interface ControllerOptions<Source> extends DesiredOptions<Source> {
  readonly keeper: Keeper
  readonly feeds: Feeds
  /** Milliseconds between two passes that read everything. */
  readonly interval: number
  /** Is told everything, in order. */
  readonly emit: (event: ControllerEvent) => void
  /** What was told lately, as a document for who asks for it. */
  readonly recorded: () => object
}

/** What the last pass knew of the host, for one that reads less; of the file that it was made for. */
export interface Known {
  readonly model: Model
  readonly replies: Replies
  readonly compared: Compared
}

/** All that changes while it runs. Times are monotonic milliseconds. */
export interface State<Source> {
  desired: Desired<Source>
  schedule: Schedule
  backoff: Backoff
  contention: Contention
  lives: Lives
  readonly transactions: Transactions
  /** Undefined: nothing is watched yet. */
  named: NamedNetworks | undefined
  /** Undefined: read everything. */
  known: Known | undefined
  pass: PassOfMany | undefined
  failures: readonly Problem[]
  /** Those that are down, by name or command. */
  monitors: Map<string, Problem>
  /** Looks that were made for monitors that hear nothing. */
  polls: Polls
  /** Those who start containers and wait for their network; the first is served first. */
  readonly waiting: Waiting[]
  /** Ends the looks that are under way; those of the firewall are short, and go on. */
  interrupt: AbortController | undefined
  /** Since when a change of the file waits to be reached. */
  changedAt: number | undefined
  version: number
  progressAt: number
  /** How many passes are under way, one within the look of another. */
  working: number
}

export function firstState<Source>(
  desired: Desired<Source>,
  { keeper, interval }: ControllerOptions<Source>,
): State<Source> {
  const now = keeper.monotonic()
  return {
    desired,
    schedule: firstSchedule(interval, now),
    backoff: NO_BACKOFF,
    contention: NO_CONTENTION,
    lives: NO_LIVES,
    transactions: countTransactions(),
    named: undefined,
    known: undefined,
    pass: undefined,
    failures: [],
    monitors: new Map(),
    polls: NO_POLLS,
    waiting: [],
    interrupt: undefined,
    changedAt: undefined,
    version: 0,
    progressAt: now,
    working: 0,
  }
}

/** What the next pass and the reports must know of this one. */
export function note<Source>(
  state: State<Source>,
  done: {
    readonly pass: PassOfMany
    readonly wish: Wish
    readonly model: Model
    readonly result: Result
    /** The runs of containers when it began to apply. */
    readonly lives: Lives
  },
  now: number,
): void {
  const { pass, wish, model, result, lives } = done
  state.pass = pass
  // A guard holds it back: when it is let through is no measure of ours.
  if (result === 'refused') state.changedAt = undefined
  state.progressAt = now
  state.version += 1
  const { replies, compared } = pass
  // What events tell of and cannot be read says nothing of the rest.
  if (newest(pass).known) state.known = { model, replies, compared }
  else if (wish.topics === undefined) state.known = undefined
  const tries = { planned: pass.plan.changes, failed: pass.failedChanges ?? [] }
  if (pass.plan.known) state.backoff = afterTries(state.backoff, tries, now)
  const restores = { planned: pass.plan.changes, applied: pass.applied }
  const { containers } = pass.facts
  state.lives = afterLook(state.lives, containers)
  const lifeOf = lifeIn(livesThen(state.lives, lives, model), model, containers)
  state.contention = afterRestores(state.contention, restores, wish, now, lifeOf)
  state.failures = [...pass.failed, ...stillFailing(state, pass.failed)]
}

/** Failures of before whose changes wait to be tried again; what is told of no resource, or many, stays until others fail. */
function stillFailing<Source>(
  { failures, backoff }: State<Source>,
  failed: readonly Problem[],
): readonly Problem[] {
  const told = new Set(failed.map(({ resource }) => resource))
  return failures.filter(({ resource }) => {
    if (resource === undefined) return failed.length === 0 && backoff.size > 0
    return backoff.has(resource) && !told.has(resource)
  })
}

/** When something that was left for later is due. */
export function resumeAt<Source>(
  { backoff, contention }: State<Source>,
  { contended: fought }: Postponed,
): number | undefined {
  const times = [...backoff.values()].map(({ at }) => at)
  const next = Math.min(...times, nextAllowed(contention, fought) ?? Infinity)
  return Number.isFinite(next) ? next : undefined
}

/** Seconds since the file's change was seen, of the first pass that reached it. */
export function converged<Source>(state: State<Source>, now: number): number | undefined {
  const { changedAt } = state
  state.changedAt = undefined
  return changedAt === undefined ? undefined : (now - changedAt) / 1000
}
