import type { PassReport, Plan } from '../engine/types.ts'
import { visible } from '../text/escape.ts'
import type { RouteView } from './background.ts'
import { dnsText, touchedDns } from './dns.ts'
import { isConverged, isInSync, latestPlan } from './pass.ts'
import { changeRows, type TextStyle } from './rows.ts'
import { countsText, plural, restText, summarise } from './summary.ts'

export interface PlanTextStyle extends TextStyle {
  /** The configuration's name; undefined when nothing is wished for, as in `teardown`. */
  readonly file: string | undefined
}

/**
 * The plan for people: a line for each change in the order of apply, what is hidden, and the sum; where changes touch
 * routes, the DNS that their names should have comes last.
 */
export function planText(plan: Plan, style: PlanTextStyle, routes?: RouteView): string {
  if (!plan.known) return 'Plan: unknown, because the host could not be read whole; nothing is planned.\n'
  if (isInSync(plan)) return `${inSyncText(plan, style)}\n`
  const summary = summarise(plan)
  const rows = changeRows(plan.changes, plan.heldBack, style)
  const hidden = `    ${style.paint('faint', `(${restText(summary)}, hidden)`)}`
  const errors = plan.problems.length === 0 ? '' : ` ${plural(plan.problems.length, 'error')} in the way.`
  const sum = `Plan: ${countsText(summary)}.${errors}\n`
  return `${[...rows, hidden, sum].join('\n')}${planDnsText(plan, routes)}`
}

/** A blank line and the DNS of the names that the plan touches; empty without such. */
export function planDnsText(plan: Plan, routes: RouteView | undefined): string {
  const text = plan.known ? dnsText(touchedDns(plan, routes)) : ''
  return text === '' ? '' : `\n${text}`
}

function inSyncText(plan: Plan, style: PlanTextStyle): string {
  const rest = restText(summarise(plan))
  if (style.file === undefined) return `Nothing to remove: nothing on this host bears our mark (${rest}).`
  return `No changes: the host is what ${visible(style.file)} says (${rest}).`
}

/** What a pass did, to be printed below its plan; empty when there was nothing to do, or the lock was held. */
export function resultText(pass: PassReport, style: PlanTextStyle): string {
  if (pass.lockedBy !== undefined || isInSync(pass.plan)) return ''
  const [planned, applied] = [pass.plan.changes.length, pass.applied.length]
  // Problems are no measure: one of them may stand for many changes that failed for the same reason.
  const failed = pass.failedChanges?.length ?? planned - applied
  const unbegun = planned - applied - failed
  const others = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unbegun > 0 ? [`${unbegun} not begun`] : []),
  ]
  const done = [`Applied ${applied} of ${plural(planned, 'change')}`, ...others].join(', ')
  return isConverged(pass) ? `${done}: ${wish(style)}.\n` : `${done}. ${leftText(pass, style)}`
}

function wish(style: PlanTextStyle): string {
  if (style.file === undefined) return 'nothing of ours is left'
  return `the host is what ${visible(style.file)} says`
}

function leftText(pass: PassReport, style: PlanTextStyle): string {
  // Told to end: the plan is from before what was done since.
  if (pass.remaining === undefined && wasTried(pass)) return 'What is left was not looked at.\n'
  const latest = latestPlan(pass)
  if (!latest.known) return 'What is left is unknown, because the host could not be read whole.\n'
  const rows = changeRows(latest.changes, latest.heldBack, style)
  if (rows.length === 0) return 'Nothing else differs.\n'
  return `${['Still different:', ...rows].join('\n')}\n`
}

function wasTried({ applied, failedChanges }: PassReport): boolean {
  return applied.length + (failedChanges?.length ?? 0) > 0
}
