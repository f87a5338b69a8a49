import { attachNext, refuseWaiting } from './attach.ts'
import { NO_BACKOFF } from './backoff.ts'
import { createBell, type Bell } from './bell.ts'
import { hearRequests } from './control.ts'
import { fileEvent, type Desired } from './desired.ts'
import { KERNEL_MONITORS } from './kernel-monitors.ts'
import { startMonitors } from './monitors.ts'
import { watchNamed } from './named-networks.ts'
import { onePass } from './one-pass.ts'
import { pollCost } from './poll-cost.ts'
import { runtimeMonitors } from './runtime-monitors.ts'
import { untilNext, wished } from './schedule.ts'
import { firstState, type ControllerOptions, type State } from './state.ts'
import type { Heard, MonitorEvent, Wish } from './types.ts'
import { viewOf, type View } from './view.ts'
import { watchFile, type FileWatch } from './watch-desired.ts'

export interface Controller<Source> {
  /** Works until `stop` is aborted; rejects only by a defect. */
  run(): Promise<void>
  /** Makes a pass at once, tries again what failed, and reads the file again. */
  hangUp(): void
  /** Looks at the firewall once more: its table has lost its owner, of which no monitor tells. */
  lookAgain(): void
  /** A step was made: a program ended. */
  progressed(): void
  view(): View<Source>
}

/** Keeps a host what the file says; `desired` is what was read first. Knows no kind, and no tool but what it follows. */
export function createController<Source>(
  desired: Desired<Source>,
  options: ControllerOptions<Source>,
): Controller<Source> {
  const { keeper, feeds, emit, stop } = options
  const bell = createBell(feeds)
  const state = firstState(desired, options)
  let watch: FileWatch | undefined
  const wish = (wanted: Wish, heard?: Heard): void => {
    const now = keeper.monotonic()
    state.schedule = wished(state.schedule, wanted, now)
    bell.ring()
    const dueIn = untilNext(state.schedule, now)
    emit({ type: 'wished', wish: wanted, ...(heard !== undefined && { heard }), dueIn })
  }
  const hear = (event: MonitorEvent): void => {
    const name = event.program ?? event.name
    if (event.up || event.unwanted) state.monitors.delete(name)
    else if (event.problem !== undefined) state.monitors.set(name, event.problem)
    state.version += 1
    emit(event)
  }
  return {
    run: async () => {
      emit(fileEvent(desired, options.file, keeper.now()))
      stop.addEventListener('abort', bell.ring)
      const monitors = startMonitors({
        feeds,
        monotonic: keeper.monotonic,
        wish,
        emit: hear,
        transactions: state.transactions,
        pollCost: (topics) => pollCost(state.polls, topics),
      })
      const named = watchNamed(state, feeds, wish)
      state.named = named
      const follow = (): void => {
        monitors.follow([...KERNEL_MONITORS, ...runtimeMonitors(state.desired.model)])
        named.follow()
      }
      follow()
      watch = watchFile(state, options, (wanted) => {
        follow()
        wish(wanted)
      })
      const hearing = hearRequests(state, options, bell.ring)
      try {
        await work(state, bell, options)
      } finally {
        monitors.stop()
        named.stop()
        refuseWaiting(state)
        await Promise.all([watch.close(), hearing.close()])
      }
    },
    hangUp: () => {
      state.backoff = NO_BACKOFF
      watch?.look()
      wish({ trigger: 'signal' })
    },
    lookAgain: () => wish({ trigger: 'monitor', topics: new Set(['firewall']) }),
    progressed: () => {
      state.progressAt = keeper.monotonic()
    },
    view: () => viewOf(state, keeper.monotonic()),
  }
}

async function work<Source>(
  state: State<Source>,
  bell: Bell,
  options: ControllerOptions<Source>,
): Promise<void> {
  const { keeper, stop } = options
  while (!stop.aborted) {
    if (state.waiting.length > 0) {
      await attachNext(state, options, bell)
      continue
    }
    const wait = untilNext(state.schedule, keeper.monotonic())
    if (wait > 0) await bell.wait(wait)
    else await onePass(state, options, bell)
  }
}
