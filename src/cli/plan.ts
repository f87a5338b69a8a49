import { jsonText } from '../text/escape.ts'
import { planDocument } from '../report/plan-json.ts'
import { planMarkdown } from '../report/plan-markdown.ts'
import { planText } from '../report/plan-text.ts'
import { noteUnsupported, withModel } from './config-file.ts'
import { printDocument, printProblems, printText, stdoutStyle, type Context } from './context.ts'
import { planExit, type ExitCode } from './exit.ts'

/** `slash64 plan`: observes and prints the difference; cannot change the host. */
export async function plan(context: Context): Promise<ExitCode> {
  return withModel(context, async (model, name) => {
    noteUnsupported(context, model)
    const app = await context.app()
    const result = await app.plan(model)
    if (context.args.output === 'json') printDocument(context, jsonText(planDocument(result.plan)))
    else if (context.args.output === 'markdown') printDocument(context, planMarkdown(result.plan, name))
    else printText(context, planText(result.plan, stdoutStyle(context, name)))
    printProblems(context, result.plan.problems)
    return planExit(result.plan, context.args.detailedExitcode)
  })
}
