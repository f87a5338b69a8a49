import type { Since } from '../engine/reading.ts'
import type { Plan } from '../engine/types.ts'
import { notYet } from './backoff.ts'
import { contended, tooSoon } from './contention.ts'
import { hasConverged, hasFailed, newest, resultOf, type Postponed } from './outcome.ts'
import { ended, granted, wished } from './schedule.ts'
import { converged, note, resumeAt, type ControllerOptions, type State } from './state.ts'
import { SystemError } from '../system/errors.ts'
import type { Wish } from './types.ts'
import { viewOf } from './view.ts'
import { keepAgain } from './desired.ts'

/** Makes the pass that is due, and tells what came of it; one that gave way before it did anything is due again. */
export async function onePass<Source>(
  state: State<Source>,
  options: ControllerOptions<Source>,
): Promise<void> {
  const { keeper, feeds, emit, stop } = options
  const began = keeper.monotonic()
  const { wish, schedule } = granted(state.schedule, began)
  Object.assign(state, { schedule, working: true, progressAt: began })
  emit({ type: 'pass-begun', trigger: wish.trigger })
  const { model } = state.desired
  const since = sinceLast(state, wish)
  let postponed: Postponed = { failing: [], contended: [] }
  const interrupt = new AbortController()
  state.interrupt = interrupt
  const making = keeper.pass(model, {
    ...(since !== undefined && { since }),
    postponed: (plan) => {
      emit({ type: 'observed', known: plan.known })
      postponed = postponedOf(plan, state, keeper.monotonic())
      return new Set([...postponed.failing, ...postponed.contended])
    },
    stop,
    interrupt: interrupt.signal,
  })
  const pass = await making.catch(interrupted)
  state.interrupt = undefined
  if (pass === undefined) {
    state.working = false
    state.schedule = wished(state.schedule, wish, keeper.monotonic())
    return
  }
  const now = keeper.monotonic()
  const result = resultOf(pass, postponed, stop.aborted)
  note(state, { pass, wish, model, result }, now)
  if (since === undefined) await keepAgain(state, keeper)
  const convergence =
    hasConverged(result) && model === state.desired.model ? converged(state, now) : undefined
  const outcome = {
    wish,
    whole: since === undefined,
    useful: pass.applied.length > 0,
    // A condition of the host is over with an event or a look; only what failed is worth another try.
    failed: hasFailed(result) && (pass.failed.length > 0 || !newest(pass).known),
    unfinished: result === 'drifted',
    duration: now - began,
    // What was not tried because the host is unknown is not due before that is known.
    resumeAt: pass.plan.known ? resumeAt(state, postponed) : undefined,
  }
  state.schedule = ended(state.schedule, outcome, now, feeds.chance())
  emit({
    type: 'pass',
    trigger: wish.trigger,
    whole: outcome.whole,
    result,
    phases: pass.phases,
    pass,
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

function sinceLast<Source>({ replies }: State<Source>, { topics }: Wish): Since | undefined {
  return replies === undefined || topics === undefined ? undefined : { replies, topics }
}

function postponedOf<Source>(plan: Plan, { backoff, contention }: State<Source>, now: number): Postponed {
  const failing = notYet(backoff, plan.changes, now)
  const waiting = new Set(failing)
  const others = plan.changes.filter((change) => !waiting.has(change))
  return { failing, contended: tooSoon(contention, others, now) }
}
