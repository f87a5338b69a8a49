import { fenced } from '../report/fenced.ts'
import { plain } from '../text/paint.ts'
import { jsonText } from '../text/escape.ts'
import { statusDocument } from '../report/status.ts'
import { statusText } from '../report/status-text.ts'
import { withModel } from './config-file.ts'
import { printDocument, printProblems, printText, stdoutStyle, type Context } from './context.ts'
import { statusExit, type ExitCode } from './exit.ts'

/** `slash64 status`: the state in one word, then what each container and route should have and has. */
export async function status(context: Context): Promise<ExitCode> {
  return withModel(context, async (model, source) => {
    const app = await context.app()
    const { plan, facts } = await app.plan(model)
    const document = statusDocument(model, plan, facts, source)
    const style = stdoutStyle(context, source.name)
    const { output } = context.args
    if (output === 'json') printDocument(context, jsonText(document))
    else if (output === 'markdown')
      printDocument(context, fenced(statusText(document, plan, { ...style, paint: plain }, source)))
    else printText(context, statusText(document, plan, style, source))
    // The text has the errors where they belong; quiet, it is not shown.
    if (context.args.quiet) printProblems(context, plan.problems, source)
    return statusExit(plan, context.args.detailedExitcode)
  })
}
