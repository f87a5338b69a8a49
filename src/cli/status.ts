import { fenced } from '../report/fenced.ts'
import { plain } from '../text/paint.ts'
import { jsonText } from '../text/escape.ts'
import { statusDocument } from '../report/status.ts'
import { statusText } from '../report/status-text.ts'
import { noteUnsupported, withModel } from './config-file.ts'
import { printDocument, printProblems, printText, stdoutStyle, type Context } from './context.ts'
import { statusExit, type ExitCode } from './exit.ts'

/** `slash64 status`: the state in one word, then what each container should have and has. */
export async function status(context: Context): Promise<ExitCode> {
  return withModel(context, async (model, name) => {
    noteUnsupported(context, model)
    const app = await context.app()
    const { plan, facts } = await app.plan(model)
    const document = statusDocument(model, plan, facts)
    if (context.args.output === 'json') printDocument(context, jsonText(document))
    else if (context.args.output === 'markdown')
      printDocument(
        context,
        fenced(statusText(document, plan, { ...stdoutStyle(context, name), paint: plain })),
      )
    else printText(context, statusText(document, plan, stdoutStyle(context, name)))
    // The text has the errors where they belong; quiet, it is not shown.
    if (context.args.quiet) printProblems(context, plan.problems)
    return statusExit(plan, context.args.detailedExitcode)
  })
}
