import type { PassOfMany } from '../app/types.ts'
import type { Aside } from '../engine/beside.ts'
import type { Reading, Since } from '../engine/reading.ts'
import type { Plan, PlannedChange } from '../engine/types.ts'
import { isFirewallAlone } from '../engine/look.ts'
import type { Model } from '../model/types.ts'
import { SystemError } from '../system/errors.ts'
import { notYet } from './backoff.ts'
import type { Bell } from './bell.ts'
import { contended, tooSoon } from './contention.ts'
import { keepAgain } from './desired.ts'
import type { Lane } from './lanes.ts'
import type { Lives } from './lives.ts'
import { hasConverged, hasFailed, newest, resultOf, type Postponed } from './outcome.ts'
import { afterPoll } from './poll-cost.ts'
import { ended, granted, isWaiting, untilNext, wished } from './schedule.ts'
import { converged, note, resumeAt, type ControllerOptions, type State } from './state.ts'
import type { Wish } from './types.ts'
import { viewOf } from './view.ts'

/** One pass, from its beginning. */
interface Begun {
  readonly wish: Wish
  readonly lane: Lane
  /** What is enforced: of the file as it was read last, or, beside a look at that, as it was before. */
  readonly model: Model
  readonly since: Since | undefined
  /** Monotonic ms. */
  readonly at: number
}

/**
 * Makes the pass that is due, and tells what came of it; one that gave way before it did anything is due again. `within`: the
 * lane of the look that it is made beside. Resolves to what it read last.
 */
export async function onePass<Source>(
  state: State<Source>,
  options: ControllerOptions<Source>,
  bell: Bell,
  within?: Lane,
): Promise<Reading | undefined> {
  const { keeper, emit } = options
  const begun = begin(state, keeper.monotonic(), within)
  emit({
    type: 'pass-begun',
    trigger: begun.wish.trigger,
    wish: begun.wish,
    whole: begun.since === undefined,
    ...(within !== undefined && { beside: within }),
  })
  const interrupt = within === undefined ? new AbortController() : state.interrupt
  if (within === undefined) state.interrupt = interrupt
  let postponed: Postponed = { failing: [], contended: [] }
  let { lives } = state
  const postpone = (plan: Plan): ReadonlySet<PlannedChange> => {
    postponed = postponedOf(plan, state, keeper.monotonic())
    return new Set([...postponed.failing, ...postponed.contended])
  }
  const pass = await keeper
    .pass(begun.model, {
      ...(begun.since !== undefined && { since: begun.since }),
      observed: ({ plan, replies, compared }) => {
        emit({ type: 'observed', known: plan.known, plan })
        // What is made beside the rest of this pass is made towards the same.
        if (plan.known) state.known = { model: begun.model, replies, compared }
        // The names of namespaces do not tell their runs apart: what is made now is made in these.
        state.named?.look()
        lives = state.lives
      },
      postponed: postpone,
      stop: options.stop,
      // A look at the firewall is short, and nobody who waits is waited for by it.
      ...(begun.lane !== 'firewall' && {
        interrupt: interrupt?.signal,
        aside: asideOf(state, options, bell, begun.lane),
        guard: asideOf(state, options, bell, 'host'),
      }),
    })
    .catch(interrupted)
  state.working -= 1
  if (within === undefined) state.interrupt = undefined
  if (pass === undefined) {
    state.schedule = wished(state.schedule, begun.wish, keeper.monotonic())
    emit({ type: 'gave-way', trigger: begun.wish.trigger })
    return undefined
  }
  await conclude(state, options, { begun, pass, postponed, lives })
  return pass
}

function begin<Source>(state: State<Source>, at: number, within: Lane | undefined): Begun {
  const { wish, schedule, lane } = granted(state.schedule, at, within)
  const { known } = state
  if (wish.topics?.has('firewall') !== false) state.transactions.look()
  Object.assign(state, { schedule, working: state.working + 1, progressAt: at })
  const since = sinceLast(state, wish, within)
  const model = since !== undefined && known !== undefined ? known.model : state.desired.model
  return { wish, model, since, at, lane: since === undefined ? 'whole' : lane }
}

/** What goes before a look of this lane, and is made beside it. Nothing can be, while nothing is known to build on. */
export function asideOf<Source>(
  state: State<Source>,
  options: ControllerOptions<Source>,
  bell: Bell,
  lane: Lane,
): Aside {
  const wait = (): number =>
    state.known === undefined ? Infinity : untilNext(state.schedule, options.keeper.monotonic(), lane)
  return {
    due: async (over) => {
      over.addEventListener('abort', bell.ring, { once: true })
      for (let left = wait(); left > 0 && !over.aborted; left = wait()) await bell.wait(left)
    },
    serve: async () => (wait() > 0 ? undefined : onePass(state, options, bell, lane)),
  }
}

async function conclude<Source>(
  state: State<Source>,
  options: ControllerOptions<Source>,
  { begun, pass, postponed, lives }: { begun: Begun; pass: PassOfMany; postponed: Postponed; lives: Lives },
): Promise<void> {
  const { keeper, feeds, emit, stop } = options
  const { wish, model } = begun
  const now = keeper.monotonic()
  const result = resultOf(pass, postponed, stop.aborted)
  const whole = begun.since === undefined
  note(state, { pass, wish, model, result, lives }, now)
  state.polls = afterPoll(state.polls, wish, now - begun.at)
  if (whole) await keepAgain(state, keeper)
  const isReached = hasConverged(result) && model === state.desired.model && pass.left.size === 0
  const convergence = isReached ? converged(state, now) : undefined
  const outcome = {
    wish,
    whole,
    useful: pass.applied.length > 0,
    // A condition of the host is over with an event or a look; only what failed is worth another try.
    failed: hasFailed(result) && (pass.failed.length > 0 || !newest(pass).known),
    unfinished: result === 'drifted',
    duration: now - begun.at,
    // What was not tried because the host is unknown is not due before that is known.
    resumeAt: pass.plan.known ? resumeAt(state, postponed) : undefined,
  }
  state.schedule = ended(state.schedule, outcome, now, feeds.chance())
  emit({
    type: 'pass',
    trigger: wish.trigger,
    whole,
    result,
    phases: pass.phases,
    pass,
    reads: pass.reads,
    dueIn: untilNext(state.schedule, now),
    contended: contended(state.contention, now),
    left: { contended: postponed.contended.length, failing: postponed.failing.length },
    problems: viewOf(state, now).problems,
    ...(convergence !== undefined && { convergence }),
    at: keeper.now(),
  })
}

function interrupted(error: unknown): undefined {
  if (!(error instanceof SystemError) || error.code !== 'interrupted') throw error
}

/** Beside another look, and for the firewall, no container is entered that the events do not tell of. */
function sinceLast<Source>(
  { known, schedule }: State<Source>,
  { topics }: Wish,
  within: Lane | undefined,
): Since | undefined {
  if (known === undefined || topics === undefined) return undefined
  const { replies, compared } = known
  const confined = within !== undefined || isFirewallAlone(topics)
  const outdated = isFirewallAlone(topics) && isWaiting(schedule)
  return { replies, compared, topics, ...(confined && { confined }), ...(outdated && { outdated }) }
}

function postponedOf<Source>(plan: Plan, { backoff, contention }: State<Source>, now: number): Postponed {
  const failing = notYet(backoff, plan.changes, now)
  const waiting = new Set(failing)
  const others = plan.changes.filter((change) => !waiting.has(change))
  return { failing, contended: tooSoon(contention, others, now) }
}
