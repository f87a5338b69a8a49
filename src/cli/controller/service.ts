import type { Controller } from '../../controller/controller.ts'
import type { ControllerEvent } from '../../controller/types.ts'
import type { Problem } from '../../engine/types.ts'
import type { Source } from '../../report/background.ts'
import type { Feeds } from '../../system/feeds.ts'
import { health, statusOf } from './pages.ts'

export interface ServiceOptions {
  readonly feeds: Feeds
  /** Tells the service manager, in the words of systemd-notify(1). */
  readonly notify: (words: readonly string[]) => Promise<void>
  /** WATCHDOG_USEC, as the service manager gave it. */
  readonly watchdog: string | undefined
  readonly problems: () => readonly Problem[]
}

/**
 * Tells systemd that we are ready, once the host was looked at (not once it is as it should be: that must not keep a
 * boot waiting); what state it is in; and, three times in each span of its watchdog, that work makes progress.
 */
export function startService(
  controller: Controller<Source>,
  { feeds, notify, watchdog, problems }: ServiceOptions,
): { record(event: ControllerEvent): void; end(): void } {
  const span = Number(watchdog ?? Number.NaN) / 1000 / 3
  let [isReady, told] = [false, '']
  const tell = (status: string): void => {
    if (isReady && status === told) return
    void notify([...(isReady ? [] : ['READY=1']), `STATUS=${status}`])
    isReady = true
    told = status
  }
  let timer: { cancel(): void } | undefined
  const tick = (): void => {
    if (health(controller.view()).ok) void notify(['WATCHDOG=1'])
    timer = feeds.after(span, tick)
  }
  if (span > 0) timer = feeds.after(span, tick)
  return {
    record: (event) => {
      if (event.type === 'stopping') void notify(['STOPPING=1', 'STATUS=ending; the data path stays'])
      if (event.type === 'observed' && !isReady) tell(event.known ? AT_WORK : UNREAD)
      if (event.type === 'pass') tell(summary(controller, problems()))
    },
    end: () => timer?.cancel(),
  }
}

const AT_WORK = 'the host was read, the first pass is under way'
const UNREAD = 'the host could not be read whole, the first pass is under way'

function summary(controller: Controller<Source>, problems: readonly Problem[]): string {
  const document = statusOf(controller.view(), problems)
  if (document === undefined) return 'the host has not been read yet'
  const [first] = document.errors
  const { containers, state } = document
  const running = containers.filter((one) => one.state !== 'absent').length
  const counts = `${running} of ${containers.length} containers present`
  return first === undefined
    ? `${state}; ${counts}`
    : `${state}: ${first.code} ${first.message.split('\n')[0]}`
}
