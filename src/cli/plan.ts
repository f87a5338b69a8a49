import { jsonText } from '../text/escape.ts'
import { planDocument } from '../report/plan-json.ts'
import { planMarkdown } from '../report/plan-markdown.ts'
import { planText } from '../report/plan-text.ts'
import { withModel } from './config-file.ts'
import { printDocument, printProblems, printText, stdoutStyle, type Context } from './context.ts'
import { planExit, type ExitCode } from './exit.ts'

/** `slash64 plan`: observes and prints the difference; cannot change the host. */
export async function plan(context: Context): Promise<ExitCode> {
  return withModel(context, async (model, source) => {
    const app = await context.app()
    const { plan: found, facts } = await app.plan(model, context.args.allow)
    const background = { source, routes: { model, upstream: facts.upstream } }
    const { output, detailedExitcode } = context.args
    if (output === 'json') printDocument(context, jsonText(planDocument(found, background)))
    else if (output === 'markdown') printDocument(context, planMarkdown(found, source.name, background))
    else printText(context, planText(found, stdoutStyle(context, source.name), background.routes))
    printProblems(context, [...found.problems, ...(found.warnings ?? [])], source)
    return planExit(found, detailedExitcode)
  })
}
