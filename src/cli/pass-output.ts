import type { PassReport } from '../engine/types.ts'
import { jsonText } from '../text/escape.ts'
import type { Background } from '../report/background.ts'
import { latestPlan, passProblems } from '../report/pass.ts'
import { reconcileDocument } from '../report/plan-json.ts'
import { planMarkdown } from '../report/plan-markdown.ts'
import { planDnsText, planText, resultText } from '../report/plan-text.ts'
import { plural } from '../report/summary.ts'
import { printDocument, printProblems, printText, stdoutStyle, type Context } from './context.ts'

/**
 * Prints a pass in the format asked for: its plan (unless `planShown`), what was done, and what is in the way. Without
 * a source nothing is wished for, as in `teardown`.
 */
export function printPass(
  context: Context,
  pass: PassReport,
  background: Background,
  planShown = false,
): void {
  const { output } = context.args
  const { source, routes } = background
  if (output === 'json') printDocument(context, jsonText(reconcileDocument(pass, background)))
  if (output === 'markdown') {
    printDocument(
      context,
      planMarkdown(pass.plan, source?.name ?? 'teardown', background, passProblems(pass)),
    )
  }
  if (output === 'text') {
    const style = stdoutStyle(context, source?.name)
    if (!planShown && pass.lockedBy === undefined) printText(context, planText(pass.plan, style))
    printText(context, resultText(pass, style))
    // Last, because it is what is left to do.
    printText(context, planDnsText(pass.plan, routes))
  }
  printProblems(context, [...passProblems(pass), ...heldBackProblem(pass)], source)
}

/** Held back is no error of the host's: it is said beside the errors because the exit code comes from it. */
function heldBackProblem(pass: PassReport) {
  const count = latestPlan(pass).heldBack.length
  if (count === 0) return []
  const message = `${plural(count, 'change')} held back by the policy in the file`
  return [
    {
      code: 'S64-G001',
      message,
      hint: 'see policy.prune and policy.maxDeletes in network.yaml; --allow-deletes lets as many go once',
    },
  ]
}
