import type { Keeper } from '../../app/types.ts'
import type { Controller } from '../../controller/controller.ts'
import type { View } from '../../controller/view.ts'
import type { Plan, Problem } from '../../engine/types.ts'
import type { Source } from '../../report/background.ts'
import type { Pages, Verdict } from '../../report/http/pages.ts'
import { distinct, latestPlan } from '../../report/pass.ts'
import { statusDocument, type StatusDocument } from '../../report/status.ts'
import type { Feeds } from '../../system/feeds.ts'
import { jsonText } from '../../text/escape.ts'
import type { Metrics } from './metrics.ts'

/** Milliseconds without a step after which we do not call ourselves alive: a command ends after 30 s at the latest. */
export const STALLED = 90_000

/** What the controller knows, as `status -o json` prints it; undefined before the first pass. */
export function statusOf(
  { desired, pass, problems }: View<Source>,
  more: readonly Problem[],
): StatusDocument | undefined {
  if (pass === undefined) return undefined
  const plan = latestPlan(pass)
  const all = distinct([...problems, ...more, ...plan.problems])
  return statusDocument(desired.model, { ...plan, problems: all } satisfies Plan, pass.facts, desired.source)
}

export interface PagesOptions {
  readonly keeper: Keeper
  readonly metrics: Metrics
  readonly feeds: Feeds
}

/** The pages of the web server: from what is known, without looking at the host. */
export function createPages(
  controller: Controller<Source>,
  { keeper, metrics, feeds }: PagesOptions,
  more: () => readonly Problem[],
): Pages {
  let [version, known, text]: [number, readonly Problem[], string | undefined] = [-1, [], undefined]
  const metricsPage = metrics.pageOf(keeper, feeds)
  return {
    metrics: async () => metricsPage(controller.view().desired.model),
    status: () => {
      const view = controller.view()
      if (view.version !== version || known !== more()) {
        const document = statusOf(view, more())
        text = document === undefined ? undefined : jsonText(document)
        version = view.version
        known = more()
      }
      return text
    },
    health: () => health(controller.view()),
    ready: () => ready(controller.view()),
  }
}

export function health({ stalled }: View<Source>): Verdict {
  if (stalled < STALLED) return { ok: true, text: 'ok' }
  return { ok: false, text: `no step for ${Math.round(stalled / 1000)} s` }
}

function ready({ pass }: View<Source>): Verdict {
  if (pass === undefined) return { ok: false, text: 'the host has not been read yet' }
  return latestPlan(pass).known
    ? { ok: true, text: 'ok' }
    : { ok: false, text: 'the host cannot be read whole' }
}
